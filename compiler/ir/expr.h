// Expressions of a module, and the references in them. An expression means the same before the run
// (check/, pass/) and during it (runtime/); a reference names instances of a family by patterns
// over its loops, never by listing them.
#pragma once

#include "compiler/ir/types.h"

namespace wfc::ir {

struct ExprTag;
struct RefTag;
struct TaskTag;
struct SpaceTag;
struct LoopTag;
struct FamilyTag;
struct LimitTag;
using ExprId = base::Id<ExprTag>;
using RefId = base::Id<RefTag>;
using TaskId = base::Id<TaskTag>;
using SpaceId = base::Id<SpaceTag>;
using LoopId = base::Id<LoopTag>;
using FamilyId = base::Id<FamilyTag>;
using LimitId = base::Id<LimitTag>;

/// Where a thing was written: file (as given, relative), line, column. Carried into the artifacts.
struct Loc {
  uint32_t file = 0;  ///< index + 1 into Module::files; 0: nowhere
  uint32_t line = 0, column = 0;
};

/// How an attempt or an instance ends, and the causes that retry names. Semantics §5 and §12.
enum class Outcome : uint8_t {
  Ok,
  NoData,
  Failed,
  TimedOut,
  OutOfMemory,
  Preempted,
  NodeLost,
  Cancelled,
  Skipped
};
/// `ok no_data failed timed_out out_of_memory preempted node_lost cancelled skipped`
llvm::StringRef name(Outcome outcome);
std::optional<Outcome> outcomeNamed(llvm::StringRef name);

// ---- expressions

enum class Op : uint8_t {
  Const,    ///< value
  LoopVar,  ///< index: LoopId; the element of the iteration at hand
  Input,    ///< index: task input
  Output,   ///< index: task output; its path while the body runs (for a Set: use Field "dir")
  Need,     ///< text: a need's key; its value for this attempt (`needs.memory`)
  Special,  ///< text: `values` (the JSON file of small outputs), `tmp` (a scratch folder of the
            ///< attempt), `instance`, `attempt`, `run`
  Ref,      ///< index: RefId
  Field,    ///< args[0] . text
  Index,    ///< args[0] [ args[1] ] of a list or map
  List,     ///< args
  Map,      ///< args: key, value …
  Record,   ///< args in field order; the expr's type is the record
  Add,
  Sub,
  Mul,
  Div,
  Mod,
  Neg,
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  And,
  Or,
  Not,
  If,       ///< args: condition, then, else
  In,       ///< args[0] is in args[1]
  IsFirst,  ///< index: LoopId; this iteration is the first of its space
  IsLast,
  ToFloat,  ///< conversion Int -> Float
  Format,   ///< args[0] as text by format `text` (empty: canonical text)
  Concat,   ///< texts joined
  Call,     ///< builtin `text` of args (see builtins in eval.h)
  Error,
};

struct Expr {
  Op op = Op::Error;
  TypeId type{};
  uint32_t index = 0;
  std::string text;
  Value value;
  std::vector<ExprId> args;
  Loc loc;
};

/// What one index of a reference names, for one loop of the producer.
struct IndexPattern {
  enum Kind : uint8_t {
    Same,     ///< the reader's own iteration of that loop (reader and producer share it)
    At,       ///< the element equal to `a`, moved by `offset` steps in the producer's space
    All,      ///< every element
    UpTo,     ///< up to and including element `a` (moved by `offset`)
    From,     ///< from element `a` on
    Between,  ///< `a` to `b`, both included
    Where,    ///< elements for which `a` holds; inside `a` the producer's loop variable is bound
              ///< (LoopVar of the producer's loop)
  };
  Kind kind = Same;
  ExprId a{}, b{};
  int64_t offset = 0;   ///< steps from `a` in the producer's space
  int64_t offsetB = 0;  ///< steps from `b`
};

/// The demand of a reference (semantics §12, table of references).
enum class Demand : uint8_t {
  All,      ///< `a[k]`, `a[*]`: every one ok
  Ok,       ///< `.ok`: every one ended; the ok ones
  AtLeast,  ///< every one ended, n or more ok
  First,    ///< n are ok; those n in key order
  Ended,    ///< `after ended`
};

/// A reference to instances of one family (or of several that share a name by if/else: `families`
/// has disjoint guards).
struct Ref {
  std::vector<FamilyId> families;
  std::vector<IndexPattern> indices;  ///< one for each loop of the producer, outermost first
  Demand demand = Demand::All;
  ExprId count{};          ///< of AtLeast, First
  uint32_t output = 0;     ///< which output of the producer's task is the value
  bool valueless = false;  ///< `after`: only order
  bool stream = false;
  bool single = false;  ///< exactly one instance: value is its output; else a list in key order
  ExprId otherwise{};   ///< value when the key is outside the space (static), or, with ifMade, when
                        ///< skipped or no_data
  bool ifMade = false;
  bool fallback = false;  ///< stands in the `otherwise` of another, and counts only where that is
                          ///< not made
  LoopId loop{};  ///< valid: names the producer instances that make up the current element of that
                  ///< loop (a member of Members, Batches, Groups); families and indices are then
                  ///< those of the space's own reference
  Loc loc;
  /// It may be met although one that it names failed.
  bool isTolerant() const { return demand != Demand::All || ifMade || fallback; }
};

}  // namespace wfc::ir
