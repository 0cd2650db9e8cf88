// Building the families of one flow: first every statement is declared (names, loops, guards,
// families without arguments), then wired (arguments, order, limits), so that a name may be used
// before its line. Private to check/.
#pragma once

#include "compiler/check/session.h"

namespace wfc::check {

/// A block of statements: what holds for every family made in it.
struct Block {
  Place place;
  std::string prefix;  ///< path of flow calls, `sub.`
  std::string pool;
  Scope* flowScope = nullptr;  ///< where families' names are entered
  std::vector<const syntax::After*> afters;
  int64_t priority = 0;
  size_t around = 0;  ///< loops around the call of this flow
  size_t branch =
      0;  ///< > 0: inside a branch of an `if`; two branches of one `if` share a family's name
};

/// True for a list that depends on the element of an outer loop; only the head of a loop may run
/// over one.
bool isNestedList(const Session& s, ir::SpaceId space);
/// Turns the nested list that a loop runs over into a known set and a guard.
void nestList(Session& s, ir::LoopId loop, Place& place, Range at);

/// The statements of a block, each after those that bind what its head reads; names that go round
/// in a circle are noted in the session.
std::vector<syntax::Stmt*> inOrderOfNeed(Session& s, const std::vector<syntax::Stmt*>& stmts,
                                         const Scope& scope);

/// `scatter` and `gather`, where no declaration of the user has that name.
bool isConversion(const syntax::Expr& call, const Scope& scope);

class FlowBuilder {
 public:
  explicit FlowBuilder(Session& s) : s_(s) {}

  /// Declares and wires the statements of a flow whose parameters are already in `block.flowScope`.
  void build(const syntax::FlowDecl& flow, Block block);
  /// Wires what has been declared so far.
  void wireAll();

 private:
  // families.cpp
  Made* declareCall(const syntax::Expr& call, const syntax::BindStmt& bind, const Found& task,
                    Block& block);
  Made* enterMade(const syntax::Name& name, ir::FamilyId family, Block& block, Range at,
                  const syntax::Decl* decl = nullptr);
  std::string storeAddress(const syntax::Expr& expr, Block& block);
  bool addAwaited(const syntax::Expr& expr, Block& block, ir::Family::WaitFor& wait);
  std::optional<ir::Family::Awaited> awaited(const syntax::Expr& expr, Block& block);
  void declareWait(const syntax::BindStmt& bind, Block& block);
  // disks.cpp
  void declareConversion(const syntax::BindStmt& bind, Block& block);
  ir::FamilyId addFamily(std::string name, Block& block, Range at);
  llvm::StringMap<ir::Value> dependentArgs(const syntax::Expr& call, const Found& task,
                                           Block& block);
  void wireArguments(ir::FamilyId family, const syntax::Expr& call, const Found& task,
                     Block& block);
  void wireFlowTails(const std::vector<ir::FamilyId>& families, const std::string& name,
                     const syntax::Tails& tails, Block& block);
  void wireTails(ir::FamilyId family, const syntax::Tails& tails, Block& block);
  ir::ExprId checkArgument(const syntax::Arg& arg, const ir::Input& input, Range declaredAt,
                           std::string hint, Block& block);
  void addHook(const std::vector<syntax::Stmt*>& body, ir::Family::HookOn on, Block& block);

  // flows.cpp
  void declare(const syntax::Stmt& stmt, Block& block);
  void declareAll(const std::vector<syntax::Stmt*>& stmts, Block& block);
  void declareBind(const syntax::Stmt& stmt, const syntax::BindStmt& bind, Block& block);
  void declareFor(const syntax::Stmt& stmt, const syntax::ForStmt& loop, Block& block);
  void declareIf(const syntax::IfStmt& branch, Block& block);
  void declareRepeat(const syntax::Stmt& stmt, const syntax::RepeatStmt& repeat, Block& block);
  void bindParameters(const syntax::BindStmt& bind, const Found& flow, const Block& inner,
                      Block& block);
  void declareSubflow(const syntax::BindStmt& bind, const Found& flow, Block& block);
  void declarePool(const syntax::Stmt& stmt, const syntax::PoolStmt& pool, Block& block);
  void declareIn(const syntax::InStmt& in, Block& block);
  void declareBudget(const syntax::Stmt& stmt, const syntax::BudgetStmt& budget, Block& block);
  void reportUnused();
  void nameChosen();
  ir::LoopId addLoop(const syntax::Name& variable, ir::SpaceId space, Block& block);
  Operand domain(const syntax::Binder& binder, Block& block);
  void nameKeys(const Operand& member, ir::SpaceId base, Range at, Scope& scope);
  void groupBy(ir::LoopId loop, const syntax::Expr& grouped);
  std::optional<ir::Limit> limit(const syntax::Limit& written, Block& block);
  int64_t priority(const syntax::Name& name);

  Session& s_;
  std::vector<std::function<void()>> pending_;  ///< wiring, in order of text
  /// Names of values and sets, and where they are known.
  std::vector<std::pair<const Scope*, syntax::Name>> values_;
  size_t branches_ = 0;
};

}  // namespace wfc::check
