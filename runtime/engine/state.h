// What is known about a run: iterations of loops, instances of families, their attempts. A fold of
// records, kept small, because a plan may have a million instances: two bytes each, and four more
// for the line of its end; everything else only where there is something to say.
//
// Loops make trees of iterations; a family has one instance for each iteration of its innermost
// loop, so an instance is named by family and iteration and needs no table of its own. Sets found
// at run time append iterations; nothing moves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/ir/module.h"

#include "runtime/engine/tables.h"

namespace wfc::run {

/// An instance: its family, and the iteration of the family's innermost loop (0 for a family in no
/// loop).
struct InstanceId {
  uint32_t family = kNone;
  uint32_t iteration = 0;
  bool valid() const { return family != kNone; }
  auto operator<=>(const InstanceId&) const = default;
};

enum class Phase : uint8_t {
  Absent,   ///< excluded by a static guard
  Waiting,  ///< for its references
  Ready,    ///< they are met; not started
  Running,  ///< an attempt is at work (or handed to a scheduler: see Instance::isSubmitted)
  Delayed,  ///< its next attempt waits for an instant
  Ended,
};

struct Instance {
  Phase phase : 3 = Phase::Absent;
  ir::Outcome outcome : 4 = ir::Outcome::Ok;
  bool isSubmitted : 1 = false;
  bool isStarted : 1 = false;
  bool isRemoved : 1 = false;  ///< its temp is gone
  bool isDirty : 1 = false;    ///< in the queue of those to look at
  bool isLate : 1 = false;     ///< its deadline passed
  bool isUnchosen : 1 =
      false;  ///< skipped because its guard was false: the other branch is the one bound
  /// Its first attempt was ok, or it was settled without any, and that is all of its past: of such
  /// a one the line is remembered, and read again when somebody asks.
  bool isPlain : 1 = false;
};

static_assert(sizeof(Instance) == 2);

/// One attempt, or the end of an instance that had none (n = 0).
struct Attempt {
  uint32_t n = 0;
  /// The attempt before, kNone if first.
  uint32_t previous = kNone;
  ir::Outcome outcome = ir::Outcome::Ok;
  bool hasEnded : 1 = false, slice : 1 = false, uncounted : 1 = false;
  /// Of the life before its instance was reopened: it counts for nothing.
  bool isPast : 1 = false;
  int16_t exit = 0, signal = 0;
  int64_t started = 0, ended = 0;
  /// Where the line of its End is (or Start, or Submit while there is none), which is read again
  /// when somebody asks for the rest: a place in the ledger, or in the engine's own memory.
  uint64_t line = 0;
};

/// What an attempt left beyond its outcome.
struct Details {
  std::string job, node, why;
  struct Output {
    uint32_t output;
    uint64_t bytes;
    std::string path, hash;
    uint64_t inodes = 1;  ///< files and folders in it, itself among them
  };
  std::vector<Output> outputs;
  struct Small {
    uint32_t output;
    std::string json;
  };
  std::vector<Small> values;
  int64_t cpuMs = 0, rss = 0, read = 0, written = 0;
  int64_t gpuBusy = 0, gpuMemory = 0, gpuJoules = 0;  ///< as Record's
  std::string inputs;                                 ///< hash of what it read from outside the run
  /// What was brought to its node for it, and who gave how many bytes of it; a node without a name
  /// is the disk that all share.
  struct Copy {
    std::string of;
    std::vector<std::pair<std::string, uint64_t>> from;
  };
  std::vector<Copy> copies;
};

/// The iterations of one loop under one iteration of its parent.
struct Brood {
  enum State : uint8_t {
    Unread,  ///< members not known yet
    Known,   ///< all are
    Open,    ///< more come with time
    Broken,  ///< the producer ended without members: `broken` tells how
  };
  uint32_t first = 0, count = 0;
  State state = Unread;
  ir::Outcome broken = ir::Outcome::Ok;
  uint32_t watch = kNone;
};

/// Counts over the instances of a family below one iteration of one of its loops.
struct Tally {
  uint32_t total = 0, ended = 0, ok = 0, bad = 0;  ///< bad: failed or cancelled
  uint32_t unchosen = 0;                           ///< skipped by a false guard
  uint32_t unread = 0;                             ///< broods below that are not known
  uint32_t brokenBad = 0;   ///< broods whose producer failed or was cancelled
  uint32_t brokenSkip = 0;  ///< … was skipped
  uint32_t watch = kNone;
  bool isEager = false;  ///< somebody wants to hear of each end
  bool isComplete() const { return unread == 0 && ended == total; }
};

/// Iterations of one loop.
struct LoopState {
  Iterations iterations;
  /// By iteration of the parent (one if there is no parent).
  std::vector<Brood> broods;
  /// Elements and keys of iterations read at run time, by iteration; static ones are computed.
  llvm::DenseMap<uint32_t, ir::Value> elements;
  llvm::DenseMap<uint32_t, std::string> keys;
  /// Instances that a batch, group or member iteration holds.
  llvm::DenseMap<uint32_t, std::vector<InstanceId>> members;
  /// hash(parent, key) -> iteration, for names; filled on first use.
  mutable llvm::DenseMap<uint64_t, uint32_t> byKey;
  mutable uint32_t indexed = 0;
};

struct FamilyState {
  /// By iteration of the innermost loop.
  std::vector<Instance> instances;
  Lasts lasts;
  /// Waits of the family's plan that are met, as bits.
  Sparse<uint64_t, 0> met;
  /// First of the watches on an instance, in Engine; kNone: none.
  Sparse<uint32_t, kNone> watch;
  /// tallies[d]: by iteration of loops[d - 1]; [0] has one, for the whole family.
  std::vector<std::vector<Tally>> tallies;
};

struct State {
  std::vector<LoopState> loops;
  std::vector<FamilyState> families;
  /// All but those of plain instances.
  std::vector<Attempt> attempts;
  bool isStopped = false, isClosed = false;

  Instance& at(InstanceId id) { return families[id.family].instances[id.iteration]; }
  const Instance& at(InstanceId id) const { return families[id.family].instances[id.iteration]; }
};

}  // namespace wfc::run
