// See loop.h.
#include "runtime/control/loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "compiler/ir/body.h"

#include "runtime/attempt/outputs.h"
#include "runtime/control/hold.h"
#include "runtime/control/outside.h"
#include "runtime/control/progress.h"

namespace wfc::run {

namespace {

/// An attempt that hands have.
struct AtWork {
  uint32_t attempt = 0;
  bool isTold = false;
};

class Loop {
 public:
  Loop(Controller& controller, const StartOptions& options, Hands& hands)
      : c_(controller), options_(options), hands_(hands), progress_(controller.engine()) {}

  int run() {
    adoptRunning();
    while (true) {
      now_ = nowMs();
      if (!checkHold()) return abi::LostControl;
      Decisions decisions = c_.advance(now_);
      if (c_.isLost() && !c_.commit()) return lost();
      for (InstanceId id : decisions.kills) tell(id, AttemptSignals::Deadline);
      for (InstanceId id : decisions.ends) tell(id, AttemptSignals::Stop);
      if (!decisions.hooks.empty()) {
        if (!c_.commit()) return lost();
        runHooks(c_, decisions);
        continue;
      }
      int64_t again = lookAtWatches(c_, decisions, now_);
      startReady();
      progress_.tick(now_);
      if (options_.stopAfter > 0 && ends_ >= options_.stopAfter) return leave();
      if (hands_.isDone().value_or(false)) return leaveToOthers();
      if (decisions.isOver && atWork_.empty()) return finish();
      if (isPartOver(decisions, again)) return leavePart();
      if ((isStopping_ || isFull_) && atWork_.empty()) return stopped();
      // Ends and timers may come between two looks, so one look proves nothing.
      stuckLooks_ = isStuck(decisions, again) ? stuckLooks_ + 1 : 0;
      if (stuckLooks_ > 2) return stuck();
      if (!commitIfDue()) return lost();
      takeIn(hands_.wait(patience(decisions, again)));
    }
  }

 private:
  /// Attempts that the record says are at work: those that live are waited for, the others are
  /// buried.
  void adoptRunning() {
    c_.advance(nowMs());
    for (auto [id, attempt] : c_.running()) {
      if (hands_.adopt({id, attempt, c_.engine().needsOf(id, attempt)})) {
        atWork_[id] = {attempt, false};
        progress_.say(fmt::format("{}: attempt {} still runs; it is waited for",
                                  c_.engine().idOf(id), attempt));
      } else {
        lose({id, attempt, "its controller died", true, ir::Outcome::NodeLost});
      }
    }
  }

  bool hasEnded(InstanceId id, uint32_t n) const {
    for (const Attempt& attempt : c_.engine().attemptsOf(id)) {
      if (attempt.n == n) return attempt.hasEnded;
    }
    return false;
  }

  /// It lives no more. It may have left its end in the inbox just before it went.
  void lose(const News::Gone& gone) {
    c_.ingest();
    forgetEnded();
    if (hasEnded(gone.instance, gone.attempt)) return;
    Record record;
    record.kind = Record::End;
    record.time = record.started = record.ended = nowMs();
    std::string name = c_.engine().idOf(gone.instance);
    record.instance = name;
    record.attempt = gone.attempt;
    record.outcome = gone.outcome;
    record.uncounted = gone.isUncounted;
    record.text = gone.why;
    c_.take(record);
    removeAll(workFolder(c_.run(), name, gone.attempt));
    forget(gone.instance);
  }

  void forget(InstanceId id) {
    if (atWork_.erase(id) == 0) return;
    hands_.forget(id);
    ++ends_;
  }

  /// After the inbox was taken in: who is done by now?
  void forgetEnded() {
    std::vector<InstanceId> done;
    for (const auto& [id, work] : atWork_) {
      if (hasEnded(id, work.attempt)) done.push_back(id);
    }
    for (InstanceId id : done) forget(id);
  }

  void startReady() {
    if (isStopping_ || isFull_) return;
    std::vector<Launch> launches = c_.choose(now_, [&](const Launch& launch) {
      Fit fit = hands_.take(launch);
      if (fit == Fit::TooLarge && tooLarge_.empty()) {
        std::string why = hands_.tooLarge(launch);
        if (!why.empty()) tooLarge_ = fmt::format("{}: {}", c_.engine().idOf(launch.instance), why);
      }
      return fit;
    });
    for (const Launch& launch : launches) start(launch);
  }

  void start(const Launch& launch) {
    Started started = hands_.start(launch);
    if (started.isQueued)
      c_.noteSubmit(launch, started.job, now_);
    else
      c_.noteStart(launch, started.job, {}, now_);
    atWork_[launch.instance] = {launch.attempt, false};
    if (started.wrong.empty()) {
      progress_.started(launch.instance, launch.attempt, now_);
      return;
    }
    Job job;
    job.instance = c_.engine().idOf(launch.instance);
    job.attempt = launch.attempt;
    Ending ending;
    ending.why = started.wrong;
    ending.started = ending.ended = now_;
    takeLines(launch.instance, linesOf(job, ending));
  }

  void takeLines(InstanceId id, llvm::StringRef lines) {
    llvm::BumpPtrAllocator memory;
    llvm::StringSaver saver(memory);
    Record record;
    while (!lines.empty()) {
      auto [line, rest] = lines.split('\n');
      lines = rest;
      if (!decode(line, record, saver)) continue;
      c_.take(record);
      if (record.kind == Record::End) progress_.ended(id, record, now_);
      if (record.kind == Record::End && record.uncounted && !isStopping_)
        isFull_ |= isDiskFull(c_.run());
    }
    forget(id);
  }

  void takeIn(const News& news) {
    now_ = nowMs();
    for (const News::End& end : news.ends) takeLines(end.instance, end.lines);
    if (news.hasInbox) {
      c_.ingest();
      forgetEnded();
    }
    for (const News::Gone& gone : news.gone) lose(gone);
  }

  void tell(InstanceId id, AttemptSignals::Wish wish) {
    auto work = atWork_.find(id);
    if (work == atWork_.end() || work->second.isTold) return;
    work->second.isTold = true;
    hands_.tell(id, wish);
  }

  /// Keeps the lease and hears of a person's wish to stop.
  bool checkHold() {
    if (now_ - heardAt_ < 200) return true;
    heardAt_ = now_;
    if (!c_.renew(now_)) {
      progress_.say("wfr: the lease was lost; somebody else took the run over");
      return false;
    }
    // Wishes of persons come this way.
    if (c_.ingest() > 0) forgetEnded();
    if (isStopping_ || (!isInterrupted() && !c_.isStopAsked())) return true;
    isStopping_ = true;
    progress_.say("stopping; what runs is ended");
    Record record;
    record.kind = Record::Stop;
    record.time = now_;
    c_.take(record);
    for (auto& [id, work] : atWork_) hands_.tell(id, AttemptSignals::Stop);
    return true;
  }

  /// While anything runs, durability is bought behind its back; what is quiet waits for it.
  bool commitIfDue() {
    if (!c_.hasUncommitted() || c_.isCommitting()) return true;
    if (atWork_.empty()) return c_.commit();
    if (now_ < commitAt_) return true;
    commitAt_ = now_ + 100;
    return c_.commitBehind();
  }

  int64_t patience(const Decisions& decisions, int64_t again) const {
    int64_t ms = stuckLooks_ > 0 || partLooks_ > 0 ? 1 : 500;
    if (c_.hasUncommitted()) ms = std::min<int64_t>(ms, std::max<int64_t>(1, commitAt_ - now_));
    if (again > 0) ms = std::min(ms, again);
    if (decisions.next > 0) ms = std::min(ms, std::max<int64_t>(1, decisions.next - now_));
    return ms;
  }

  /// Nothing runs, nothing waits for time or the outside, and yet it is not over.
  bool isStuck(const Decisions& decisions, int64_t again) const {
    if (isStopping_ || !atWork_.empty() || again > 0 || decisions.next > 0) return false;
    if (hands_.isDone()) return false;
    // What a person holds may be released.
    if (c_.engine().heldBack() > 0) return false;
    if (!decisions.records.empty() || c_.engine().counts().running > 0) return false;
    return !decisions.isOver && decisions.hooks.empty();
  }

  /// All that is left is what this start leaves out.
  bool isPartOver(const Decisions& decisions, int64_t again) {
    bool isIdle = c_.engine().isPart() && atWork_.empty() && again == 0 && decisions.next == 0 &&
                  decisions.records.empty() && !decisions.hasAsked && !isStopping_;
    partLooks_ = isIdle ? partLooks_ + 1 : 0;
    return partLooks_ > 2;
  }

  int leavePart() {
    if (!c_.commit()) return lost();
    progress_.finish(now_);
    progress_.say(
        "what was asked for has ended; a start without --only, --until or --skip goes on");
    return c_.engine().exitStatus();
  }

  int stuck() {
    progress_.finish(now_);
    if (!tooLarge_.empty())
      progress_.say(fmt::format("wfr: {}", tooLarge_));
    else
      progress_.say("wfr: nothing can go on; `wfr status` names what waits");
    return c_.commit() ? abi::LostControl : lost();
  }

  int finish() {
    c_.close(now_);
    if (!c_.commit()) return lost();
    progress_.finish(now_);
    int exit = c_.engine().exitStatus();
    if (exit == abi::SomeFailed)
      progress_.say(
          fmt::format("why: wfr why {0}    again: wfr retry {0}", ir::shellWord(c_.run())));
    return exit;
  }

  int stopped() {
    if (!c_.commit()) return lost();
    progress_.finish(now_);
    if (!isFull_) return abi::Stopped;
    progress_.say(fmt::format(
        "wfr: the disk of {} is full; make room and start again: what failed for it is run again",
        c_.run()));
    return abi::LostControl;
  }

  int leaveToOthers() {
    progress_.finish(now_);
    return c_.commit() ? static_cast<int>(abi::Good) : lost();
  }

  int leave() {
    if (!c_.commit()) return lost();
    progress_.say(fmt::format("left after {} ends", ends_));
    return abi::Stopped;
  }

  int lost() {
    progress_.say(fmt::format("wfr: the ledger cannot be written ({}); mend that and start again",
                              std::strerror(errno)));
    return abi::LostControl;
  }

  Controller& c_;
  const StartOptions& options_;
  Hands& hands_;
  Progress progress_;
  std::map<InstanceId, AtWork> atWork_;
  std::string tooLarge_;
  int64_t now_ = 0, commitAt_ = 0, heardAt_ = 0;
  int64_t ends_ = 0;
  int stuckLooks_ = 0, partLooks_ = 0;
  bool isStopping_ = false;
  /// An attempt found no room on the disk: nothing more is started.
  bool isFull_ = false;
};

}  // namespace

int runLoop(Controller& controller, const StartOptions& options, Hands& hands) {
  return Loop(controller, options, hands).run();
}

}  // namespace wfc::run
