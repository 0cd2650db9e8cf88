// The Tree: what was written, nothing more. Plain structs allocated in one arena; every node knows
// its range; text fields are slices of the source buffer (owned by source::Sources), or of the
// arena where escapes were resolved. A tree may have holes (ExprKind::Hole, null pointers are never
// used for required children), because parsing never fails.
//
// What it does not hold: types, scopes, meaning (see check/), layout (comments and blank lines are
// kept apart in `comments` for the formatter and the editor).
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "llvm/Support/Allocator.h"

#include "compiler/source/sources.h"
#include "compiler/syntax/tree_clause.h"
#include "compiler/syntax/tree_expr.h"

namespace wfc::syntax {

struct Stmt;

/// What may follow a call, a loop head or a hook: `limit 30 refill 15`, `limit 1 per 10s`,
/// `priority low`, `deadline 6h`, `after x`, `after ended x`, `on node`, `on store "…"`, `keep on
/// failed`, `on failed { … }`.
struct Limit {
  Expr* count = nullptr;
  Expr* refill = nullptr;
  Expr* per = nullptr;  ///< set: a rate
  Range range;
};
struct After {
  bool ended = false;
  Expr* what = nullptr;
  Range range;
};
struct OnOutcome {
  ArrayRef<Name> outcomes;
  std::vector<Stmt*> body;
  Range range;
};
struct Tails {
  std::vector<Limit> limits;
  std::vector<After> afters;
  std::vector<OnOutcome> hooks;
  Name priority;
  Expr* deadline = nullptr;
  bool onNode = false;
  Range onNodeAt;
  Expr* onStore = nullptr;
  bool keepOnFailed = false;
};

/// A statement of a flow.
struct BindStmt {  ///< `[temp|keep] name = value tails`; name empty: a call without a name
  Name name;
  Expr* value = nullptr;
  Tails tails;
  bool temp = false, keep = false;
};
struct Binder {  ///< `w in windows`
  Name name;
  Expr* domain = nullptr;
};
struct ForStmt {
  std::vector<Binder> binders;
  Tails tails;
  std::vector<Stmt*> body;
};
struct IfStmt {
  Expr* condition = nullptr;
  std::vector<Stmt*> then;
  std::vector<Stmt*> otherwise;
};
struct PublishStmt {  ///< `publish model at "models/latest.pt" [shared]`
  Expr* what = nullptr;
  Expr* at = nullptr;
  bool shared = false;
};
struct PoolStmt {  ///< `pool delta { needs nodes 20, exclusive, time 17h retry 1 on timed_out }`
  Name name;
  Clauses clauses;
};
struct InStmt {  ///< `in delta { … }`
  Name pool;
  std::vector<Stmt*> body;
};
struct WhenStmt {  ///< `when ended { … }`, `when failed { … }`, `when ok { … }`
  Name event;
  std::vector<Stmt*> body;
};
struct BudgetStmt {  ///< `budget disk 300GB`
  Name resource;
  Expr* amount = nullptr;
};
struct StopAfterStmt {  ///< `stop after 3 failed`
  Expr* count = nullptr;
  Name outcome;
};
struct RepeatStmt {  ///< `repeat i at most 10 until done { … }`
  Name name;
  Expr* most = nullptr;
  Expr* until = nullptr;
  Tails tails;
  std::vector<Stmt*> body;
};
struct Stmt {
  Range range;
  StringRef doc;
  std::variant<BindStmt, ForStmt, IfStmt, PublishStmt, PoolStmt, InStmt, WhenStmt, BudgetStmt,
               StopAfterStmt, RepeatStmt>
      as;
};

/// Declarations at the top of a file.
struct ImportDecl {  ///< `import geo, move`
  std::vector<Name> modules;
};
struct KindAttr {  ///< `dtype uint8`, `nodata 255`, `key (z: Int, x: Int)`, `rows by "id"`, `parent
                   ///< (z - 1, x / 2)`, `magic "…"`, `probe "sh command with @{path}"`, `crs "…"`,
                   ///< `bands 2`
  Name name;
  Expr* value = nullptr;      ///< a bare word is a Name expression
  ArrayRef<Expr*> tuple;      ///< parent (…)
  std::vector<Param> fields;  ///< key (…)
};
struct KindDecl {  ///< `kind Raster = file "tif" attrs` or `kind Map(f: Fim) = expr`
  std::vector<Param> params;
  Name base;  ///< `file` or `dir`; empty when `value` is given
  Expr* extension = nullptr;
  std::vector<KindAttr> attrs;
  Expr* value = nullptr;
};
struct Flag {  ///< `--data: Fields = x`, `input: Path` (positional), `--metrics: Scores...`,
               ///< `--out: out Kind`,
               ///< `--checkpoint: resume Kind`, `--json: out { loss: Float }`
  enum Role : uint8_t { In, Out, Resume };
  Name name;  ///< `data`; with hyphens as written (`start-date`)
  bool positional = false;
  Role role = In;
  TypeRef* type = nullptr;
  std::vector<Param> values;               ///< small outputs of `out { … }`
  Expr* value = nullptr;                   ///< default
  Expr *size = nullptr, *files = nullptr;  ///< of an output, as of one after `->`
  StringRef doc;
  Range range;
};
struct ProgramDecl {
  Expr* command = nullptr;
  std::vector<Flag> flags;
};
struct Enumerator {
  Name name;
  Expr* text = nullptr;
};
struct EnumDecl {
  std::vector<Enumerator> values;
};
struct RecordDecl {
  std::vector<Param> fields;
};
struct TaskDecl {  ///< `task name(params) -> outputs | no_data { clauses }` or `task name(params) =
                   ///< program | no_data { clauses }`
  std::vector<Param> params;
  std::vector<Output> outputs;
  bool noData = false;
  Expr* program = nullptr;  ///< Name or Field
  Clauses clauses;
};
/// `flow name(params) -> outputs { stmts }`; an output is a name bound inside, its type null where
/// it is not written.
struct FlowDecl {
  std::vector<Param> params;
  std::vector<Output> outputs;
  std::vector<Stmt*> body;
};
struct ConstDecl {  ///< `members = product(…) as Member` at top level
  Expr* value = nullptr;
};
struct SecretDecl {  ///< `secret token = "command" for 8h`
  Expr* command = nullptr;
  Expr* lifetime = nullptr;
};
struct Decl {
  Range range;
  Name name;
  bool exported = false;
  StringRef doc;
  std::variant<ImportDecl, KindDecl, ProgramDecl, EnumDecl, RecordDecl, TaskDecl, FlowDecl,
               ConstDecl, SecretDecl>
      as;
};

/// A comment where it stands (`//`, `///`, `//!`), for the formatter and `wfc: allow`.
struct Comment {
  Range range;
  bool ownLine = false;
};

/// A whole file. Owns the arena; movable, not copyable.
struct Tree {
  source::FileId file{};
  StringRef doc;  ///< text of the `//!` lines
  std::vector<Decl*> decls;
  std::vector<Comment> comments;
  std::unique_ptr<llvm::BumpPtrAllocator> arena = std::make_unique<llvm::BumpPtrAllocator>();
  /// Nodes with std members; freed with the tree.
  std::vector<std::unique_ptr<Decl>> ownedDecls;
  std::vector<std::unique_ptr<Stmt>> ownedStmts;
};

}  // namespace wfc::syntax
