// What the files of this folder share while one module is made: the module, the reports, the files
// read so far, and the things a name can stand for. Private to check/.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <unordered_map>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include "compiler/check/check.h"
#include "compiler/check/task_head.h"
#include "compiler/ir/eval.h"
#include "compiler/ir/space.h"

namespace wfc::check {

using llvm::ArrayRef;
using llvm::StringRef;
using source::Range;

struct Scope;
struct Unit;

/// A name bound to one call (or to one in each branch of an `if`): a family, seen from outside.
struct Made {
  std::string name;
  std::vector<ir::FamilyId> families;
  std::vector<ir::LoopId> loops = {};
  size_t around = 0;  ///< loops around the call of the flow that makes it: inside of it not named
  Range at;
  Range task = {};  ///< the name of the task, where the call has no name of its own
  bool used = false;
  bool broken = false;  ///< of a task that has a mistake: naming it stays silent
};

/// What an expression turned out to be.
struct Operand {
  enum Kind : uint8_t {
    Error,
    Value,   ///< expr, type
    Space,   ///< an ordered set: a sweep, a cycle, a run-time set
    Made,    ///< instances: made, ref (as far as brackets and quantifiers have said)
    Bundle,  ///< the outputs of a flow that was called: scope
  };
  Kind kind = Error;
  Range range;
  ir::ExprId expr{};
  ir::TypeId type{};
  ir::SpaceId space{};
  const check::Made* made = nullptr;
  ir::Ref ref;
  bool indexed = false;  ///< brackets were given
  bool outputChosen = false;
  bool isRounded = false;  ///< a quotient of whole numbers that leaves a remainder, or may
  ir::TypeId refType{};    ///< type of one instance's output
  const Scope* scope = nullptr;
  StringRef onlyOutput = {};  ///< its name in the flow whose call has it as its one output
};

/// What a name stands for.
struct Symbol {
  enum Kind : uint8_t { Operand, LoopVariable, Declaration, Module, Made, Pool };
  Kind kind = Operand;
  check::Operand operand;
  ir::LoopId loop{};
  const syntax::Decl* decl = nullptr;
  Unit* unit = nullptr;  ///< of Declaration: where it is declared; of Module: the imported file
  check::Made* made = nullptr;
  StringRef onlyOutput = {};  ///< of the call of a flow that has one output: the output's name
  Range at;
  mutable bool used = false;
  bool mayBeUnused = false;
};

/// Names visible at a place. `find` looks outwards.
struct Scope {
  const Scope* parent = nullptr;
  llvm::StringMap<Symbol> names;
  const Symbol* find(StringRef name) const;
  const Symbol* findHere(StringRef name) const;
  /// All visible names, for suggestions; in no order, and some of them twice.
  std::vector<std::string> visible() const;
};

/// One source file with its declarations.
struct Unit {
  std::string name;  ///< module name; empty for the main file
  std::string folder;
  const syntax::Tree* tree = nullptr;
  syntax::Tree owned;
  Scope scope;
  /// What every task may name without having declared it (`tmp`, `attempt`), between its own names
  /// and the file's; filled with the first task.
  Scope taskWords;
  bool isStdlib = false;
};

/// Where an expression stands: its names, the loops around it, the guards that hold there, the task
/// being checked.
struct Place {
  Scope* scope = nullptr;
  Unit* unit = nullptr;
  std::vector<ir::LoopId> loops = {};
  std::vector<ir::Guard> guards = {};
  /// In a task's clauses: which of inputs, outputs and needs may be read. Empty outside.
  const ir::Task* task = nullptr;
  bool isPool = false;  ///< in the clauses of a pool, which are read as those of a task
  bool inBody = false;
};

struct Session {
  Session(source::Sources& sources, const Request& request, diag::Emitter& emitter)
      : sources(sources), request(request), emitter(emitter) {}

  source::Sources& sources;
  const Request& request;
  diag::Emitter& emitter;
  ir::Module module;
  std::deque<Unit> units;
  std::deque<Scope> scopes;
  std::deque<Made> made;
  llvm::DenseMap<const syntax::Decl*, ir::TypeId> nominal;    ///< enums and records already entered
  llvm::DenseMap<ir::TypeId, const syntax::Decl*> nominalOf;  ///< the other way round
  std::vector<ir::TypeId> openRecords;                        ///< whose fields are being read
  llvm::DenseMap<const syntax::Decl*, ir::KindId> kinds;
  llvm::DenseMap<const syntax::Decl*, std::vector<std::pair<std::string, ir::TaskId>>>
      tasks;  ///< by dependent arguments
  std::unordered_map<const syntax::Decl*, TaskHead> taskHeads;
  llvm::StringMap<size_t> taskNames;  ///< how many tasks have this name
  llvm::DenseMap<const syntax::Decl*, Operand> constants;
  std::vector<const syntax::Decl*>
      inProgress;                   ///< constants, kinds and flows being evaluated (cycles)
  llvm::StringMap<Range> circular;  ///< names of a flow that cannot be bound before they are read
  /// Axes of `vary` spaces, for `.names` and `.varies(c)`: space of records -> base and axis
  /// fields.
  struct Axes {
    ir::Value base;
    std::vector<std::string> names;
  };
  llvm::DenseMap<ir::TypeId, Axes> axes;
  std::vector<const syntax::Decl*>
      broken;                       ///< tasks whose program is unknown: calls of them stay silent
  std::deque<std::string> strings;  ///< names made here (`start_date` of `--start-date`)
  size_t flow = 0;                  ///< number of the flow, for the watcher

  StringRef keep(std::string text) { return strings.emplace_back(std::move(text)); }

  template <class D>
  void report(Range at, D d) {
    emitter.report(at, std::move(d));
  }

  /// Tells that a name stands for what is declared there.
  void named(Range at, Range declaredAt) const {
    if (request.watcher && declaredAt.valid()) request.watcher->onName(at, declaredAt);
  }

  Scope* newScope(const Scope* parent) {
    scopes.emplace_back();
    scopes.back().parent = parent;
    return &scopes.back();
  }
  ir::Loc loc(Range range);
  Range rangeOf(const ir::Loc& loc) const;
  StringRef text(Range range) const;

  // -- building expressions (build.cpp): constants are folded at once, a mistake in folding is
  // reported at `range`
  ir::ExprId constant(ir::Value value, ir::TypeId type, Range range);
  ir::ExprId make(ir::Op op, ir::TypeId type, std::vector<ir::ExprId> args, Range range,
                  uint32_t index = 0);
  ir::ExprId make(ir::Op op, ir::TypeId type, std::vector<ir::ExprId> args, Range range,
                  std::string text);
  ir::ExprId make(ir::Expr expr, Range range);
  ir::ExprId errorExpr(Range range);
  /// Notes for how long a secret is good.
  void addSecret(const std::string& command, int64_t lifeMs);
  /// By value: a pointer into the module would not outlive the next expression made.
  std::optional<ir::Value> constantOf(ir::ExprId expr) const;
  bool isBroken(const syntax::Decl* decl) const {
    return std::find(broken.begin(), broken.end(), decl) != broken.end();
  }
  bool isError(ir::TypeId type) const { return module.types[type].kind == ir::Type::Error; }
  Operand value(ir::ExprId expr, Range range) const;
  Operand errorOperand(Range range) { return value(errorExpr(range), range); }
  Operand constantOperand(ir::Value value, ir::TypeId type, Range range) {
    return this->value(constant(std::move(value), type, range), range);
  }
};

using TK = ir::Type::Kind;
inline ir::TypeId basic(ir::Type::Kind kind) { return ir::Types::basic(kind); }

// ---- types.cpp
inline std::string typeText(const Session& s, ir::TypeId type) { return typeText(s.module, type); }
ir::TypeId resolveType(Session& s, const syntax::TypeRef& type, Place& place);
ir::KindId resolveKind(Session& s, const syntax::Decl& decl, Unit& unit, ArrayRef<ir::ExprId> args,
                       Range at);
ir::TypeId resolveNominal(Session& s, const syntax::Decl& decl, Unit& unit);
/// Converts an operand's expression to `to`, or reports. Null id only if the operand was already an
/// error.
ir::ExprId convert(Session& s, const Operand& operand, ir::TypeId to, StringRef what);
/// The same for an argument; where its parameter is declared and a hint say more in the report.
struct Asked {
  StringRef what;
  Range declaredAt;
  std::string hint;
};
ir::ExprId convert(Session& s, const Operand& operand, ir::TypeId to, Asked asked);
bool convertible(const Session& s, ir::TypeId from, ir::TypeId to, const ir::Value* constant);
bool isArtifact(const Session& s, ir::TypeId type);

// ---- names.cpp
const Symbol* lookUp(Session& s, const syntax::Name& name, const Place& place,
                     bool reportUnknown = true);
/// True for what is left of a declaration that could not be read: the parser has said why.
bool isUnread(const syntax::Decl& decl);
Found findDecl(Session& s, const syntax::Expr& expr, const Place& place);
void define(Session& s, Scope& scope, const syntax::Name& name, Symbol symbol);
Unit* loadMain(Session& s, const syntax::Tree& tree);

// ---- expressions.cpp
Operand checkExpr(Session& s, const syntax::Expr& expr, Place& place, ir::TypeId expected = {});
/// The operand as a value: families become references, spaces become lists.
Operand asValue(Session& s, Operand operand, Place& place);
/// checkExpr, asValue and convert in one.
ir::ExprId checkAs(Session& s, const syntax::Expr& expr, Place& place, ir::TypeId type,
                   StringRef what);
/// A constant of the type, or nullopt after a report.
std::optional<ir::Value> checkConstant(Session& s, const syntax::Expr& expr, Place& place,
                                       ir::TypeId type, StringRef what);
Operand checkString(Session& s, const syntax::Expr& expr, Place& place);
Operand fieldOf(Session& s, Operand base, const syntax::Name& name, Place& place);

// ---- calls.cpp
Operand checkBuiltin(Session& s, const syntax::Expr& call, Place& place);
bool isBuiltin(StringRef name);
Operand makeRecord(Session& s, const syntax::Expr& call, const Found& record, Place& place);

// ---- spaces.cpp
Operand spaceOperand(Session& s, ir::Space space, Range range);
std::optional<ir::SpaceId> asSpace(Session& s, const Operand& operand, Place& place);
Operand checkSweep(Session& s, const syntax::Expr& call,
                   Place& place);  ///< product zip vary rows records files
bool isSweep(StringRef name);
Operand checkRange(Session& s, const syntax::Expr& expr, Place& place);
Operand checkCycle(Session& s, const syntax::Expr& expr, Place& place);
Operand checkStep(Session& s, const syntax::Expr& expr, Place& place);
Operand checkBatches(Session& s, const syntax::Expr& expr, Place& place);
Operand checkGrouped(Session& s, const syntax::Expr& expr, Place& place);
Operand checkCast(Session& s, const syntax::Expr& expr, Place& place);

// ---- tables.cpp: rows("x.csv"), records("x.toml")
std::optional<std::vector<ir::Value>> readTable(Session& s, const syntax::Expr& call, Place& place,
                                                ir::TypeId record);
/// A text (of a CSV cell, a TOML value, `-p`) as a value of the type.
std::optional<ir::Value> parseAs(Session& s, StringRef text, ir::TypeId type, std::string& why);

// ---- references.cpp
Operand referTo(Session& s, const Made& made, Range range);
/// What a symbol of a value or of instances is where it is named.
Operand operandOf(Session& s, const Symbol& symbol, Range range);
Operand checkIndex(Session& s, const syntax::Expr& expr, Place& place);
Operand checkQuantifier(Session& s, const syntax::Expr& expr, Place& place);
Operand checkOtherwise(Session& s, const syntax::Expr& expr, Place& place, ir::TypeId expected);
Operand referenceValue(Session& s, Operand operand, Place& place);
/// The reference alone, for `after`, `publish` and spaces.
std::optional<ir::RefId> reference(Session& s, Operand operand, Place& place, bool valueless);

// ---- tasks.cpp, bodies.cpp, needs.cpp
/// The task of a declaration; `dependent` gives the constants of the parameters that its types
/// depend on.
ir::TaskId resolveTask(Session& s, const syntax::Decl& decl, Unit& unit,
                       llvm::StringMap<ir::Value> dependent);
/// What callers see of a task; found once.
const TaskHead& taskHead(Session& s, const syntax::Decl& decl, Unit& unit);
void checkBody(Session& s, const syntax::Script& script, Place& place, ir::Task& task,
               ir::Body& body);
void programBody(Session& s, const syntax::ProgramDecl& program, ir::Task& task, Place& place,
                 Range at);
void checkClauses(Session& s, const syntax::Clauses& clauses, Place& place, ir::Task& task);
/// A duration literal or constant in milliseconds.
int64_t checkDuration(Session& s, const syntax::Expr& expr, Place& place, StringRef what);
int64_t checkCount(Session& s, const syntax::Expr& expr, Place& place, StringRef what,
                   int64_t least = 1);
std::optional<ir::Outcome> checkOutcome(Session& s, const syntax::Name& name, bool causesOnly);

// ---- shell.cpp: mistakes of quoting inside script blocks
void lintScript(Session& s, const syntax::Script& script, Place& place, const ir::Body& body);
/// What a template left to be filled in: `<YOUR_PROJECT>`, `@USER@`.
void lintPlaceholders(Session& s, StringRef text, Range at);

// ---- flows.cpp, families.cpp, proofs.cpp
void checkFlow(Session& s, const syntax::Decl& decl, Unit& unit);
void proveFlow(Session& s, const syntax::Decl& decl);

}  // namespace wfc::check
