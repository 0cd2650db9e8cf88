// One attempt inside a job of Snakemake: whose turn is it, claim, run, leave the end in the inbox.
// The exit status is what Snakemake goes by: 0 where the instance has ended and did not fail, so
// that those after it are started (they may find that they are skipped); else 1.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/attempt/script_job.h"
#include "runtime/control/controller.h"
#include "targets/snakemake/backend/backend.h"

namespace wfc::snakemake {

namespace {

using run::InstanceId;
using run::Launch;
using run::Phase;
using run::RunView;

/// Set by TERM: Snakemake, or a person, ends this job.
volatile std::sig_atomic_t isTold = 0;
void onTerm(int) { isTold = 1; }

constexpr int kNotOk = 1;

struct Arguments {
  std::string run, instance;
  std::vector<std::string> command;
};

/// `[RUN] INSTANCE -- COMMAND…`; the command's first word is relative to the run's folder.
std::optional<Arguments> parse(llvm::ArrayRef<std::string> args) {
  Arguments result;
  size_t n = 0;
  const char* run = std::getenv(std::string(run::abi::kRun).c_str());
  if (!args.empty() && llvm::StringRef(args[0]).starts_with("/"))
    result.run = args[n++];
  else if (run != nullptr)
    result.run = run;
  if (n < args.size()) result.instance = args[n++];
  if (n < args.size() && args[n] == "--")
    result.command.assign(args.begin() + static_cast<ptrdiff_t>(n) + 1, args.end());
  if (result.run.empty() || result.instance.empty() || result.command.empty()) return std::nullopt;
  std::string& program = result.command.front();
  if (!program.starts_with("/")) program = result.run + "/" + program;
  return result;
}

/// Numbers of GPUs, each held by a lock on a file of its own as long as this process lives.
std::string takeGpus(const std::string& run, const ir::Module& module, int64_t count) {
  int64_t most = 0;
  for (const auto& [key, text] : module.siteFacts) {
    int64_t amount = 0;
    bool isCount = llvm::StringRef(key).starts_with("partition.") &&
                   llvm::StringRef(key).contains(".gpus.") &&
                   !llvm::StringRef(text).getAsInteger(10, amount);
    if (isCount) most += amount;
  }
  std::string folder = fmt::format("{}/{}/gpus", run, run::abi::kWorkDir), numbers;
  if (count > 0) run::makeFolders(folder);
  for (int64_t n = 0; n < std::max(most, count) && count > 0; ++n) {
    int fd = ::open(fmt::format("{}/{}", folder, n).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) continue;
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd);
      continue;
    }
    // The descriptor stays open: its end is the lock's.
    numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", n);
    --count;
  }
  return numbers;
}

class Body {
 public:
  explicit Body(Arguments args) : args_(std::move(args)) {}

  int work() {
    if (!read()) return run::abi::LostControl;
    // What was written a moment ago may be between inbox and journal.
    for (int patience = 0; state().phase == Phase::Waiting && patience < 20; ++patience) {
      ::usleep(200000);
      if (!read()) return run::abi::LostControl;
    }
    if (isStopAsked()) return tell("the run was stopped");
    switch (state().phase) {
      case Phase::Ready:
        return attempt();
      case Phase::Ended:
        return verdict();
      case Phase::Delayed:
        return tell("it is tried again later");
      case Phase::Running:
        return tell("an attempt of it runs elsewhere");
      case Phase::Waiting:
      case Phase::Absent:
        break;
    }
    for (const run::Explanation& reason : view_->engine->explain(instance_))
      std::printf("wfr:   %s\n", reason.text.c_str());
    return tell("it is not its turn");
  }

 private:
  /// The run as it is now, settled in private: nothing of it is written.
  bool read() {
    std::string error;
    view_ = RunView::read(args_.run, error);
    std::optional<InstanceId> id;
    if (view_) {
      view_->engine->settle(run::nowMs());
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

  const run::Instance& state() const { return view_->engine->state().at(instance_); }

  bool isStopAsked() const {
    return ::access(fmt::format("{}/{}", args_.run, run::abi::kStopFile).c_str(), F_OK) == 0;
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

  int attempt() {
    const run::Engine& engine = *view_->engine;
    Launch launch{instance_, engine.attemptOf(instance_), {}};
    launch.needs = engine.needsOf(instance_, launch.attempt);
    run::Job job;
    std::string error = run::makeJob(engine, args_.run, view_->header.project, launch, job);
    if (!run::claim(job) && !takeOver(job)) return tell("an attempt of it runs elsewhere");
    leaveStart(job);
    if (error.empty()) error = run::useScript(engine, launch, args_.command, job);
    run::Ending ending;
    if (error.empty()) {
      job.gpus = takeGpus(args_.run, view_->plan->module(), launch.needs.gpus);
      ending = run::runAttempt(job, {[this] { return wish(); }});
      ::unlink((job.work + ".vars").c_str());
    } else {
      ending.why = error;
      ending.started = ending.ended = run::nowMs();
    }
    if (!leaveEnd(job, ending)) return run::abi::LostControl;
    std::printf("wfr: %s attempt %u: %s%s%s\n", job.instance.c_str(), job.attempt,
                ir::name(ending.outcome).str().c_str(), ending.why.empty() ? "" : ", ",
                ending.why.c_str());
    if (!read()) return run::abi::LostControl;
    return state().phase == Phase::Ended ? verdict() : tell("it is tried again");
  }

  int wish() const {
    return isTold != 0 || isStopAsked() ? run::AttemptSignals::Stop : run::AttemptSignals::GoOn;
  }

  /// A claim without an attempt that runs: who made it died before it could say so. While Snakemake
  /// lives, it starts a job for an instance only once.
  bool takeOver(const run::Job& job) const {
    for (int patience = 0; patience < 15; ++patience) {
      std::optional<run::Claim> claim = run::readClaim(args_.run, job.instance, job.attempt);
      if (claim && run::lives(claim->wrapper) != 0) return false;
      if (claim) break;
      ::usleep(200000);
    }
    run::removeAll(job.work);
    return run::claim(job);
  }

  void leaveStart(const run::Job& job) const {
    run::Record start;
    start.kind = run::Record::Start;
    start.time = run::nowMs();
    start.instance = job.instance;
    start.attempt = job.attempt;
    std::string own = std::to_string(::getpid());
    start.job = own;
    run::leaveInInbox(args_.run, job.instance, job.attempt, "start", run::encode(start));
  }

  bool leaveEnd(const run::Job& job, run::Ending& ending) const {
    ending.job = std::to_string(::getpid());
    // On the disk before anybody may count on it.
    int folder = ::open(args_.run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) ::syncfs(folder);
    if (folder >= 0) ::close(folder);
    bool isLeft =
        run::leaveInInbox(args_.run, job.instance, job.attempt, "end", run::linesOf(job, ending));
    if (!isLeft)
      std::fprintf(stderr, "wfr: the end of %s could not be written\n", job.instance.c_str());
    return isLeft;
  }

  Arguments args_;
  std::unique_ptr<RunView> view_;
  InstanceId instance_;
};

}  // namespace

int task(llvm::ArrayRef<std::string> args) {
  std::optional<Arguments> arguments = parse(args);
  if (!arguments) {
    std::fprintf(stderr, "wfr: usage: wfr task [RUN] INSTANCE -- SCRIPT\n");
    return run::abi::WrongUse;
  }
  std::signal(SIGTERM, onTerm);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return Body(std::move(*arguments)).work();
}

}  // namespace wfc::snakemake
