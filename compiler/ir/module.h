// The Module: what was meant. One flow as tables of kinds, tasks, spaces, loops, families,
// references, joined by typed ids. Families and relations are symbolic: a family of a million
// instances is one row. The module has a text form, `.wfir` (print.h, parse.h), which is also the
// plan that the runtime runs; so an expression means the same before and during the run.
//
// Stages (verify.h says what each promises): *checked* (from check/), *planned* (needs bound to a
// site, ceilings known), *legal* (for one target). Sub-flows are already inlined: their families
// carry the path of calls in their names.
//
// Ids start at 0; a default-constructed id is invalid. Iteration is in creation order everywhere.
#pragma once

#include <map>

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
  int64_t offset = 0;
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
  LoopId loop{};  ///< valid: names the producer instances that make up the current element of that
                  ///< loop (a member of Members, Batches, Groups); families and indices are then
                  ///< those of the space's own reference
  Loc loc;
};

// ---- tasks

/// An artifact kind.
struct Kind {
  std::string name;
  bool isDir = false;
  std::string extension;    ///< without the dot; may be empty
  std::vector<Field> keys;  ///< fields of a member of a set, read from the file's pattern
  std::string magic;        ///< probe: the file's first bytes
  std::string probe;        ///< probe: shell command, `$path` is the file
  std::string schema;       ///< probe: JSON schema file
  std::map<std::string, std::string> attrs;  ///< dtype, nodata, crs, bands, rows …, as text
  Loc loc;
};

struct Input {
  std::string name;
  TypeId type{};
  bool many = false;     ///< `T...` or `T*`: the type is a list
  bool some = false;     ///< `T...`: an empty list is unmet
  bool removes = false;  ///< an operation that removes this input after verified success (archive)
};

struct Output {
  std::string name;
  TypeId type{};        ///< an Artifact or a Set; else a small value read from the JSON at `values`
  ExprId path{};        ///< explicit template (over inputs), or invalid: derived
  std::string pattern;  ///< of a Set: `<z>/<x>/<y>.gpkg`
  ExprId size{};        ///< forecast, for budgets
  bool small = false;   ///< a value, not a file
  std::string valuesFlag;  ///< small output of a program: the JSON file it is read from is this
                           ///< hidden output's (Output `small`=false)
  Loc loc;
};

struct Need {
  std::string
      key;  ///< nodes tasks cpus gpus memory time disk licences exclusive partition qos account
  ExprId value{};
  std::string of;  ///< gpu model, licence name
  Loc loc;
};

struct Growth {
  std::string key;
  bool multiply = true;  ///< else add
  ExprId by{};
};

struct Retry {
  int64_t count = 0;
  std::vector<Outcome> causes;
  std::vector<Growth> growths;
  int64_t delayMs = 0;
  double growing = 1;
  Loc loc;
};

struct Resume {
  int output = -1;     ///< index of the checkpoint output; -1: the task does not resume
  int64_t leadMs = 0;  ///< SIGUSR1 that long before the end of the time
  int64_t slices = 1;
  Loc loc;
};

/// One hole of a body: the variable that carries it into the script.
struct Hole {
  std::string variable;  ///< unique in the body, a valid shell and Python name
  ExprId value{};
  bool raw = false;       ///< unquoted
  bool list = false;      ///< one word per element (a bash array)
  bool optional = false;  ///< the value may be none: the variable is then unset, the text is
                          ///< `${name+FLAG "$name"}`
  bool isSwitch = false;  ///< a Bool flag: set when true, the text is `${name+FLAG}`
  std::string flag;  ///< of optional and switch; for lists of a repeated flag: the array is flag,
                     ///< element, flag, element …
};

/// A piece of a body: text, or a hole (index into holes).
struct Piece {
  std::string text;
  int hole = -1;
};

struct Body {
  enum Language : uint8_t { Sh, Bash, Python };
  Language language = Sh;
  std::vector<Piece> pieces;
  std::vector<Hole> holes;
  Loc loc;
};

struct Check {
  int64_t everyMs = 0, afterMs = 0;
  Body body;
};

struct EnvVar {
  std::string name;
  ExprId value{};
};

struct Fill {
  ExprId from{}, with{};
};

struct Task {
  std::string name;
  std::string doc;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  bool noData = false;
  std::vector<Need> needs;
  std::vector<EnvVar> env;
  std::vector<std::string> modules;
  std::string conda;
  ExprId container{};
  std::vector<Retry> retries;
  Resume resume;
  std::map<int, Outcome> exits;
  std::vector<Fill> fills;
  Body body;
  std::vector<Check> checks;
  std::vector<Hole>
      secrets;  ///< holes of type Secret: value is the source command (text), fetched before use
  Loc loc;
};

// ---- flow graph

/// An ordered set of elements.
struct Space {
  enum Kind : uint8_t {
    List,      ///< values
    Range,     ///< integers lo … hi (both included) by step (may be negative)
    Cycle,     ///< spans from `lo` (seconds) while start <= `hi` (seconds; INT64_MAX: open) every
               ///< `step` (a Duration value)
    Product,   ///< records of `type`, last factor fastest; factors
    EveryNth,  ///< base, n: every nth element, the first included
    Reverse,   ///< base
    Slice,     ///< base, elements lo … hi by position, both included
    Files,     ///< glob `text`, read once at the start of the run
    SetOf,     ///< the members of the set made by reference `ref`
    Members,   ///< the instances named by `ref` (uses keys only, waits for nothing unless these
               ///< yield sets)
    Batches,   ///< base, n
    Groups,    ///< base, by `by` (an expression over the element, bound as LoopVar of the loop that
               ///< walks this space)
    Repeat,    ///< 1 … hi; see Loop::until
  };
  Kind kind = List;
  std::string name;  ///< as bound in the flow, for messages and artifacts; may be empty
  TypeId element{};
  std::vector<Value> values;
  int64_t lo = 0, hi = 0, n = 1;
  Value step;
  std::vector<SpaceId> factors;
  SpaceId base{};
  RefId ref{};
  std::vector<ExprId> by;
  std::string text;
  Loc loc;
  bool isStatic() const {
    return kind < Files;
  }  // Batches and Groups of a static base: is static too, see space.h
};

struct Limit {
  int64_t count = 0;  ///< at most so many open
  int64_t refill =
      -1;  ///< once count was reached, none opens until so many or fewer are left; -1: none
  int64_t perMs = 0;               ///< > 0: a rate: at most `count` starts in that time
  LoopId loop{};                   ///< counts iterations of this loop …
  std::vector<FamilyId> families;  ///< … or instances of these families
  std::string name;                ///< for `wfr set` and messages: the loop's or family's name
  Loc loc;
};

struct Loop {
  std::string variable;
  LoopId parent{};
  SpaceId space{};
  ExprId until{};  ///< of a Repeat: true ends it
  std::string pool;
  Loc loc;
};

/// A guard of a family: the instance exists (static) or runs (read at run time) only if `condition`
/// is `wanted`.
struct Guard {
  ExprId condition{};
  bool wanted = true;
  bool isStatic = true;
  Loc loc;
};

struct Family {
  enum Role : uint8_t {
    Work,
    Wait,  ///< `await`: no task; see wait
    Hook,  ///< no instance of the graph: runs once after its event
  };
  Role role = Work;
  std::string name;  ///< path of flow calls, then its own; unique
  TaskId task{};
  std::vector<LoopId> loops;  ///< outermost first; its index space
  std::vector<Guard> guards;
  std::vector<ExprId> args;  ///< one for each input of the task
  std::vector<RefId> afters;
  int64_t priority = 0;  ///< low -1, normal 0, high 1, or a number
  int64_t deadlineMs = 0;
  bool temp = false, keep = false, keepOnFailed = false;
  std::string pool;
  bool onNode = false;
  struct WaitFor {
    ExprId what{};  ///< a Path (file) or an Instant
    int64_t ageMs = 0, bytes = 0, timeoutMs = 0;
    bool timeoutIsNoData = false;
  } wait;
  struct HookOn {
    std::string
        event;  ///< of the flow: ended ok failed; of a family's instances: an outcome's name
    std::vector<FamilyId> of;  ///< empty: the flow
    std::vector<Outcome> outcomes;
  } hook;
  Loc loc;
  std::string text;  ///< the call as written, shortened, for headers of artifacts: `train(…)`
};

struct Publish {
  RefId ref{};
  ExprId at{};  ///< path relative to the publish root
  std::vector<LoopId> loops;
  bool shared = false;
  Loc loc;
};

struct Budget {
  std::string resource;
  Value amount;
  Loc loc;
};

struct StopAfter {
  int64_t count = 0;
  Outcome outcome = Outcome::Failed;
  std::vector<FamilyId> families;  ///< the block where it stands
  Loc loc;
};

/// What binding to a site adds to a family (stage planned): the queue it goes to and the needs that
/// are plain numbers.
struct Placement {
  FamilyId family{};
  std::string partition, qos;
  std::map<std::string, std::string> notes;
};

/// An input of the compilation, for the manifest.
struct FileHash {
  std::string path, hash;
};

enum class Stage : uint8_t { Checked, Planned, Legal };

struct Module {
  std::string flow;  ///< name of the flow
  Stage stage = Stage::Checked;
  std::string site;    ///< name of the site it was planned for; empty: none
  std::string target;  ///< of stage legal
  std::vector<std::string> files;
  std::vector<FileHash> made_from;
  Types types;
  std::vector<Kind> kinds;  ///< [0] file, [1] dir, then the declared ones
  std::vector<Expr> exprs;
  std::vector<Ref> refs;
  std::vector<Task> tasks;
  std::vector<Space> spaces;
  std::vector<Loop> loops;
  std::vector<Family> families;
  std::vector<Limit> limits;
  std::vector<Publish> publishes;
  std::vector<Budget> budgets;
  std::vector<StopAfter> stops;
  std::vector<Placement> placements;
  std::string publishRoot;  ///< from the site; empty: RUN/published
  std::map<std::string, std::string>
      siteFacts;  ///< what the runtime needs of the site, frozen as text; keys: site/facts.cpp

  const Expr& operator[](ExprId id) const { return exprs[id.index()]; }
  const Ref& operator[](RefId id) const { return refs[id.index()]; }
  const Task& operator[](TaskId id) const { return tasks[id.index()]; }
  const Space& operator[](SpaceId id) const { return spaces[id.index()]; }
  const Loop& operator[](LoopId id) const { return loops[id.index()]; }
  const Family& operator[](FamilyId id) const { return families[id.index()]; }
  const Kind& operator[](KindId id) const { return kinds[id.index()]; }
};

}  // namespace wfc::ir
