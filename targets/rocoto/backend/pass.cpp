// See pass.h.
#include "targets/rocoto/backend/pass.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/process.h"
#include "runtime/attempt/run.h"
#include "runtime/control/hold.h"
#include "runtime/control/outside.h"
#include "runtime/control/watcher.h"
#include "runtime/ledger/calls.h"
#include "targets/rocoto/backend/cron.h"
#include "targets/rocoto/backend/document.h"

namespace wfc::rocoto {

using run::InstanceId;

namespace {

/// Rocoto may fail for a while: its database is locked by a run of it that a person started, or a
/// file system hangs.
constexpr unsigned kMostFailures = 5;

}  // namespace

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

Pass::Went Pass::once() {
  int64_t now = run::nowMs();
  if (!c_.renew(now)) return lost("the lease was lost; somebody else took the run over");
  c_.ingest();
  if (run::isInterrupted() || c_.isStopAsked()) return stopping();
  buryDead();
  if (!decide())
    return lost(fmt::format("the ledger cannot be written ({})", std::strerror(errno)));
  std::string text = run::countsText(c_.engine());
  if (text != said_) say(said_ = text);
  if (decisions_.isOver && decisions_.hooks.empty()) {
    c_.close(run::nowMs());
    takeOutOfCron();
    if (!c_.commit())
      return lost(fmt::format("the ledger cannot be written ({})", std::strerror(errno)));
    exit_ = c_.engine().exitStatus();
    return Went::Over;
  }
  return runRocoto();
}

const run::Scheduler* Pass::scheduler() const {
  return run::findScheduler(c_.view().plan->module().siteFacts);
}

bool Pass::hasNews() const {
  return run::isInterrupted() || c_.isStopAsked() || !run::readInbox(c_.run()).empty();
}

void Pass::buryDead() {
  c_.advance(run::nowMs());
  run::Watcher watcher(c_.run(), scheduler());
  for (auto [id, attempt] : c_.running()) {
    if (!c_.engine().state().at(id).isStarted) continue;
    std::optional<run::Record> end = watcher.endOf(c_.engine(), id, attempt);
    if (!end) continue;
    // It may have left its end just before it went.
    c_.ingest();
    if (c_.engine().attemptsOf(id).back().hasEnded) continue;
    c_.take(*end);
    run::removeAll(run::workFolder(c_.run(), c_.engine().idOf(id), attempt));
  }
}

bool Pass::decide() {
  int64_t now = run::nowMs();
  decisions_ = c_.advance(now);
  for (int round = 0; !decisions_.hooks.empty() && round < 100; ++round) {
    if (!c_.commit()) return false;
    run::runHooks(c_, decisions_);
    decisions_ = c_.advance(run::nowMs());
  }
  int64_t again = run::lookAtWatches(c_, decisions_, now);
  decisions_ = c_.advance(run::nowMs());
  next_ = decisions_.next;
  if (again > 0 && (next_ == 0 || now + again < next_)) next_ = now + again;
  // An attempt that is late is told by a file, at which its wrapper looks.
  for (InstanceId id : decisions_.kills) {
    std::string marker = targets::rocoto::markerOf(c_.engine(), outline_.shapes[id.family], id);
    std::string path = fmt::format("{}/late/{}", c_.run(), marker);
    run::makeFolders(path.substr(0, path.rfind('/')));
    run::writeWhole(path, "");
  }
  choose();
  return !c_.hasUncommitted() || c_.commit();
}

/// Only families under limits that Rocoto cannot count are chosen from; the others it takes itself.
void Pass::choose() {
  int64_t now = run::nowMs();
  std::vector<run::Launch> launches = c_.choose(now, [&](const run::Launch& launch) {
    return outline_.shapes[launch.instance.family].isChosen ? run::Fit::Taken : run::Fit::TooLarge;
  });
  for (const run::Launch& launch : launches) c_.noteSubmit(launch, {}, now);
}

Pass::Went Pass::runRocoto() {
  RunDocument document(c_, outline_);
  auto disk = [&] {
    return lost(fmt::format("cannot write in {} ({})", c_.run(), std::strerror(errno)));
  };
  if (!document.write(nullptr)) return disk();
  takeBack(c_, outline_);
  if (!callRocotorun()) return Went::Lost;
  std::vector<RunDocument::Group> groups = document.groups();
  for (const RunDocument::Group& group : groups) {
    if (!document.write(&group)) return disk();
    if (!callRocotorun()) return Went::Lost;
  }
  if (!groups.empty() && !document.write(nullptr)) return disk();
  run::Counts counts = c_.engine().counts();
  // What a person holds may be released.
  uint64_t ready = counts.ready - std::min<uint64_t>(counts.ready, c_.engine().heldBack());
  bool isWaited = counts.running + ready + counts.delayed > 0 || next_ > 0;
  if (c_.engine().isPart() && !isWaited) {
    say("what was asked for has ended; a start without --only, --until or --skip goes on");
    exit_ = c_.engine().exitStatus();
    return Went::Over;
  }
  bool isOpen = c_.engine().heldBack() > 0;
  for (const targets::rocoto::Cycles& cycles : outline_.groups) isOpen |= cycles.isOpen;
  idle_ = isWaited || isOpen ? 0 : idle_ + 1;
  if (idle_ > 2) return lost("nothing can go on; `wfr status` names what waits");
  return Went::On;
}

std::string Pass::whyFailed(int status) const {
  std::string words =
      fmt::format("its words are in {}/{}/rocotorun.log", c_.run(), run::abi::kLogsDir);
  if (status == run::kTimedOut) return "rocotorun came to no end, and was ended; " + words;
  if (status == -1)
    return "rocotorun cannot be started; put it on PATH, or name its folder in ROCOTO_HOME";
  return fmt::format("rocotorun ended with exit status {}; {}", status, words);
}

/// False: it has failed too often.
bool Pass::callRocotorun() {
  std::string said;
  int status = rocotorun(c_.run(), said);
  run::noteCalls(c_.run(), {{"rocotorun", 1}});
  run::foldCalls(c_.run());
  if (!said.empty()) say(said);
  if (status == 0) {
    failures_ = 0;
    return true;
  }
  std::string why = whyFailed(status);
  if (status != -1 && status < 126 && ++failures_ < kMostFailures) {
    say(why);
    return true;
  }
  lost(why);
  return false;
}

void Pass::takeOutOfCron() const {
  if (std::string left = removeCron(c_.run()); !left.empty()) say(left);
}

Pass::Went Pass::lost(const std::string& why) {
  c_.commit();
  fmt::print(stderr, "wfr: {}\n", why);
  exit_ = run::abi::LostControl;
  return Went::Lost;
}

/// Attempts hear of the wish by its file and end themselves; what waits in the queue is cancelled.
Pass::Went Pass::stopping() {
  if (!isStopping_) {
    isStopping_ = true;
    run::writeWhole(fmt::format("{}/{}", c_.run(), run::abi::kStopFile),
                    fmt::format("{}\n", run::nowMs()), true);
    say("stopping; what runs is ended");
    run::Record record;
    record.kind = run::Record::Stop;
    record.time = run::nowMs();
    c_.take(record);
    if (const run::Scheduler* queue = scheduler())
      queue->cancel(queue->jobsIn(c_.run(), true).value_or(std::vector<std::string>()));
    takeOutOfCron();
  }
  buryDead();
  c_.commit();
  bool isAtWork = false;
  for (auto [id, attempt] : c_.running()) isAtWork |= c_.engine().state().at(id).isStarted;
  if (isAtWork) return Went::On;
  say(run::countsText(c_.engine()));
  exit_ = run::abi::Stopped;
  return Went::Stopped;
}

}  // namespace wfc::rocoto
