// The inside of the engine, shared by its sources and by nobody else: the state, the watches that
// make readiness cheap, and the questions which the sources ask of each other.
//
// A reader is whatever waits for references: an instance, a brood (a loop's members under one
// iteration), or a publish at one iteration. It keeps one watch for each of its unsettled
// references, on one thing that must change first.
#pragma once

#include "runtime/engine/parts.h"

namespace wfc::run {

struct Engine::Impl : Wishes {
  explicit Impl(const Plan& plan) : plan(plan), m(plan.module()) {}

  const Plan& plan;
  const ir::Module& m;
  State state;
  /// Prefixes of paths: the run's folder and the project's, each with a slash at its end; or empty.
  /// The run's folder on the disk of a node, without one.
  std::string runFolder, projectFolder, nodeFolder;
  std::function<std::string(uint64_t)> lines;
  int64_t runStarted = 0, firstStarted = 0, now = 0;
  bool isBegun = false;
  std::vector<WatchNode> watches;
  uint32_t freeWatch = kNone;
  /// Entries of State::attempts that nobody uses any more, linked by `previous`.
  uint32_t freeAttempt = kNone;
  /// By family that others follow.
  std::map<uint32_t, std::vector<Follower>> followers;
  std::vector<Reader> dirty;
  /// Waiting instances before this one are still to be looked at, one after the other from the
  /// last.
  InstanceId sweepAt{0, 0};
  /// Loop and parent of sets to look at: at once, so that whoever folds the same records gives the
  /// same places to their members.
  std::deque<std::pair<uint32_t, uint32_t>> dirtyBroods;
  std::vector<LimitState> limits;
  std::vector<int64_t> budgetHeld;
  /// Of budgets of hours: what attempts have used, and what each that runs may use yet.
  std::vector<int64_t> budgetSpent;
  std::map<std::pair<uint32_t, InstanceId>, int64_t> hoursHeld;
  bool hasSpent = false;
  std::vector<uint32_t> stopCounts;
  uint64_t unreadBroods = 0, liveInstances = 0, runningCount = 0;
  /// Members of set outputs, by instance and output; files by space; choices by instance and ref.
  std::map<std::pair<InstanceId, uint32_t>, std::vector<std::string>> sets;
  std::map<uint32_t, std::vector<std::string>> files;
  std::map<std::pair<InstanceId, uint32_t>, std::vector<InstanceId>> chosen;
  /// Ends of attempts that wait for their delay: instant -> instance.
  std::set<std::pair<int64_t, InstanceId>> delays, deadlines;
  std::set<InstanceId> waits, hooksDue, removalsDue, late;
  /// What each link names by the records, and what it should name.
  std::map<std::string, Link> links, wanted;
  std::map<std::string, MoveLink> moves;
  std::map<std::pair<uint32_t, uint32_t>, Verdict> repeats;
  std::set<uint32_t> stopsHit;
  /// Lines of records that came from nowhere that lasts.
  llvm::BumpPtrAllocator arena;
  // ---- iterations (grow.cpp)
  void begin();
  void openBrood(ir::LoopId loop, uint32_t parent, uint32_t count);
  void addInstances(uint32_t family, uint32_t first, uint32_t count);
  /// A static guard keeps every family of the loop from this place, so it has no members there.
  bool isExcluded(ir::LoopId loop, Where where) const;
  void addUnread(ir::LoopId loop, uint32_t parent, int delta);
  void extendOpen(int64_t time);
  void fillBrood(ir::LoopId loop, uint32_t parent, std::vector<Item> items);
  void breakBrood(ir::LoopId loop, uint32_t parent, ir::Outcome outcome);
  /// The elements of a space at a place; nullopt while they are not known, with `spot`; `broken` if
  /// they never will be.
  std::optional<std::vector<Item>> itemsOf(ir::SpaceId space, Where where, ir::LoopId loop,
                                           Spot& spot, Verdict& broken);
  std::optional<std::vector<Item>> itemsOfRef(ir::SpaceId space, Where where, Spot& spot,
                                              Verdict& broken);
  std::vector<Item> arranged(const ir::Space& space, ir::LoopId loop, Where where,
                             std::vector<Item> base);
  std::vector<Item> grouped(const ir::Space& space, ir::LoopId loop, Where where,
                            std::vector<Item> base);
  void examineBrood(ir::LoopId loop, uint32_t parent);
  void examineBroods();
  /// The reference names producers of sets.
  bool isOfSets(const ir::Ref& ref) const;
  /// Such references that a space is read from.
  void setRefs(ir::SpaceId space, std::vector<ir::RefId>& refs) const;
  ir::Value memberValue(ir::TypeId setType, const std::string& pattern, llvm::StringRef folder,
                        llvm::StringRef member) const;
  // ---- names and places (names.cpp)
  Where whereOf(InstanceId id) const { return {plan.family(id.family).inner, id.iteration}; }
  std::optional<uint32_t> iterationOf(Where where, ir::LoopId loop) const;
  ir::Value elementOf(ir::LoopId loop, uint32_t iteration) const;
  std::string keyOf(ir::LoopId loop, uint32_t iteration) const;
  std::vector<std::string> keysOf(InstanceId id) const;
  std::string idOf(InstanceId id) const;
  std::optional<InstanceId> find(llvm::StringRef id) const;
  void indexKeys(ir::LoopId loop) const;
  std::optional<uint32_t> iterationNamed(ir::LoopId loop, uint32_t parent,
                                         llvm::StringRef key) const;
  /// Positions from the outermost loop inwards.
  std::vector<uint32_t> orderOf(Where where) const;
  bool isBefore(InstanceId a, InstanceId b) const;

  // ---- references (refs.cpp)
  Terms termsOf(const ir::Ref& ref, Where where) const;
  void expandTerm(const ir::Ref& ref, Where where, Term at, Terms& terms) const;
  std::vector<uint32_t> positionsOf(const ir::Ref& ref, unsigned depth, const Term& at, Where where,
                                    bool& isOutside) const;
  std::vector<uint32_t> positionsWhere(ir::ExprId condition, ir::LoopId loop, const Brood& brood,
                                       Where where) const;
  std::optional<uint32_t> positionIn(ir::LoopId loop, uint32_t parent,
                                     const ir::Value& value) const;
  Verdict judge(const ir::Ref& ref, const Terms& terms, Where where, Spot& spot) const;
  Terms termsOfWait(const Wait& wait, Where where) const;
  Terms termsOfMembers(ir::LoopId loop, Where where) const;
  Verdict judgeOtherwise(const ir::Ref& ref, Where where, Spot& spot) const;
  Verdict judgeWait(const Wait& wait, Where where, Spot& spot) const;
  /// Instances a reference names, in key order, that are ok (or chosen).
  std::vector<InstanceId> okOf(const ir::Ref& ref, const Terms& terms, int64_t most) const;
  void leavesOf(const Term& term, std::vector<InstanceId>& leaves) const;
  int64_t countOf(const ir::Ref& ref, Where where) const;
  Tally countsOf(const Term& term) const;

  // ---- settling (settle.cpp)
  void wake(uint32_t& head);
  void wakeReaders(InstanceId id);
  void watch(const Reader& reader, const Spot& spot);
  /// True if it is a follower now, and needs no watch.
  bool follow(const Reader& reader, const Spot& spot);
  void mark(const Reader& reader);
  void examine(InstanceId id, Decisions& out);
  /// The verdict on what stands before the references: the repeat before, the guards. Met: go on.
  Verdict judgeGates(InstanceId id, Spot& spot, std::string& why);
  Verdict judgeRepeat(InstanceId id, Spot& spot);
  void settleAs(InstanceId id, ir::Outcome outcome, const std::string& why, Decisions& out);
  bool isCutByStop(InstanceId id) const;
  void becomeReady(InstanceId id, Decisions& out);
  void examinePublish(uint32_t publish, uint32_t iteration);
  void timers(Decisions& out);
  void finishHooks(Decisions& out);
  void beginSettling();
  void drain(Decisions& out);
  void sweep(Decisions& out);
  void cutStopped(Decisions& out);
  Watch watchOf(InstanceId id) const;
  void gather(Decisions& out);
  /// Settles on the instances of `first n of`, and names the input whose list is empty and must not
  /// be; else empty.
  std::string choiceNeeded(InstanceId id, Decisions& out);

  // ---- folding (apply.cpp)
  std::string apply(const Record& record);
  std::string fold(const Record& record);
  void applyEnd(InstanceId id, const Record& record);
  void applyStart(InstanceId id, const Record& record, bool isSubmit);
  void endInstance(InstanceId id, ir::Outcome outcome);
  void noteStarted(InstanceId id, int64_t time);
  void noteStopped(InstanceId id);
  void noteFirst(int64_t started);
  void countEnd(InstanceId id, ir::Outcome outcome);
  void noteHooks(InstanceId id, ir::Outcome outcome);
  void noteTemps(InstanceId id);
  unsigned sharedLoops(uint32_t reader, uint32_t producer, ir::RefId ref) const;
  bool hasFailedReader(const Term& below, ir::RefId ref, InstanceId producer) const;
  void checkTempsOf(uint32_t reader, Where where, unsigned depth);
  void closeIterations(const FamilyPlan& family, Where where);
  /// What was waited for may not be among them.
  void noteRead(ir::LoopId loop, uint32_t parent);
  void checkTemp(InstanceId id);
  void releaseBudgets(InstanceId id);
  void applySet(const Record& record);
  /// Reads every set that can be read by now.
  void growKnown();
  void addDeadline(InstanceId id);
  Details detailsOf(const Attempt& attempt) const;
  /// The line of a record that an attempt is to keep, and back (lines.cpp).
  uint64_t keep(const Record& record);
  std::string lineOf(const Attempt& attempt) const;
  /// As foldOn leaves an instance: in as little as it needs.
  void foldOn(InstanceId id, const Record& record);
  void compact(InstanceId id);
  /// Plain no more: its attempt is in the table, to be changed.
  void expand(InstanceId id);
  /// The attempt of a plain one, without what its line tells; and with it.
  Attempt plainOf(InstanceId id) const;
  Attempt wholeOf(InstanceId id) const;
  Attempt& addAttempt(InstanceId id);
  /// Place of its last attempt in State::attempts; kNone: there is none, or it is plain.
  uint32_t headOf(InstanceId id) const;
  /// Its last attempt in this life; of a plain one without times and codes.
  std::optional<Attempt> lastOf(InstanceId id) const;
  bool isIterationOver(ir::LoopId loop, uint32_t iteration) const;
  bool areReadersDone(InstanceId id, bool& hasFailed) const;
  /// How the attempts before number `n` ended that count against limits.
  llvm::SmallVector<ir::Outcome> countedBefore(InstanceId id, uint32_t n) const;
  Attempt& attemptFor(InstanceId id, uint32_t n);
  std::optional<int64_t> retryAfter(InstanceId id, ir::Outcome outcome) const;

  uint32_t numberOf(InstanceId id) const;
  /// A record of that attempt is of a life before the instance was reopened.
  bool isVoid(InstanceId id, uint32_t n) const;

  // ---- holding back (wishes.cpp)
  std::string applyWish(const Record& record);
  bool isHeld(InstanceId id);
  bool heldByPart(InstanceId id);
  bool isNamed(const Selector& selector, InstanceId id) const;
  void findPart();
  void addSets(uint32_t family, std::vector<InstanceId>& todo) const;
  void addProducers(InstanceId id, std::vector<InstanceId>& todo) const;

  // ---- going back (reopen.cpp)
  void applyReopen(InstanceId id, const Record& record);
  /// As if it had never been looked at; its attempts are past.
  void undo(InstanceId id);
  void uncountEnd(InstanceId id);
  void resetHooks(InstanceId id);
  /// The sets that were read from it are to be read again.
  void closeBroods(InstanceId id);
  void closeBrood(ir::LoopId loop, uint32_t parent);
  void buryIterations(ir::LoopId loop, const Brood& brood);
  void removeInstance(InstanceId id);
  /// An iteration of a set that is to be read again.
  bool hasLeft(Where where) const;
  void rejoin(uint32_t family, uint32_t iteration);
  void recountLimits();
  void noteChanged(InstanceId id, ir::Outcome outcome);
  /// Looks at everything again that has not ended.
  void recheck();
  /// Links whose targets are withdrawn.
  void gatherLost(Decisions& out);

  // ---- choosing (choose.cpp)
  struct Order {
    const Impl* impl;
    bool operator()(InstanceId a, InstanceId b) const { return impl->isBefore(a, b); }
  };
  using Queue = std::set<InstanceId, Order>;
  /// Ready instances by family, and those that a limit or budget holds back one by one, by limit.
  std::vector<Ready> queues;
  std::vector<Queue> parked;
  /// The first of each family's queue.
  Queue heads{Order{this}};
  /// Who is parked for the sake of an iteration, by limit and iteration; may name some that are
  /// gone.
  std::map<std::pair<uint32_t, uint32_t>, std::vector<InstanceId>> parkedBy;
  bool isInOrder(uint32_t family) const;
  void enqueue(InstanceId id);
  void dequeue(InstanceId id);
  /// The limit or budget (counted behind the limits) that holds it back; nullopt: none.
  std::optional<uint32_t> heldBy(InstanceId id, int64_t time) const;
  bool hasRoom(uint32_t limit, int64_t time) const;
  bool isItsTurn(uint32_t limit, uint32_t iteration) const;
  int64_t budgetNeed(InstanceId id, uint32_t budget) const;
  bool isOfHours(uint32_t budget) const;
  /// Nodes, or GPUs, of an attempt, by which hours are multiplied.
  int64_t widthOf(uint32_t budget, const Needs& needs) const;
  int64_t hoursNeed(InstanceId id, uint32_t budget) const;
  void takeHours(InstanceId id);
  void giveHours(InstanceId id);
  void spendHours(InstanceId id, const Record& end);
  /// The budget of hours in which its next attempt has no room any more, whatever ends; else empty.
  std::string spentBudget(InstanceId id) const;
  void cutSpent(Decisions& out);
  void park(InstanceId id, uint32_t holder);
  /// Until this choosing is over.
  void block(uint32_t family, llvm::DenseSet<uint32_t>& blocked);
  void unpark(uint32_t limit, uint32_t iteration);
  std::vector<Launch> choose(int64_t time, const std::function<Fit(const Launch&)>& take);
  std::optional<InstanceId> bestParked(int64_t time, const llvm::DenseSet<uint32_t>& blocked) const;

  // ---- values (scope.cpp)
  uint32_t neverBegun(InstanceId id, uint32_t n) const;
  ir::Scope scopeAt(Where where, std::optional<InstanceId> instance, uint32_t attempt) const;
  ir::Result evaluate(ir::ExprId expr, Where where, std::optional<InstanceId> instance = {}) const;
  std::optional<ir::Value> valueOf(ir::RefId id, Where where,
                                   std::optional<InstanceId> reader) const;
  std::optional<ir::Value> outputValue(InstanceId producer, uint32_t output) const;
  std::string pathOf(InstanceId id, uint32_t output) const;
  /// The same, below whichever folder it lies in.
  std::string plainPathOf(InstanceId id, uint32_t output) const;
  /// The path as bodies see it.
  std::string wholePath(const std::string& path) const {
    return path.starts_with("/") ? path : runFolder + path;
  }
  /// The node where it has to run (disks.cpp); empty: any.
  std::string nodeFor(InstanceId id) const;
  std::vector<InstanceId> readOnNode(InstanceId reader) const;
  std::string copyOf(InstanceId producer) const;
  Needs needsOf(InstanceId id, uint32_t attempt) const;
  std::optional<ir::Value> needValue(InstanceId id, llvm::StringRef key, uint32_t attempt) const;
};

}  // namespace wfc::run
