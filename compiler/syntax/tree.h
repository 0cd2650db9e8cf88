// The Tree: what was written, nothing more. Plain structs allocated in one arena; every node knows its range; text fields are
// slices of the source buffer (owned by source::Sources), or of the arena where escapes were resolved. A tree may have holes
// (ExprKind::Hole, null pointers are never used for required children), because parsing never fails.
//
// What it does not hold: types, scopes, meaning (see check/), layout (comments and blank lines are kept apart in `comments`
// for the formatter and the editor).
#pragma once

#include "compiler/source/sources.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Allocator.h"

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

namespace wfc::syntax {

using llvm::ArrayRef;
using llvm::StringRef;
using source::Range;

/// An identifier where it stands. Empty text: absent (range invalid) or missing in the source (range valid).
struct Name {
  StringRef text;
  Range range;
  explicit operator bool() const { return !text.empty(); }
};

struct Expr;
struct Stmt;

/// One argument. `name` empty: positional. `value` null: shorthand, the bare name stands for `name: name`.
struct Arg {
  Name name;
  Expr *value = nullptr;
};

/// A piece of a string or script: literal text, or a hole `@{expr:format}` / `@raw{expr}`.
struct StringPart {
  StringRef text;       ///< literal text with escapes resolved (when `hole` is null)
  Expr *hole = nullptr; ///< the interpolated expression
  StringRef format;     ///< text after the colon, or empty
  bool raw = false;     ///< `@raw{…}`: inserted without quoting
  Range range;
};

/// A type as written.
struct TypeRef {
  enum Kind : uint8_t {
    Hole,
    Named,    ///< `Int`, `geo.Raster`, `file`, `dir`, `Map(fim)`: name (dotted text) and args
    Optional, ///< `T?`
    Some,     ///< `T...`: a list of one or more
    Many,     ///< `T*`: a list of any number
    List,     ///< `[T]`
    Map,      ///< `[K: V]`
    Set,      ///< `set of T at "<z>/<x>.gpkg"`: known only at run time
  };
  Kind kind = Hole;
  Range range;
  Name name;
  ArrayRef<Expr *> args;
  TypeRef *element = nullptr; ///< T (V for Map)
  TypeRef *key = nullptr;     ///< K of Map
  Expr *pattern = nullptr;    ///< string after `at` of Set, may be null
};

enum class ExprKind : uint8_t {
  Hole,      ///< something unreadable stood here
  None,      ///< `none`
  Bool,      ///< `true` `false`; text
  Int,       ///< text: digits
  Float,     ///< text
  Quantity,  ///< number with unit: text is the number, `name` the unit (`176GiB`, `8h`, `10m`, `2d`, `1month`)
  Date,      ///< `2025-01-31`; text
  Instant,   ///< `2025-01-31T06:00Z`; text
  String,    ///< `"…@{x}…"` or `"""…"""` (dedented): parts
  Name,      ///< name
  Field,     ///< a.name
  Call,      ///< a(args); a is a Name or Field
  Index,     ///< a[items]; items in `items`
  List,      ///< [items]; Map: `[k: v, …]` in `items` as k, v, k, v …
  Map,
  Not,       ///< `not a`
  Negate,    ///< `-a`
  Binary,    ///< a op b; text is the operator: + - * / % == != < <= > >= and or
  If,        ///< `if a then b else c`
  IsFirst,   ///< `a is first`
  IsLast,    ///< `a is last`
  IsIn,      ///< `a is in b`; negated: `is not in`
  Otherwise, ///< `a otherwise b`
  IfMade,    ///< `a if made otherwise b`
  AtLeast,   ///< `at least a of b`
  FirstOf,   ///< `first a of b`
  AnyOf,     ///< `any of b`
  Stream,    ///< `stream b`
  As,        ///< `a as type`
  Range,     ///< `a .. b`, `.. b`, `a ..` (missing side null)
  DownTo,    ///< `a down to b`
  Step,      ///< `a step b`
  Cycle,     ///< `every a from b until c` (c null: open end)
  Batches,   ///< `a in batches of b`
  Grouped,   ///< `a grouped by items` (joined by `and`; `parent` is a name)
  Star,      ///< `*` in brackets
  Where,     ///< `name in a if b` in brackets: members of a for which b holds
  Await,     ///< `await a, age 10min, size 1MiB, timeout 2d [is no_data]`: clauses in `args` (names age size timeout);
             ///< `negated` true when the timeout is no_data
};

/// One expression node. Which fields are used is said at ExprKind.
struct Expr {
  ExprKind kind = ExprKind::Hole;
  bool negated = false;
  Range range;
  StringRef text;
  Name name;
  Expr *a = nullptr, *b = nullptr, *c = nullptr;
  ArrayRef<Arg> args;
  ArrayRef<Expr *> items;
  ArrayRef<StringPart> parts;
  TypeRef *type = nullptr;
};

/// `name: Type = default`, of tasks and flows and fields of records; `key` marks a record's key field.
struct Param {
  Name name;
  TypeRef *type = nullptr;
  Expr *value = nullptr;
  bool key = false;
  StringRef doc;
  Range range;
};

/// `name: Type [at "template"] [size 30GB]` after `->`.
struct Output {
  Name name;
  TypeRef *type = nullptr;
  Expr *path = nullptr;
  Expr *size = nullptr;
  Range range;
};

/// One need: `cpus 96`, `gpus 1 of h100`, `licences 2 of matlab`, `memory 176GiB`, `exclusive` (value null).
/// keys: nodes tasks cpus gpus memory time disk licences exclusive partition qos account
struct Need {
  Name key;
  Expr *value = nullptr;
  Name of;
  Range range;
};

/// `with memory * 2` inside retry.
struct Growth {
  Name key;
  StringRef op; ///< "*" or "+"
  Expr *by = nullptr;
  Range range;
};

/// `retry 2 on out_of_memory, failed with memory * 2, delay 1min growing 2`
struct Retry {
  Expr *count = nullptr;
  ArrayRef<Name> causes;
  ArrayRef<Growth> growths;
  Expr *delay = nullptr;
  Expr *growing = nullptr;
  Range range;
};

/// `resume checkpoint, signal 5min before end, at most 4 slices`
struct Resume {
  Name output;
  Expr *lead = nullptr;
  Expr *slices = nullptr;
  Range range;
};

/// `exit 3, 4 is no_data`
struct ExitRule {
  ArrayRef<Expr *> codes;
  Name outcome;
  Range range;
};

/// `sh "…"`, `bash """…"""`, `python """…"""`
struct Script {
  Name language;
  Expr *text = nullptr;
  Range range;
};

/// `check every 30s after 2min { sh "…" }`
struct Check {
  Expr *every = nullptr;
  Expr *after = nullptr;
  Script script;
  Range range;
};

/// `fill "template/" with m`
struct Fill {
  Expr *from = nullptr;
  Expr *with = nullptr;
  Range range;
};

/// `env NAME = expr, …`
struct EnvVar {
  Name name;
  Expr *value = nullptr;
};

/// What stands between the braces of a task (also of a pool: needs and retries only).
struct Clauses {
  std::vector<Need> needs;
  std::vector<EnvVar> env;
  std::vector<Expr *> modules;
  Expr *conda = nullptr;
  Expr *container = nullptr;
  std::vector<Retry> retries;
  std::vector<Resume> resumes;
  std::vector<ExitRule> exits;
  std::vector<Fill> fills;
  std::vector<Script> scripts;
  std::vector<Check> checks;
};

/// What may follow a call, a loop head or a hook: `limit 30 refill 15`, `limit 1 per 10s`, `priority low`, `deadline 6h`,
/// `after x`, `after ended x`, `on node`, `keep on failed`, `on failed { … }`.
struct Limit {
  Expr *count = nullptr;
  Expr *refill = nullptr;
  Expr *per = nullptr; ///< set: a rate
  Range range;
};
struct After {
  bool ended = false;
  Expr *what = nullptr;
  Range range;
};
struct OnOutcome {
  ArrayRef<Name> outcomes;
  std::vector<Stmt *> body;
  Range range;
};
struct Tails {
  std::vector<Limit> limits;
  std::vector<After> afters;
  std::vector<OnOutcome> hooks;
  Name priority;
  Expr *deadline = nullptr;
  bool onNode = false;
  Range onNodeAt;
  bool keepOnFailed = false;
};

/// A statement of a flow.
struct BindStmt { ///< `[temp|keep] name = value tails`; name empty: a call without a name
  Name name;
  Expr *value = nullptr;
  Tails tails;
  bool temp = false, keep = false;
};
struct Binder { ///< `w in windows`
  Name name;
  Expr *domain = nullptr;
};
struct ForStmt {
  std::vector<Binder> binders;
  Tails tails;
  std::vector<Stmt *> body;
};
struct IfStmt {
  Expr *condition = nullptr;
  std::vector<Stmt *> then;
  std::vector<Stmt *> otherwise;
};
struct PublishStmt { ///< `publish model at "models/latest.pt" [shared]`
  Expr *what = nullptr;
  Expr *at = nullptr;
  bool shared = false;
};
struct PoolStmt { ///< `pool delta { needs nodes 20, exclusive, time 17h retry 1 on timed_out }`
  Name name;
  Clauses clauses;
};
struct InStmt { ///< `in delta { … }`
  Name pool;
  std::vector<Stmt *> body;
};
struct WhenStmt { ///< `when ended { … }`, `when failed { … }`, `when ok { … }`
  Name event;
  std::vector<Stmt *> body;
};
struct BudgetStmt { ///< `budget disk 300GB`
  Name resource;
  Expr *amount = nullptr;
};
struct StopAfterStmt { ///< `stop after 3 failed`
  Expr *count = nullptr;
  Name outcome;
};
struct RepeatStmt { ///< `repeat i at most 10 until done { … }`
  Name name;
  Expr *most = nullptr;
  Expr *until = nullptr;
  Tails tails;
  std::vector<Stmt *> body;
};
struct Stmt {
  Range range;
  StringRef doc;
  std::variant<BindStmt, ForStmt, IfStmt, PublishStmt, PoolStmt, InStmt, WhenStmt, BudgetStmt, StopAfterStmt, RepeatStmt> as;
};

/// Declarations at the top of a file.
struct ImportDecl { ///< `import geo, move`
  std::vector<Name> modules;
};
struct KindAttr { ///< `dtype uint8`, `nodata 255`, `key (z: Int, x: Int)`, `rows by "id"`, `parent (z - 1, x / 2)`, `magic "…"`,
                  ///< `probe "sh command with @{path}"`, `crs "…"`, `bands 2`
  Name name;
  Expr *value = nullptr;      ///< a bare word is a Name expression
  ArrayRef<Expr *> tuple;     ///< parent (…)
  std::vector<Param> fields;  ///< key (…)
};
struct KindDecl { ///< `kind Raster = file "tif" attrs` or `kind Map(f: Fim) = expr`
  std::vector<Param> params;
  Name base;              ///< `file` or `dir`; empty when `value` is given
  Expr *extension = nullptr;
  std::vector<KindAttr> attrs;
  Expr *value = nullptr;
};
struct Flag { ///< `--data: Fields = x`, `input: Path` (positional), `--metrics: Scores...`, `--out: out Kind`,
              ///< `--checkpoint: resume Kind`, `--json: out { loss: Float }`
  enum Role : uint8_t { In, Out, Resume };
  Name name;             ///< `data`; with hyphens as written (`start-date`)
  bool positional = false;
  Role role = In;
  TypeRef *type = nullptr;
  std::vector<Param> values; ///< small outputs of `out { … }`
  Expr *value = nullptr;     ///< default
  StringRef doc;
  Range range;
};
struct ProgramDecl {
  Expr *command = nullptr;
  std::vector<Flag> flags;
};
struct Enumerator {
  Name name;
  Expr *text = nullptr;
};
struct EnumDecl {
  std::vector<Enumerator> values;
};
struct RecordDecl {
  std::vector<Param> fields;
};
struct TaskDecl { ///< `task name(params) -> outputs | no_data { clauses }` or `task name(params) = program { clauses }`
  std::vector<Param> params;
  std::vector<Output> outputs;
  bool noData = false;
  Expr *program = nullptr; ///< Name or Field
  Clauses clauses;
};
struct FlowDecl { ///< `flow name(params) -> outputs { stmts }`; an output is a name bound inside
  std::vector<Param> params;
  std::vector<Output> outputs;
  std::vector<Stmt *> body;
};
struct ConstDecl { ///< `members = product(…) as Member` at top level
  Expr *value = nullptr;
};
struct SecretDecl { ///< `secret token = "command" for 8h`
  Expr *command = nullptr;
  Expr *lifetime = nullptr;
};
struct Decl {
  Range range;
  Name name;
  bool exported = false;
  StringRef doc;
  std::variant<ImportDecl, KindDecl, ProgramDecl, EnumDecl, RecordDecl, TaskDecl, FlowDecl, ConstDecl, SecretDecl> as;
};

/// A comment where it stands (`//`, `///`, `//!`), for the formatter and `wfc: allow`.
struct Comment {
  Range range;
  bool ownLine = false;
};

/// A whole file. Owns the arena; movable, not copyable.
struct Tree {
  source::FileId file{};
  StringRef doc; ///< text of the `//!` lines
  std::vector<Decl *> decls;
  std::vector<Comment> comments;
  std::unique_ptr<llvm::BumpPtrAllocator> arena = std::make_unique<llvm::BumpPtrAllocator>();
  /// Nodes with std members; freed with the tree.
  std::vector<std::unique_ptr<Decl>> ownedDecls;
  std::vector<std::unique_ptr<Stmt>> ownedStmts;
};

} // namespace wfc::syntax
