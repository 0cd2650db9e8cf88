// The state machine of docs/semantics.md §12: what running means. The local loop, the steps of
// head-less targets and coordinators run this one library. It is pure: no clock, no process, no
// file; records and the time of day go in, decisions come out.
//
//   Engine engine(plan);
//   history.read(run, [&](const Record& r) { engine.apply(r); });
//   Decisions d = engine.settle(now);        // journal d.records first, then act on the rest
//   for (const Launch& l : engine.choose(now, take)) …   // journal Submit or Start for each, then
//   start it
//
// Each decision stands until a record answers it: a Set answers `reads`, a Publish `publishes`,
// Removed `removals`, Hook `hooks`, End whatever was started; so settle may be called again at any
// time, by another process too, after replaying the records.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"

#include "compiler/ir/eval.h"

#include "runtime/engine/plan.h"
#include "runtime/engine/state.h"
#include "runtime/ledger/record.h"

namespace wfc::run {

/// What one attempt may use: base needs grown by the retries before it.
struct Needs {
  int64_t nodes = 1, tasks = 1, cpus = 1, gpus = 0;
  std::string gpuModel;
  int64_t memory = 0;  ///< bytes; 0: not stated
  int64_t timeMs = 0;  ///< 0: not stated
  int64_t disk = 0;    ///< bytes of local disk
  bool exclusive = false;
  std::vector<std::pair<std::string, int64_t>> licences;
  /// partition, qos, account: named by the flow itself.
  std::vector<std::pair<std::string, std::string>> names;
};

/// An instance that may start now.
struct Launch {
  InstanceId instance;
  uint32_t attempt = 1;
  Needs needs;
  /// The only node where it can run, because what it reads lies on that one's disk; empty: any.
  std::string node = {};
};

/// A set of files to be read once, now: answered by Record::Set with `number` = space and the paths
/// found, sorted.
struct ReadFiles {
  ir::SpaceId space{};
  std::string pattern;
};

/// A link to be swapped: to one target, or to a folder of links that is built aside; or, without
/// targets, removed. Answered by Record::Publish.
struct MoveLink {
  uint32_t publish = 0, iteration = 0;
  InstanceId producer;
  std::string link;  ///< relative to the publish root
  std::vector<std::string> targets;
  bool isList = false, shared = false;
};

/// Something outside.
struct Sight {
  std::string path;             ///< a file, or empty
  int64_t instant = INT64_MAX;  ///< or an instant (ms)
  int64_t ageMs = 0, bytes = 0;
  int64_t freeBytes = 0;  ///< room on the path's file system
};

/// What an instance waits for: who of `any` has all there at once. Answered by Start (when first
/// seen) and End.
struct Watch {
  InstanceId instance;
  std::vector<std::vector<Sight>> any;
  int64_t timeoutAt = 0;  ///< 0: never
  bool timeoutIsNoData = false;
};

/// `gfs.nc and gfs.idx or 2025-01-01T06:00:00Z`
std::string textOf(llvm::ArrayRef<Sight> all);
std::string textOf(const Watch& watch);

/// A body to be run once as a hook. Answered by Record::Hook.
struct RunHook {
  InstanceId hook;
  std::string event;
};

struct Decisions {
  /// Already applied; to be journalled before anything below is acted on.
  std::vector<Record> records;
  std::vector<ReadFiles> reads;
  std::vector<MoveLink> publishes;
  std::vector<InstanceId> removals;
  std::vector<Watch> watches;
  std::vector<RunHook> hooks;
  /// Running attempts to be ended: deadline passed, or the block was stopped by a person.
  std::vector<InstanceId> kills;
  /// The next instant at which settle may decide something by itself (ms); 0: none.
  int64_t next = 0;
  /// Instances are to be reopened: see Engine::reopening. Until then nothing more is chosen.
  bool hasAsked = false;
  /// Running attempts that must end before that, uncounted. Not the engine's: the controller's.
  std::vector<InstanceId> ends;
  /// Nothing is left that can happen.
  bool isOver = false;
  /// Owns the texts of `records`.
  std::shared_ptr<llvm::BumpPtrAllocator> arena = std::make_shared<llvm::BumpPtrAllocator>();
};

/// What wishes to reopen come to: everything that goes back to waiting, in order of text and key.
struct Reopening {
  struct Item {
    InstanceId instance;
    /// Rewound: its outputs and checkpoints go. Else retried.
    bool isRewound = false;
    /// It has a past, so that a Reopen is to be recorded.
    bool isRecorded = false;
    /// Readers that settled on the outcome it had: rewound if it ends differently.
    std::vector<InstanceId> settled;
  };
  std::vector<Item> items;
  /// Those at work: they must end first.
  std::vector<InstanceId> running;
  /// Asked for in vain: to be retried, and by now it has not failed.
  std::vector<InstanceId> kept;
};

enum class Fit {
  Taken,
  TooLarge,  ///< for what is free now; its family waits, so that smaller ones do not overtake it
  Full,      ///< nothing has room
  NodeFull,  ///< the node where it has to run has no room; others of its family may go on
};

/// How many instances are in each state.
struct Counts {
  uint64_t waiting = 0, ready = 0, running = 0, delayed = 0;
  uint64_t ended[9] = {};  ///< by ir::Outcome
  uint64_t total = 0;
};

/// What one reference of an instance waits for, or how it settled.
struct Explanation {
  std::string state;  ///< `met`, `waits`, `cancelled`, `skipped`
  std::string text;   ///< `score[.. 2025-03-02]: 1 of 3 ok, waits for score[2025-02-01]`
};

/// What an attempt of the flow before made, and the recipe under which it may stand.
struct Kept {
  Attempt attempt;
  std::string recipe;
};

class Engine {
 public:
  explicit Engine(const Plan& plan);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Folds one record. Empty, or why it cannot belong to this plan.
  std::string apply(const Record& record);

  /// Reads the line of a record again that came from a ledger, by its place.
  void setLines(std::function<std::string(uint64_t)> lines);

  /// Everything that follows from what is known, to the end of the cascade.
  Decisions settle(int64_t now);

  /// Ready instances in the order of priority, older iteration, order of text, key; for each `take`
  /// answers whether it fits. Limits, budgets and rates are kept. The caller journals a Submit or
  /// Start for each one before the next call.
  std::vector<Launch> choose(int64_t now, const std::function<Fit(const Launch&)>& take);

  /// Absolute folders of the run, the project, and of the run on each node's own disk (empty: there
  /// are no nodes but this machine, it lies in the run's): from now on, values of files are
  /// absolute paths.
  void setFolders(const std::string& run, const std::string& project,
                  const std::string& onNode = {});

  /// What follows from the wishes taken in so far. `isGone` tells whether the outputs of an
  /// instance that is ok are no longer there.
  Reopening reopening(const std::function<bool(InstanceId)>& isGone) const;
  /// The same for wishes that nobody has taken in: what would be touched.
  Reopening reopening(const std::vector<InstanceId>& asked, bool isRewind,
                      const std::function<bool(InstanceId)>& isGone) const;

  /// Nothing keeps a ready instance from its start: no hold of a person, no part that this start
  /// runs, no wish that is to be carried out first.
  bool mayStart(InstanceId instance) const;
  /// Somebody holds something, or this start runs a part.
  bool hasHolds() const;
  /// Ready ones that a person holds, or this start leaves out.
  size_t heldBack() const;
  /// This start runs a part only.
  bool isPart() const;
  /// At most so many, as a person may have set it.
  int64_t limitCount(uint32_t limit) const;

  // ---- questions
  const Plan& plan() const;
  const State& state() const;
  Counts counts() const;
  std::optional<InstanceId> find(llvm::StringRef id) const;
  /// The same, after a look at sets that what was folded since makes known.
  std::optional<InstanceId> locate(llvm::StringRef id);
  std::string idOf(InstanceId instance) const;
  /// Texts of its keys, outermost first.
  std::vector<std::string> keysOf(InstanceId instance) const;
  /// Nearest known id, for messages.
  std::string nearest(llvm::StringRef id) const;
  /// Calls `visit` for every instance in order of text and key; hooks last.
  void forEach(const std::function<void(InstanceId)>& visit) const;
  /// Attempts of an instance, first to last.
  std::vector<Attempt> attemptsOf(InstanceId instance) const;
  Details detailsOf(const Attempt& attempt) const;
  /// The attempts that were the last to be recorded as ended, of this life.
  std::vector<std::pair<InstanceId, Attempt>> endedLast(size_t most) const;
  /// When the first of all attempts began (ms); 0: none has.
  int64_t firstStarted() const;
  std::vector<Explanation> explain(InstanceId instance) const;
  /// A run that was given another flow: what the instance had made by then, if it is still whole
  /// and nobody has tried again since.
  std::optional<Kept> keptOf(InstanceId instance) const;
  /// By what is known it would be started as it is: its guards are true, and what it reads is made.
  /// Of one that has ended.
  bool wouldStart(InstanceId instance) const;
  /// The instances that one of its waits (FamilyPlan::waits) names, as far as they are known, in
  /// key order.
  std::vector<InstanceId> namedBy(InstanceId instance, const Wait& wait) const;
  /// The instance's attempt number that comes next, or runs.
  uint32_t attemptOf(InstanceId instance) const;
  Needs needsOf(InstanceId instance, uint32_t attempt) const;
  /// Everything an expression of this instance can see, for its next attempt. Good as long as the
  /// engine is not changed. Files are absolute once the folders are known. `attempt` 0: without
  /// needs.
  ir::Scope scopeOf(InstanceId instance, uint32_t attempt) const;
  /// Where an output will lie, relative to the run's folder (or absolute).
  std::string pathOf(InstanceId instance, uint32_t output) const;
  /// Absolute: the run's folder on the disk of a node.
  const std::string& nodeFolder() const;
  /// Where a node has its copy of what was made for every one, absolute.
  std::string copyOf(InstanceId producer) const;
  /// What is ok, lies on the disk of a node that is not `isThere` any more, and is yet to be read
  /// by somebody who does not do so already; and of those who only waits for a delay. Readers
  /// first.
  std::vector<InstanceId> lostOnNodes(const std::function<bool(const Details&)>& isThere) const;
  /// May another attempt follow one that ended so? Delay in ms, or nullopt.
  std::optional<int64_t> retryAfter(InstanceId instance, ir::Outcome outcome) const;
  /// 0 all good, 1 some failed or were cancelled.
  int exitStatus() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// `3 of 6: 3 ok, 1 running, 2 waiting`, for who watches a run.
std::string countsText(const Engine& engine);

}  // namespace wfc::run
