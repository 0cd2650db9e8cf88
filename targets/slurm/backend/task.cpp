// The body's way: whose turn is it, claim, run, record, step, requeue. It never waits for another
// inside its allocation; the only patience it has is for a shared file system to show what was
// written a moment ago.
#include "targets/slurm/backend/task.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/attempt/script_job.h"
#include "runtime/control/controller.h"
#include "targets/slurm/backend/reconcile.h"
#include "targets/slurm/backend/requeue.h"
#include "targets/slurm/backend/step.h"
#include "targets/slurm/backend/told.h"

namespace wfc::slurm {

namespace {

using run::InstanceId;
using run::Launch;
using run::Phase;
using run::RunView;

/// Set by TERM: the scheduler, or a person, ends this job.
volatile std::sig_atomic_t isTold = 0;

constexpr int kNotItsTurn = 1;

struct Arguments {
  std::string run, family;
  uint32_t iteration = 0;
  std::vector<std::string> command;
  std::string error;
};

Arguments parse(llvm::ArrayRef<std::string> args) {
  Arguments result;
  size_t n = 0;
  const char* run = std::getenv(std::string(run::abi::kRun).c_str());
  if (!args.empty() && llvm::StringRef(args[0]).starts_with("/"))
    result.run = args[n++];
  else if (run != nullptr)
    result.run = run;
  if (n < args.size()) result.family = args[n++];
  uint32_t index = 0, offset = 0;
  if (n < args.size() && args[n] != "--" && llvm::StringRef(args[n++]).getAsInteger(10, index))
    result.error = "the index is no number";
  const char* chunk = std::getenv("WFR_OFFSET");
  if (chunk != nullptr) (void)llvm::StringRef(chunk).getAsInteger(10, offset);
  result.iteration = offset + index;
  if (n < args.size() && args[n] == "--")
    result.command.assign(args.begin() + static_cast<ptrdiff_t>(n) + 1, args.end());
  if (result.run.empty() || result.family.empty() || result.command.empty())
    result.error = "usage: wfr task [RUN] FAMILY [INDEX] -- COMMAND…";
  return result;
}

class Body {
 public:
  explicit Body(Arguments args) : args_(std::move(args)), job_(ownJob()) {}

  int work() {
    // A life of this job that died without a word is buried first; then it may be this one's turn.
    for (int round = 0; round < 3; ++round) {
      if (!read()) return run::abi::LostControl;
      int exit = 0;
      if (!isItsTurn(exit)) return exit;
      if (wasOurs()) {
        if (!bury()) return run::abi::LostControl;
        continue;
      }
      return isTooSmall() ? makeWay() : attempt();
    }
    return kNotItsTurn;
  }

 private:
  /// The run as it is now, settled in private: nothing of it is written.
  bool read() {
    std::string error;
    view_ = RunView::read(args_.run, error);
    if (view_ == nullptr) {
      std::fprintf(stderr, "wfr: %s\n", error.c_str());
      return false;
    }
    std::optional<uint32_t> family = view_->plan->familyNamed(args_.family);
    view_->engine->settle(run::nowMs());
    if (!family || args_.iteration >= view_->engine->state().families[*family].instances.size()) {
      std::fprintf(stderr, "wfr: the plan has no `%s` number %u\n", args_.family.c_str(),
                   args_.iteration);
      return false;
    }
    instance_ = {*family, args_.iteration};
    return true;
  }

  const run::Instance& state() const { return view_->engine->state().at(instance_); }

  std::string name() const { return view_->engine->idOf(instance_); }

  bool isItsTurn(int& exit) {
    exit = kNotItsTurn;
    if (run::readFile(fmt::format("{}/{}", args_.run, run::abi::kStopFile))) {
      std::printf("wfr: the run was stopped; %s does not start\n", name().c_str());
      return false;
    }
    for (int patience = 0; state().phase == Phase::Waiting && patience < 4; ++patience) {
      ::usleep(500000);
      if (!read()) return false;
    }
    Phase phase = state().phase;
    if (phase == Phase::Ended) {
      std::printf("wfr: %s has ended %s\n", name().c_str(),
                  ir::name(state().outcome).str().c_str());
      exit = state().outcome == ir::Outcome::Ok ? 0 : kNotItsTurn;
      return false;
    }
    if (phase == Phase::Delayed) return waitForDelay(exit);
    bool isToStart = phase == Phase::Ready || phase == Phase::Running;
    if (isToStart && view_->engine->mayStart(instance_)) return true;
    std::printf("wfr: %s %s\n", isToStart ? "held back is" : "it is not the turn of",
                name().c_str());
    for (const run::Explanation& reason : view_->engine->explain(instance_))
      std::printf("wfr:   %s\n", reason.text.c_str());
    if (!job_.empty()) Table(args_.run).gone(job_);
    return false;
  }

  /// Its delay is not over: back into the queue until it is.
  bool waitForDelay(int& exit) {
    int64_t at = run::nowMs() + 1000;
    if (std::optional<run::Attempt> last = lastAttempt())
      at = last->ended + view_->engine->retryAfter(instance_, last->outcome).value_or(0);
    if (at <= run::nowMs()) return true;
    again(at);
    exit = kNotItsTurn;
    return false;
  }

  /// SLURM itself has started this job again, as after a loss of its node, with what an earlier
  /// attempt needed.
  bool isTooSmall() const {
    if (std::getenv("SLURM_RESTART_COUNT") == nullptr) return false;
    const run::Engine& engine = *view_->engine;
    run::Needs needs = engine.needsOf(instance_, engine.attemptOf(instance_));
    auto hasLess = [](const char* variable, int64_t needed) {
      const char* text = std::getenv(variable);
      int64_t has = 0;
      return text != nullptr && !llvm::StringRef(text).getAsInteger(10, has) && has < needed;
    };
    constexpr int64_t kMiB = 1 << 20;
    // SLURM_CPUS_PER_TASK stays what it was when a job is updated; on several nodes each has a
    // task.
    int64_t onNode = needs.cpus * (needs.nodes > 1 ? 1 : needs.tasks);
    return hasLess("SLURM_JOB_NUM_NODES", needs.nodes) || hasLess("SLURM_NTASKS", needs.tasks) ||
           hasLess("SLURM_CPUS_ON_NODE", onNode) || hasLess("SLURM_GPUS_ON_NODE", needs.gpus) ||
           hasLess("SLURM_MEM_PER_NODE", (needs.memory + kMiB - 1) / kMiB);
  }

  /// Another job is submitted for the attempt.
  int makeWay() {
    // Before the step, which sees it then.
    if (!job_.empty()) Table(args_.run).gone(job_);
    takeStep(args_.run, StepKind::Body);
    return kNotItsTurn;
  }

  std::optional<run::Attempt> lastAttempt() const {
    std::vector<run::Attempt> attempts = view_->engine->attemptsOf(instance_);
    return attempts.empty() ? std::nullopt : std::optional(attempts.back());
  }

  /// The attempt at work was begun by an earlier life of this very job.
  bool wasOurs() const {
    std::optional<run::Attempt> last = lastAttempt();
    if (!last || last->hasEnded || !state().isStarted) return false;
    return view_->engine->detailsOf(*last).job == job_ && !job_.empty();
  }

  bool bury() {
    std::string state = "REQUEUED";
    Calls calls(args_.run);
    if (Facts(view_->plan->module()).hasSacct()) {
      for (const QueueRow& row : calls.history({job_})) {
        if (row.job == job_ && row.state != "RUNNING" && row.state != "PENDING") state = row.state;
      }
    }
    Cause cause = causeOf(state);
    run::Ending ending;
    ending.outcome = cause.outcome;
    ending.uncounted = cause.uncounted;
    ending.why = cause.why.str();
    ending.started = ending.ended = run::nowMs();
    run::Job job;
    job.instance = name();
    job.attempt = lastAttempt()->n;
    return leaveEnd(job, ending);
  }

  /// False: it could not be written. Then the job is to fail: whoever looks at the queue knows that
  /// its wrapper had no word, which counts against nobody.
  bool leaveEnd(const run::Job& job, run::Ending& ending) {
    ending.job = job_;
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    const char* node = std::getenv("SLURMD_NODENAME");
    ending.node = node != nullptr ? node : host;
    bool isLeft =
        run::leaveInInbox(args_.run, job.instance, job.attempt, "end", run::linesOf(job, ending));
    if (!isLeft)
      std::fprintf(stderr, "wfr: the end of %s could not be written\n", job.instance.c_str());
    return isLeft;
  }

  /// Also applied in private, so that the engine says when a deadline passes.
  void leaveStart(const run::Job& job) {
    run::Record start;
    start.kind = run::Record::Start;
    start.time = run::nowMs();
    start.instance = job.instance;
    start.attempt = job.attempt;
    start.job = job_;
    const char* node = std::getenv("SLURMD_NODENAME");
    start.node = node != nullptr ? node : "";
    run::leaveInInbox(args_.run, job.instance, job.attempt, "start", run::encode(start));
    view_->engine->apply(start);
  }

  /// The wrapper ends that much earlier where the partition's longest time leaves no room for the
  /// margin.
  void capTime(run::Job& job) const {
    Facts facts(view_->plan->module());
    int64_t most = facts.walltimeMs(instance_.family);
    if (most > 0 && job.timeMs > most - facts.marginMs()) job.timeMs = most - facts.marginMs();
  }

  int attempt() {
    run::Engine& engine = *view_->engine;
    Launch launch{instance_, engine.attemptOf(instance_), {}};
    launch.needs = engine.needsOf(instance_, launch.attempt);
    run::Job job;
    std::string error = run::makeJob(engine, args_.run, view_->header.project, launch, job);
    if (!run::claim(job) && !takeOver(job)) {
      std::printf("wfr: attempt %u of %s is another job's\n", job.attempt, job.instance.c_str());
      return kNotItsTurn;
    }
    takenBack_ = run::takenBackMark(job.work);
    leaveStart(job);
    run::Ending ending;
    if (error.empty()) error = useScript(engine, launch, args_.command, job);
    if (error.empty()) {
      capTime(job);
      ending = run::runAttempt(job, {[this] { return wish(); }});
      wasTakenBack_ = ending.uncounted && isTold == 0 && isTakenBack();
      ::unlink((job.work + ".vars").c_str());
      // The scheduler tells all processes of a job at once: the body may have heard it first, or
      // what its shell was waiting for.
      bool isTermed = ending.signal == SIGTERM || ending.exit == 128 + SIGTERM;
      for (int round = 0; round < 20 && isTermed && isTold == 0; ++round) ::usleep(100000);
    } else {
      ending.why = error;
      ending.started = ending.ended = run::nowMs();
    }
    if (isTold != 0) judgeTold(ending);
    if (!leaveEnd(job, ending)) return run::abi::LostControl;
    std::printf("wfr: %s attempt %u: %s%s%s\n", job.instance.c_str(), job.attempt,
                ir::name(ending.outcome).str().c_str(), ending.why.empty() ? "" : ", ",
                ending.why.c_str());
    return afterwards(ending);
  }

  /// Asked while the body runs.
  int wish() {
    if (isTold != 0 || isTakenBack()) return run::AttemptSignals::Stop;
    if (view_->plan->module().families[instance_.family].deadlineMs <= 0)
      return run::AttemptSignals::GoOn;
    std::vector<InstanceId> late = view_->engine->settle(run::nowMs()).kills;
    bool isLate = std::find(late.begin(), late.end(), instance_) != late.end();
    return isLate ? run::AttemptSignals::Deadline : run::AttemptSignals::GoOn;
  }

  bool isTakenBack() const { return ::access(takenBack_.c_str(), F_OK) == 0; }

  /// A claim without a record of a start: an earlier life of this job was killed between the two.
  bool takeOver(const run::Job& job) const {
    const char* restarts = std::getenv("SLURM_RESTART_COUNT");
    std::optional<run::Attempt> last = lastAttempt();
    bool isUnknown = !last || last->n != job.attempt || !state().isStarted;
    if (restarts == nullptr || !isUnknown) return false;
    run::removeAll(job.work);
    return run::claim(job);
  }

  /// Told to end: what for says the scheduler, or the mark that a step left.
  void judgeTold(run::Ending& ending) const {
    if (ending.outcome == ir::Outcome::Ok || ending.outcome == ir::Outcome::NoData) return;
    if (run::readFile(fmt::format("{}/{}/late/{}", args_.run, run::abi::kLedgerDir, job_))) {
      ending.outcome = ir::Outcome::TimedOut;
      ending.why = "its deadline passed";
      ending.uncounted = false;
      return;
    }
    Cause cause = end_.cause(args_.run);
    bool isStopped =
        run::readFile(fmt::format("{}/{}", args_.run, run::abi::kStopFile)).has_value();
    ending.outcome = cause.outcome;
    ending.uncounted = cause.uncounted || isStopped;
    ending.why = isStopped ? "the run was stopped" : cause.why.str();
  }

  /// After the record: does another attempt follow, and in this job?
  int afterwards(const run::Ending& ending) {
    if (isTold != 0) return kNotItsTurn;
    if (wasTakenBack_) return makeWay();
    bool isOk = ending.outcome == ir::Outcome::Ok && !ending.slice;
    if (!isOk && read() && state().phase != Phase::Ended) {
      int64_t at = 0;
      if (std::optional<run::Attempt> last = lastAttempt(); last && !last->slice)
        at = last->ended + view_->engine->retryAfter(instance_, last->outcome).value_or(0);
      if (growsBeyond()) return makeWay();
      takeStep(args_.run, StepKind::Body);
      again(at);
      return kNotItsTurn;
    }
    StepResult result = takeStep(args_.run, StepKind::Body);
    if (result.exit == run::abi::LostControl)
      std::fprintf(stderr, "wfr: %s\n", result.error.c_str());
    return isOk ? 0 : kNotItsTurn;
  }

  void again(int64_t at) {
    if (job_.empty()) return;
    Calls calls(args_.run);
    Table table(args_.run);
    Submitter submitter(args_.run, view_->header, view_->plan->module(), calls, table);
    Again again{job_, instance_.family, at, false, {}};
    run::Engine& engine = *view_->engine;
    std::optional<run::Attempt> last = lastAttempt();
    uint32_t next = !last ? 1 : last->n + 1;
    again.needs = engine.needsOf(instance_, next);
    run::Needs now = engine.needsOf(instance_, !last ? 1 : last->n);
    again.isGrown = again.needs.memory != now.memory || again.needs.timeMs != now.timeMs ||
                    again.needs.cpus != now.cpus;
    std::string error = requeue(submitter, again);
    if (error.empty()) return;
    std::printf("wfr: the job cannot be requeued (%s); another will be submitted\n", error.c_str());
    table.gone(job_);
    takeStep(args_.run, StepKind::Sweep);
  }

  /// What an update cannot say grows in a new job only.
  bool growsBeyond() const {
    std::optional<run::Attempt> last = lastAttempt();
    if (!last || job_.empty()) return false;
    run::Needs next = view_->engine->needsOf(instance_, last->n + 1);
    run::Needs now = view_->engine->needsOf(instance_, last->n);
    return next.nodes != now.nodes || next.tasks != now.tasks || next.gpus != now.gpus ||
           next.licences != now.licences;
  }

  Arguments args_;
  std::string job_;
  OwnEnd end_;
  std::unique_ptr<RunView> view_;
  InstanceId instance_;
  std::string takenBack_;
  bool wasTakenBack_ = false;
};

void onTerm(int) { isTold = 1; }
void onNothing(int) {}

}  // namespace

int task(llvm::ArrayRef<std::string> args) {
  Arguments arguments = parse(args);
  if (!arguments.error.empty()) {
    std::fprintf(stderr, "wfr: %s\n", arguments.error.c_str());
    return run::abi::WrongUse;
  }
  std::signal(SIGTERM, onTerm);
  // The script's --signal is for the body, which the wrapper tells by its own clock; caught, not
  // ignored, or the body inherits it.
  std::signal(SIGUSR1, onNothing);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return Body(std::move(arguments)).work();
}

}  // namespace wfc::slurm
