// The order in which the statements of a block are declared: a statement whose head reads a name
// (the set of a loop, a condition, a value, an argument of a flow) comes after the one that binds
// it, wherever that stands; otherwise the order of text.
#include "llvm/ADT/DenseSet.h"

#include "compiler/check/flow.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;
using syntax::Stmt;

namespace {

/// The declaration that a callee names, without a word if there is none.
const syntax::Decl* calleeOf(const Expr& callee, const Scope& scope) {
  const Symbol* symbol = nullptr;
  if (callee.kind == ExprKind::Name) {
    for (const Scope* at = &scope; at && !symbol; at = at->parent)
      if (symbol = at->findHere(callee.name.text); symbol && symbol->kind != Symbol::Declaration)
        symbol = nullptr;
  } else if (callee.kind == ExprKind::Field && callee.a->kind == ExprKind::Name) {
    const Symbol* module = scope.find(callee.a->name.text);
    if (module && module->kind == Symbol::Module && module->unit)
      symbol = module->unit->scope.findHere(callee.name.text);
  }
  return symbol ? symbol->decl : nullptr;
}

class Orderer {
 public:
  Orderer(ArrayRef<Stmt*> stmts, const Scope& scope) : stmts_(stmts), scope_(scope) {
    for (size_t at = 0; at < stmts.size(); ++at) enter(*stmts[at], at);
  }

  std::vector<Stmt*> work(llvm::StringMap<Range>& circular) {
    needs_.resize(stmts_.size());
    for (size_t at = 0; at < stmts_.size(); ++at) {
      at_ = at;
      addHead(*stmts_[at]);
    }
    states_.assign(stmts_.size(), Unseen);
    for (size_t at = 0; at < stmts_.size(); ++at) visit(at);
    for (const auto& [name, range] : broken_) circular[name] = range;
    return std::move(order_);
  }

 private:
  enum State : uint8_t { Unseen, Open, Done };
  struct Binding {
    size_t stmt;
    Range at;
    bool isValue;
  };
  struct Need {
    StringRef name;
    bool isSoft;  ///< an argument of a task: only a value has to be there before
  };

  // ---- who binds what

  void enter(const syntax::Name& name, size_t at, bool isValue = false) {
    if (name) bound_.try_emplace(name.text, Binding{at, name.range, isValue});
    hasValues_ |= isValue;
  }

  bool isOfFamilies(const Expr& value) const {
    if (value.kind == ExprKind::Await) return true;
    const syntax::Decl* decl = value.kind == ExprKind::Call ? calleeOf(*value.a, scope_) : nullptr;
    return decl && !std::holds_alternative<syntax::ConstDecl>(decl->as);
  }

  void enter(const Stmt& stmt, size_t at) {
    if (auto* bind = std::get_if<syntax::BindStmt>(&stmt.as)) {
      bool isOfFamilies = this->isOfFamilies(*bind->value);
      enter(bind->name, at, !isOfFamilies);
      if (!bind->name && isOfFamilies && bind->value->kind == ExprKind::Call)
        enter(bind->value->a->name, at);
    } else if (auto* pool = std::get_if<syntax::PoolStmt>(&stmt.as)) {
      enter(pool->name, at);
    }
    forEachBody(stmt, [&](const Stmt& inner) { enter(inner, at); });
  }

  template <class Visit>
  static void forEachBody(const Stmt& stmt, Visit visit) {
    auto all = [&](const std::vector<Stmt*>& body) {
      for (const Stmt* inner : body) visit(*inner);
    };
    if (auto* loop = std::get_if<syntax::ForStmt>(&stmt.as)) all(loop->body);
    if (auto* repeat = std::get_if<syntax::RepeatStmt>(&stmt.as)) all(repeat->body);
    if (auto* in = std::get_if<syntax::InStmt>(&stmt.as)) all(in->body);
    if (auto* branch = std::get_if<syntax::IfStmt>(&stmt.as)) {
      all(branch->then);
      all(branch->otherwise);
    }
  }

  // ---- what a head reads

  void addName(StringRef name, bool isSoft) {
    auto found = bound_.find(name);
    if (found == bound_.end()) return;
    if (found->second.stmt == at_) {
      if (!isSoft && found->second.isValue) broken_[name] = found->second.at;
      return;
    }
    if (!isSoft || found->second.isValue) needs_[at_].push_back({name, isSoft});
  }

  void addExpr(const Expr* expr, bool isSoft = false) {
    if (!expr) return;
    if (expr->kind == ExprKind::Name) addName(expr->name.text, isSoft);
    for (const Expr* part : {expr->a, expr->b, expr->c}) addExpr(part, isSoft);
    for (const syntax::Arg& arg : expr->args) {
      if (!arg.value) addName(arg.name.text, isSoft);
      addExpr(arg.value, isSoft);
    }
    for (const Expr* item : expr->items) addExpr(item, isSoft);
    for (const syntax::StringPart& part : expr->parts) addExpr(part.hole, isSoft);
  }

  /// The arguments of a task are wired when all names are known, but for those that a type depends
  /// on.
  void addValue(const Expr& value) {
    if (value.kind == ExprKind::Await) return;
    const syntax::Decl* decl = value.kind == ExprKind::Call ? calleeOf(*value.a, scope_) : nullptr;
    bool isTask = decl && std::holds_alternative<syntax::TaskDecl>(decl->as);
    if (!isTask || hasValues_) addExpr(&value, isTask);
  }

  void addHead(const Stmt& stmt) {
    if (auto* bind = std::get_if<syntax::BindStmt>(&stmt.as)) addValue(*bind->value);
    if (auto* loop = std::get_if<syntax::ForStmt>(&stmt.as)) {
      for (const syntax::Binder& binder : loop->binders) addValue(*binder.domain);
      for (const syntax::Limit& limit : loop->tails.limits)
        for (const Expr* part : {limit.count, limit.refill, limit.per}) addExpr(part);
    }
    if (auto* branch = std::get_if<syntax::IfStmt>(&stmt.as)) addExpr(branch->condition);
    if (auto* repeat = std::get_if<syntax::RepeatStmt>(&stmt.as)) addExpr(repeat->most);
    if (auto* in = std::get_if<syntax::InStmt>(&stmt.as)) addName(in->pool.text, false);
    if (auto* budget = std::get_if<syntax::BudgetStmt>(&stmt.as)) addExpr(budget->amount);
    if (auto* pool = std::get_if<syntax::PoolStmt>(&stmt.as))
      for (const syntax::Need& need : pool->clauses.needs) addExpr(need.value);
    forEachBody(stmt, [&](const Stmt& inner) { addHead(inner); });
  }

  // ---- one after the other

  void visit(size_t at) {
    if (states_[at] != Unseen) return;
    states_[at] = Open;
    for (const Need& need : needs_[at]) {
      const Binding& binding = bound_.find(need.name)->second;
      if (states_[binding.stmt] == Open) {
        if (!need.isSoft) broken_[need.name] = binding.at;
        continue;
      }
      if (!need.isSoft || !waitsForOpen(binding.stmt)) visit(binding.stmt);
    }
    states_[at] = Done;
    order_.push_back(stmts_[at]);
  }

  /// A value that is made from what is being declared: the argument can wait, the value cannot.
  bool waitsForOpen(size_t at) const {
    llvm::SmallVector<size_t, 8> todo{at};
    llvm::SmallDenseSet<size_t> seen{at};
    while (!todo.empty()) {
      for (const Need& need : needs_[todo.pop_back_val()]) {
        size_t next = bound_.find(need.name)->second.stmt;
        if (need.isSoft || states_[next] == Done) continue;
        if (states_[next] == Open) return true;
        if (seen.insert(next).second) todo.push_back(next);
      }
    }
    return false;
  }

  ArrayRef<Stmt*> stmts_;
  const Scope& scope_;
  llvm::StringMap<Binding> bound_;
  bool hasValues_ = false;
  size_t at_ = 0;
  std::vector<std::vector<Need>> needs_;
  std::vector<State> states_;
  std::vector<Stmt*> order_;
  llvm::StringMap<Range> broken_;
};

}  // namespace

std::vector<Stmt*> inOrderOfNeed(Session& s, const std::vector<Stmt*>& stmts, const Scope& scope) {
  return Orderer(stmts, scope).work(s.circular);
}

}  // namespace wfc::check
