// The graph of a module: spaces, loops, families over them, limits, and what a flow says beside its
// calls.
#pragma once

#include <map>

#include "compiler/ir/task.h"

namespace wfc::ir {

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
  ExprId until{};    ///< of a Repeat: true ends it
  std::string pool;  ///< in whose block it stands; empty: none
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
  std::string pool;  ///< in whose block it stands; empty: none
  /// On whose disk the outputs lie. Of a node: they are read there alone, and go with its pool. Of
  /// every node of the pool: the one output is made on the shared disk, packed (ir::isPacked), and
  /// each node that reads it has a copy.
  enum Disk : uint8_t { Shared, OnNode, OnEveryNode } disk = Shared;
  std::string store;  ///< `on store`: the address under which the outputs lie; empty: none
  /// Something outside.
  struct Awaited {
    ExprId what{};  ///< a Path (file) or an Instant
    int64_t ageMs = 0, bytes = 0, freeBytes = 0;
  };
  struct WaitFor {
    std::vector<std::vector<Awaited>> any;  ///< come is who of these has all there at once
    int64_t timeoutMs = 0;
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

/// A secret: the command that prints it, and for how long what it printed is good.
struct Secret {
  std::string command;
  int64_t lifeMs = 0;
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

/// An allocation that is held over the steps of its block. Its task has needs and retries only; the
/// needs are those of the whole: `nodes` of it, and of one node the rest.
struct Pool {
  std::string name;  ///< path of flow calls, then its own; unique
  TaskId task{};
  Placement placement;  ///< once planned; of no family
  Loc loc;
};

/// An input of the compilation, for the manifest.
struct FileHash {
  std::string path, hash;
};

}  // namespace wfc::ir
