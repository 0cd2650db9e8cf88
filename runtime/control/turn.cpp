// See turn.h.
#include "runtime/control/turn.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/ir/planned.h"

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/script_job.h"
#include "runtime/backend.h"

namespace wfc::run {

namespace {

/// Set by TERM: the scheduler, or a person, ends this job.
volatile std::sig_atomic_t isTold = 0;
void onTerm(int) { isTold = 1; }

constexpr int kNotOk = 1;

class Turn {
 public:
  Turn(const TurnArguments& args, const TurnHooks& hooks) : args_(args), hooks_(hooks) {}

  int work() {
    int status = takeIt();
    if (hooks_.leaving && view_ && instance_.valid()) hooks_.leaving(*view_, instance_);
    return status;
  }

 private:
  int takeIt() {
    if (!read()) return abi::LostControl;
    // What was written a moment ago may be between inbox and journal.
    for (int patience = 0; state().phase == Phase::Waiting && patience < 20; ++patience) {
      ::usleep(200000);
      if (!read()) return abi::LostControl;
    }
    if (isStopAsked()) return tell("the run was stopped");
    bool isToStart = state().phase == Phase::Ready || state().phase == Phase::Running;
    if (isToStart && !view_->engine->mayStart(instance_)) return tell("it is held back");
    if (isAtWork() && !buryDead()) return tell("an attempt of it runs elsewhere");
    switch (state().phase) {
      case Phase::Ready:
      case Phase::Running:  // handed over, not begun
        return attempt();
      case Phase::Ended:
        return verdict();
      case Phase::Delayed:
        return tell("it is tried again later");
      case Phase::Waiting:
      case Phase::Absent:
        break;
    }
    for (const Explanation& reason : view_->engine->explain(instance_))
      std::printf("wfr:   %s\n", reason.text.c_str());
    return tell("it is not its turn");
  }

  /// The run as it is now, settled in private: nothing of it is written.
  bool read() {
    std::string error;
    view_ = RunView::read(args_.run, error);
    std::optional<InstanceId> id;
    if (view_) {
      view_->engine->settle(nowMs());
      id = view_->engine->find(args_.instance);
      if (!id) error = fmt::format("the plan has no `{}`", args_.instance);
    }
    if (!id) {
      std::fprintf(stderr, "wfr: %s\n", error.c_str());
      return false;
    }
    instance_ = *id;
    return true;
  }

  const Instance& state() const { return view_->engine->state().at(instance_); }
  bool isAtWork() const { return state().phase == Phase::Running && state().isStarted; }

  bool isStopAsked() const {
    return ::access(fmt::format("{}/{}", args_.run, abi::kStopFile).c_str(), F_OK) == 0;
  }

  int tell(const char* what) const {
    std::printf("wfr: %s: %s\n", args_.instance.c_str(), what);
    return kNotOk;
  }

  int verdict() const {
    ir::Outcome outcome = state().outcome;
    std::printf("wfr: %s has ended %s\n", args_.instance.c_str(), ir::name(outcome).str().c_str());
    bool isWell = outcome == ir::Outcome::Ok || outcome == ir::Outcome::NoData ||
                  outcome == ir::Outcome::Skipped;
    return isWell ? 0 : kNotOk;
  }

  /// The attempt that the ledger knows to be at work is over, and so says the ledger now.
  bool buryDead() {
    if (!hooks_.isDead) return false;
    uint32_t attempt = view_->engine->attemptOf(instance_);
    std::optional<Record> end = hooks_.isDead(*view_, instance_, attempt);
    if (!end) return false;
    removeAll(workFolder(args_.run, args_.instance, attempt));
    return leaveInInbox(args_.run, args_.instance, attempt, "end", encode(*end)) && read() &&
           !isAtWork();
  }

  int attempt() {
    const Engine& engine = *view_->engine;
    Launch launch{instance_, engine.attemptOf(instance_), {}};
    launch.needs = engine.needsOf(instance_, launch.attempt);
    Job job;
    std::string error = makeJob(engine, args_.run, view_->header.project, launch, job);
    if (!claim(job) && !takeOver(job)) return tell("an attempt of it runs elsewhere");
    takenBack_ = takenBackMark(job.work);
    leaveStart(job);
    if (hooks_.begun) hooks_.begun(*view_, instance_);
    if (error.empty()) error = useScript(engine, launch, args_.command, job);
    Ending ending;
    if (error.empty()) {
      if (scheduler() != nullptr) capTime(job);
      if (hooks_.takeGpus) job.gpus = hooks_.takeGpus(*view_, launch.needs.gpus);
      ending = runAttempt(job, {[this] { return wish(); }});
      ::unlink((job.work + ".vars").c_str());
      if (scheduler() != nullptr) judgeTold(ending);
    } else {
      ending.why = error;
      ending.started = ending.ended = nowMs();
    }
    if (!leaveEnd(job, ending)) return abi::LostControl;
    std::printf("wfr: %s attempt %u: %s%s%s\n", job.instance.c_str(), job.attempt,
                ir::name(ending.outcome).str().c_str(), ending.why.empty() ? "" : ", ",
                ending.why.c_str());
    if (!read()) return abi::LostControl;
    return state().phase == Phase::Ended ? verdict() : tell("it is tried again");
  }

  /// The scheduler behind whoever started this job; null: there is none, or none is known.
  const Scheduler* scheduler() const { return findScheduler(view_->plan->module().siteFacts); }

  /// The wrapper ends that much earlier where the partition's longest time leaves no room for the
  /// site's margin.
  void capTime(Job& job) const {
    const ir::Module& module = view_->plan->module();
    std::string partition = ir::partitionOf(module, ir::FamilyId(instance_.family));
    int64_t most = ir::factNumber(module, fmt::format("partition.{}.walltime_ms", partition));
    if (most > 0) job.timeMs = std::min(job.timeMs, most - ir::factNumber(module, "margin_ms"));
  }

  /// Told to end, by no person: what for says the scheduler.
  void judgeTold(Ending& ending) const {
    // It tells all processes of a job at once: the body may have heard it first.
    bool isTermed = ending.signal == SIGTERM || ending.exit == 128 + SIGTERM;
    for (int round = 0; round < 20 && isTermed && isTold == 0; ++round) ::usleep(100000);
    bool isGood = ending.outcome == ir::Outcome::Ok || ending.outcome == ir::Outcome::NoData;
    if (isTold == 0 || isGood || isStopAsked()) return;
    JobWord word = scheduler()->wordOnOwn();
    ending.outcome = word.outcome;
    ending.uncounted = word.isUncounted;
    ending.why = word.why;
  }

  int wish() const {
    if (isTold != 0 || isStopAsked() || ::access(takenBack_.c_str(), F_OK) == 0)
      return AttemptSignals::Stop;
    return hooks_.wish ? hooks_.wish() : static_cast<int>(AttemptSignals::GoOn);
  }

  /// A claim without an attempt that runs: who made it died before it could say so. A scheduler
  /// that lives starts a job for an instance only once.
  bool takeOver(const Job& job) const {
    for (int patience = 0; patience < 15; ++patience) {
      std::optional<Claim> claim = readClaim(args_.run, job.instance, job.attempt);
      if (claim && lives(claim->wrapper) != 0) return false;
      if (claim) break;
      ::usleep(200000);
    }
    removeAll(job.work);
    return claim(job);
  }

  std::string ownJob() const {
    if (!hooks_.job.empty()) return hooks_.job;
    std::string job = scheduler() == nullptr ? "" : scheduler()->ownJob();
    return job.empty() ? fmt::format("pid {}", ::getpid()) : job;
  }

  std::string ownNode() const { return scheduler() == nullptr ? "" : scheduler()->ownNode(); }

  void leaveStart(const Job& job) const {
    Record start;
    start.kind = Record::Start;
    start.time = nowMs();
    start.instance = job.instance;
    start.attempt = job.attempt;
    std::string own = ownJob();
    start.job = own;
    std::string node = ownNode();
    start.node = node;
    leaveInInbox(args_.run, job.instance, job.attempt, "start", encode(start));
  }

  bool leaveEnd(const Job& job, Ending& ending) const {
    ending.job = ownJob();
    ending.node = ownNode();
    // On the disk before anybody may count on it.
    int folder = ::open(args_.run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) ::syncfs(folder);
    if (folder >= 0) ::close(folder);
    bool isLeft = leaveInInbox(args_.run, job.instance, job.attempt, "end", linesOf(job, ending));
    if (!isLeft)
      std::fprintf(stderr, "wfr: the end of %s could not be written\n", job.instance.c_str());
    return isLeft;
  }

  const TurnArguments& args_;
  const TurnHooks& hooks_;
  std::unique_ptr<RunView> view_;
  InstanceId instance_;
  std::string takenBack_;
};

}  // namespace

std::optional<TurnArguments> parseTurn(llvm::ArrayRef<std::string> args) {
  TurnArguments result;
  size_t n = 0;
  const char* run = std::getenv(std::string(abi::kRun).c_str());
  if (!args.empty() && llvm::StringRef(args[0]).starts_with("/"))
    result.run = args[n++];
  else if (run != nullptr)
    result.run = run;
  if (n < args.size()) result.instance = args[n++];
  if (n < args.size() && args[n] == "--")
    result.command.assign(args.begin() + static_cast<ptrdiff_t>(n) + 1, args.end());
  if (!result.run.empty() && !result.instance.empty() && !result.command.empty()) {
    std::string& program = result.command.front();
    if (!program.starts_with("/")) program = result.run + "/" + program;
    return result;
  }
  std::fprintf(stderr, "wfr: usage: wfr task [RUN] INSTANCE -- SCRIPT\n");
  return std::nullopt;
}

int takeTurn(const TurnArguments& arguments, const TurnHooks& hooks) {
  std::signal(SIGTERM, onTerm);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return Turn(arguments, hooks).work();
}

}  // namespace wfc::run
