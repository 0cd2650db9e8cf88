// Whoever holds a run's lease: folds the ledger, ingests ends, carries out what the engine decides
// and journals it. A living loop (local, a coordinator) keeps one for the length of the run; a step
// of a head-less target opens one, advances once, and lets go.
//
//   auto opened = Controller::open(run, options);      // takes the lease, reads everything
//   opened->ingest();                                  // inbox -> journal, durable, then removed
//   from the inbox opened->advance(now);                              // settle; links, temps, sets
//   of files, waits, closing for (const Launch& l : opened->choose(now, take)) {
//   opened->noteSubmit(l, job); … } opened->commit();                                  // one fsync
//   for all of it: acknowledged
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/control/spares.h"
#include "runtime/engine/engine.h"
#include "runtime/ledger/folder.h"
#include "runtime/ledger/journal.h"

namespace wfc::run {

/// A run, read: header, plan and everything that happened. Enough for questions (status, why);
/// takes no lease, writes nothing.
struct RunView {
  std::string run;  ///< absolute
  RunHeader header;
  std::unique_ptr<Plan> plan;
  std::unique_ptr<Engine> engine;
  History history;
  /// Reads journals, and the inbox too, so that what a body just left counts. Null, with `error`.
  static std::unique_ptr<RunView> read(const std::string& run, std::string& error);
  /// A record of before the run was given other artifacts (adopt.h: pastRecords).
  static std::unique_ptr<RunView> readPast(const std::string& run, const std::string& folder,
                                           std::string& error);
};

/// The run's folder on the disk of each node; empty: it runs on this machine alone.
std::string nodeFolderOf(const RunView& view);
/// True if what an instance made is no longer there.
bool isGone(const RunView& view, InstanceId id);

struct ControlOptions {
  int64_t leaseMs = 60000;
  std::string job;  ///< of the scheduler, when a step runs inside one
  bool (*isGone)(const Lease::Holder&) = nullptr;
  /// Only carries out what a person asked for; the run is not started.
  bool isVisit = false;
};

class Controller {
 public:
  /// Null, with `error` and `exit` (Refused: somebody holds the lease, or the artifacts are others;
  /// LostControl; WrongUse).
  static std::unique_ptr<Controller> open(const std::string& run, const ControlOptions& options,
                                          std::string& error, int& exit);
  ~Controller();

  Engine& engine() { return *view_->engine; }
  const RunView& view() const { return *view_; }
  const std::string& run() const { return view_->run; }

  /// Takes in what lies in the inbox. Number of files.
  size_t ingest();
  /// Takes in one record at hand (an end that came over a socket): journals and applies it.
  /// Idempotent for ends.
  void take(const Record& record);
  /// Settles and carries out everything but launches and hooks. `deadline` etc. come back in the
  /// decisions; so do `ends`, attempts that the caller must end before instances can be reopened.
  Decisions advance(int64_t now);
  std::vector<Launch> choose(int64_t now, const std::function<Fit(const Launch&)>& take);
  void noteSubmit(const Launch& launch, llvm::StringRef job, int64_t now);
  void noteStart(const Launch& launch, llvm::StringRef job, llvm::StringRef node, int64_t now);
  /// Everything noted so far is durable. False: the disk refuses (errno), control is lost.
  bool commit(bool withOutputs = true);
  /// The same, behind the caller's back: returns at once, and does nothing while the one before is
  /// still at it. False: one failed.
  bool commitBehind();
  bool isCommitting() const { return behind_.joinable() && !isBehindDone_; }
  bool hasUncommitted() const;
  /// The disk has refused: nothing is carried out any more, and no commit succeeds.
  bool isLost() const { return isLost_; }
  /// A person asked to stop (RUN/ledger/stop).
  bool isStopAsked() const;
  /// Prolongs the lease when due. False: lost.
  bool renew(int64_t now);
  /// The attempts that the record says are at work.
  std::vector<std::pair<InstanceId, uint32_t>> running() const;
  /// What it had submitted is no more, and never began: no attempt.
  void endUnstarted(InstanceId id, int64_t now);
  /// The work folders of attempts that ended well.
  Spares& spares() { return *spares_; }
  /// What lies on nodes that are not `isThere` any more and is still to be read is made again.
  /// False: the disk refuses.
  bool reopenLost(const std::function<bool(const Details&)>& isThere, int64_t now);
  /// Called before the outputs of an instance are removed from the disk of a node, with their
  /// paths.
  std::function<void(InstanceId, const std::string& path)> onRemove;
  /// Called before instances are put back to waiting: what a scheduler holds for them is to go.
  std::function<void(const Reopening&)> onReopen;
  /// Writes Close when the engine says it is over.
  void close(int64_t now);

 private:
  Controller() = default;
  void carryOut(Decisions& decisions, int64_t now);
  void moveLinks(Decisions& decisions, int64_t now);
  /// Puts instances back to waiting, once nothing of them runs. False: something still does.
  bool reopen(Decisions& decisions, int64_t now);
  void noteReopen(InstanceId id, llvm::StringRef how, const std::vector<InstanceId>& settled,
                  int64_t now);
  /// What is to be removed, once the ledger says that it counts no more; with it, what a controller
  /// left that was killed in between.
  void planWithdrawal(const Reopening& reopening);
  void withdraw();
  std::unique_ptr<RunView> view_;
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<Journal> journal_;
  /// The place of the journal's first line.
  uint64_t ownFirst_ = 0;
  int64_t leaseMs_ = 0, renewedAt_ = 0;
  /// Inbox files, and work folders of attempts that ended well, to be removed after the next
  /// commit.
  std::vector<std::string> removable_, finished_;
  bool mayWithdraw_ = true;
  std::unique_ptr<Spares> spares_;
  /// False: the plan does not know the instance. One may be of a set that is read again, because
  /// its producer's end was not acknowledged before a crash and its own was.
  bool takeOne(const Record& record);
  bool takeFile(const InboxFile& file);
  void takeEarly();
  std::vector<InboxFile> early_;
  void cleanUp(const std::vector<std::string>& inbox, const std::vector<std::string>& finished);
  bool finishBehind();
  std::thread behind_;
  std::atomic<bool> isBehindDone_ = false;
  int behindError_ = 0;
  bool isLost_ = false;
  int lostError_ = 0;
};

}  // namespace wfc::run
