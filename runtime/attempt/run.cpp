// The wrapper. One loop waits for the body, the clock, the memory watch, the checks and a wish to
// stop; everything that can end an attempt early goes through `Body::end`, which gives the whole
// group TERM, a grace, and KILL.
#include "runtime/attempt/run.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/attempt/checks.h"
#include "runtime/attempt/container.h"
#include "runtime/attempt/copies.h"
#include "runtime/attempt/gpus.h"
#include "runtime/attempt/inputs.h"
#include "runtime/attempt/outputs.h"
#include "runtime/attempt/process.h"
#include "runtime/attempt/recipe.h"
#include "runtime/attempt/said.h"
#include "runtime/attempt/script.h"
#include "runtime/attempt/secrets.h"

namespace wfc::run {

namespace {

/// Shell lines that make the environment of a task.
std::string prologueOf(const Job& job) {
  std::string text;
  if (!job.modules.empty()) {
    text +=
        "if ! command -v module >/dev/null 2>&1; then for f in "
        "\"${LMOD_PKG-/usr/share/lmod/lmod}/init/bash\" /etc/profile.d/lmod.sh "
        "/etc/profile.d/modules.sh /usr/share/modules/init/bash; do if [ -r \"$f\" ]; then . "
        "\"$f\"; break; fi; done; fi; module load";
    for (const std::string& module : job.modules) text += " " + shellQuoted(module);
    text += " || exit 1; ";
  }
  if (!job.conda.empty())
    text += fmt::format("eval \"$(conda shell.posix hook)\" && conda activate {} || exit 1; ",
                        shellQuoted(job.conda));
  return text;
}

/// Adds the runtime's own folder as the last on PATH, where bodies find what lies beside it
/// (`wfr-geo`). A container has a PATH of its own, and none of our programs.
void extendPath(const Job& job, std::vector<std::pair<std::string, std::string>>& env) {
  const char* path = ::getenv("PATH");
  if (path == nullptr || !job.container.empty()) return;
  std::string folder = std::filesystem::path(ownPath()).parent_path().string();
  env.push_back({"PATH", fmt::format("{}:{}", path, folder)});
}

/// How often GPUs are looked at.
constexpr int64_t kGpusLookMs = 5000;

/// One body at work.
class Body {
 public:
  Body(const Job& job, const AttemptSignals& signals, Ending& ending)
      : job_(job),
        signals_(signals),
        ending_(ending),
        isKept_(isKept(job)),
        checks_(job, env_, prologueOf(job)),
        secrets_(job) {}

  /// What to run; empty error or why it cannot be made ready.
  std::string prepare(Spawn& what) {
    Command command = commandOf(job_.script, prologueOf(job_), job_.work + "/.vars");
    if (!command.vars.empty() && !createExclusive(job_.work + "/.vars", command.vars))
      return fmt::format("cannot write variables: {}", std::strerror(errno));
    if (!command.file.empty() && !createExclusive(command.path, command.file))
      return fmt::format("cannot write the script: {}", std::strerror(errno));
    extendPath(job_, env_);
    env_.insert(env_.end(), job_.env.begin(), job_.env.end());
    env_.insert(env_.end(), command.env.begin(), command.env.end());
    env_.insert(env_.end(), {{std::string(abi::kInstance), job_.instance},
                             {std::string(abi::kAttempt), std::to_string(job_.attempt)},
                             {std::string(abi::kRun), job_.run},
                             {std::string(abi::kWfr), ownPath()},
                             {std::string(abi::kValues), job_.work + "/values.json"},
                             {std::string(abi::kTmp), job_.work + "/tmp"},
                             {std::string(abi::kSaid), saidFile(job_.work)}});
    for (const JobOutput& output : job_.outputs) {
      if (output.isCheckpoint) env_.push_back({std::string(abi::kCheckpoint), output.work});
    }
    if (!job_.gpus.empty()) env_.push_back({"CUDA_VISIBLE_DEVICES", job_.gpus});
    if (!job_.ray.empty()) env_.push_back({"RAY_ADDRESS", job_.ray});
    std::string wrong = secrets_.fetch(env_);
    if (!wrong.empty()) return wrong;
    carryOut(formerEnd(job_));
    what.env = env_;
    what.argv = job_.container.empty() ? command.argv : inContainer(job_, command.argv, what.env);
    if (!job_.container.empty() && !noteContainer(job_.work, containerEnd(job_)))
      return fmt::format("cannot write in {}: {}", job_.work, std::strerror(errno));
    // podman's monitor leaves a file `oom` where it was started; where the body runs is an option
    // of its own.
    what.folder = isKept_ ? job_.work : job_.project;
    what.log = job_.log;
    return {};
  }

  void run(const Spawn& what) {
    int64_t kills = memoryKills();
    pid_ = spawn(what);
    if (pid_ == -ENOENT) {
      // The log's folder, on the first attempt of a family.
      makeFolders(job_.log.substr(0, job_.log.rfind('/')));
      pid_ = spawn(what);
    }
    if (pid_ < 0) {
      ending_.why = fmt::format("cannot start {}: {}", what.argv[0], std::strerror(-pid_));
      return;
    }
    writeClaim(job_.work, pid_);
    meter_.open(shownGpus(), kGpusLookMs);
    begun_ = nowMs();
    watch();
    checks_.end();
    secrets_.end();
    status_ = reap(pid_, used_);
    bool isWell = WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
    isOutOfMemory_ = !isWell && memoryKills() > kills;
    if (isKept_) {
      ContainerUse use = containerUse(job_);
      isOutOfMemory_ |= !isWell && use.kills > 0;
      used_.rss = use.peak;
    }
    killGroup(pid_);
    if (cut_) endContainer();
    ending_.cpuMs = used_.cpuMs;
    ending_.rss = used_.rss;
    ending_.read = used_.read;
    ending_.written = used_.written;
    hear(takeSaid(job_.work));
    if (WIFEXITED(status_))
      ending_.exit = WEXITSTATUS(status_);
    else
      ending_.signal = WTERMSIG(status_);
  }

  bool hasRun() const { return pid_ > 0; }
  /// Why it was ended early, if it was.
  std::optional<ir::Outcome> cutShort() const { return cut_; }
  bool wasSignalled() const { return isSignalled_; }
  bool wasStopped() const { return isStopped_; }
  /// The kernel has killed something of it for memory.
  bool isOutOfMemory() const { return isOutOfMemory_; }
  const Said& said() const { return said_; }
  /// It used nearly all the memory it asked for.
  bool isNearLimit() const {
    return job_.memory > 0 && !used_.isBound && used_.rss > job_.memory / 20 * 19;
  }

 private:
  void end(ir::Outcome outcome, std::string why) {
    if (cut_) return;
    cut_ = outcome;
    ending_.why = std::move(why);
    ::kill(-pid_, SIGTERM);
    killAt_ = nowMs() + (outcome == ir::Outcome::OutOfMemory ? 0 : job_.graceMs);
  }

  /// The GPUs that it sees of this node, where it asked for some and they are known.
  std::vector<std::string> shownGpus() const {
    const char* scheduled = ::getenv("CUDA_VISIBLE_DEVICES");
    if (!job_.asksGpus || (job_.gpus.empty() && scheduled == nullptr)) return {};
    return gpusIn(job_.gpus.empty() ? scheduled : job_.gpus);
  }

  /// What runs in a container of docker is not of our group.
  void endContainer() { carryOut(containerEnd(job_)); }

  /// What it used where we do not see it.
  void hear(Said said) {
    ending_.cpuMs += said.cpuMs;
    ending_.rss = std::max(ending_.rss, said.rss);
    // Who looks at the GPUs of all nodes knows more than we do.
    bool hasLooked = said.gpuMemory > 0;
    ending_.gpuBusy = hasLooked ? said.gpuBusy : gpus_.busy();
    ending_.gpuMemory = hasLooked ? said.gpuMemory : gpus_.memory();
    ending_.gpuJoules = hasLooked ? said.gpuJoules : gpus_.joules();
    said_ = std::move(said);
  }

  void carryOut(const std::vector<std::string>& command) {
    Spawn what{command, {}, job_.project, {}, -1};
    std::string ignored;
    if (!what.argv.empty()) runForOutput(what, ignored, kContainerEndMs);
  }

  /// When there is something to do next, if nothing happens before.
  int64_t nextLook(int64_t now, int64_t nextMemory) const {
    int64_t until = std::min({nextMemory, checks_.next(), secrets_.next()});
    if (job_.timeMs > 0 && !cut_) until = std::min(until, begun_ + job_.timeMs);
    if (isTimed() && !isSignalled_) until = std::min(until, begun_ + job_.timeMs - job_.leadMs);
    if (cut_) until = std::min(until, killAt_);
    // A wish to stop comes without a descriptor of its own here, so it is asked for now and then.
    return signals_.wantsStop ? std::min(until, now + 500) : until;
  }

  void watch() {
    int pidfd = openPid(pid_);
    checks_.begin(begun_);
    // In a container kept apart the kernel does it.
    int64_t nextMemory = job_.memory > 0 && !isKept_ ? begun_ + 100 : INT64_MAX;
    while (true) {
      int64_t now = nowMs();
      int64_t until = nextLook(now, nextMemory);
      std::vector<int> news{signals_.descriptor};
      checks_.addDescriptors(news);
      secrets_.addDescriptors(news);
      if (meter_.descriptor() >= 0) news.push_back(meter_.descriptor());
      if (waitEnded(pidfd, until == INT64_MAX ? -1 : std::max<int64_t>(0, until - now), news))
        break;
      now = nowMs();
      lookAtTime(now);
      secrets_.look(now);
      for (const GpuRound& round : meter_.read()) gpus_.add(round, now);
      if (now >= nextMemory) {
        lookAtMemory();
        nextMemory = now + 300;
      }
      std::string wrong = cut_ ? "" : checks_.look(now);
      if (!wrong.empty()) end(ir::Outcome::Failed, wrong);
      if (cut_) checks_.end();
      if (cut_ && now >= killAt_) {
        killGroup(pid_);
        endContainer();
        killAt_ = INT64_MAX;
        nextMemory = INT64_MAX;
      }
    }
    ::close(pidfd);
  }

  void lookAtTime(int64_t now) {
    if (isTimed() && !isSignalled_ && now >= begun_ + job_.timeMs - job_.leadMs) {
      isSignalled_ = true;
      askToSave(pid_);
    }
    if (job_.timeMs > 0 && now >= begun_ + job_.timeMs)
      end(ir::Outcome::TimedOut, "it reached the end of its time");
    int wish = signals_.wantsStop ? signals_.wantsStop() : 0;
    if (wish == 0) return;
    isStopped_ = wish == AttemptSignals::Stop;
    end(isStopped_ ? ir::Outcome::Cancelled : ir::Outcome::TimedOut,
        isStopped_ ? "stopped" : "its deadline passed");
  }

  void lookAtMemory() {
    used_.rss = std::max(used_.rss, residentOf(pid_));
    if (used_.rss > job_.memory)
      end(ir::Outcome::OutOfMemory, fmt::format("it used {} MiB, more than the {} MiB it asked for",
                                                used_.rss >> 20, job_.memory >> 20));
  }

  bool isTimed() const { return job_.leadMs > 0 && job_.timeMs > 0; }

  const Job& job_;
  const AttemptSignals& signals_;
  Ending& ending_;
  bool isKept_;
  Environment env_;
  Checks checks_;
  Secrets secrets_;
  GpuMeter meter_;
  GpuUse gpus_;
  Used used_;
  Said said_;
  int pid_ = -1, status_ = 0;
  int64_t begun_ = 0, killAt_ = INT64_MAX;
  std::optional<ir::Outcome> cut_;
  bool isSignalled_ = false, isStopped_ = false, isOutOfMemory_ = false;
};

const JobOutput* checkpointOf(const Job& job) {
  for (const JobOutput& output : job.outputs) {
    if (output.isCheckpoint) return &output;
  }
  return nullptr;
}

/// True if the attempt left a checkpoint other than the one it found, and it passes its probe.
bool hasProgress(const Job& job, const std::string& before) {
  const JobOutput* checkpoint = checkpointOf(job);
  if (checkpoint == nullptr || !probe(job, *checkpoint).empty()) return false;
  uint64_t bytes = 0;
  std::string hash;
  return hashOf(checkpoint->work, bytes, hash) && hash != before;
}

bool isGoodExit(const Ending& ending) { return ending.exit == 0 && ending.signal == 0; }

void discard(Ending& ending) {
  ending.outputs.clear();
  ending.values.clear();
  ending.sets.clear();
}

/// The outcome of a body that ran to an end of its own or was cut short.
void judge(const Job& job, const Body& body, Ending& ending, const std::string& checkpointBefore) {
  bool isGood = !body.cutShort() && isGoodExit(ending);
  std::string wrong = isGood ? collect(job, ending) : "";
  if (isGood && wrong.empty()) wrong = publishOutputs(job);
  if (isGood && wrong.empty()) {
    ending.outcome = ir::Outcome::Ok;
    return;
  }
  discard(ending);
  if (body.wasStopped()) {
    ending.outcome = ir::Outcome::Cancelled;
    ending.uncounted = true;
    return;
  }
  bool isTimeUp =
      body.cutShort() == ir::Outcome::TimedOut || (!body.cutShort() && body.wasSignalled());
  if (isTimeUp) {
    ending.outcome = ir::Outcome::TimedOut;
    bool hasMoved = checkpointOf(job) != nullptr && hasProgress(job, checkpointBefore);
    ending.slice = hasMoved && job.isTimeSlice;
    if (ending.slice)
      ending.why = "its slice of time ended; it goes on from its checkpoint";
    else if (checkpointOf(job) != nullptr)
      ending.why = hasMoved ? "its last slice of time ended"
                            : "its slice of time ended without a new checkpoint";
    return;
  }
  if (body.cutShort()) {
    ending.outcome = *body.cutShort();
    return;
  }
  auto mapped = ending.signal == 0 ? job.exits.find(ending.exit) : job.exits.end();
  ending.outcome =
      mapped == job.exits.end() ? ir::Outcome::Failed : static_cast<ir::Outcome>(mapped->second);
  if (isGoodExit(ending))
    ending.why = wrong;
  else if (ending.signal != 0)
    ending.why = fmt::format("killed by signal {} ({})", ending.signal, ::strsignal(ending.signal));
  else
    ending.why = fmt::format("exit status {}", ending.exit);
  if (!isGoodExit(ending) && !body.said().why.empty()) ending.why = body.said().why;
  if (mapped == job.exits.end() && !isGoodExit(ending) && body.said().cause == "out_of_memory")
    ending.outcome = ir::Outcome::OutOfMemory;
  if (ending.signal == SIGKILL && body.isNearLimit()) ending.outcome = ir::Outcome::OutOfMemory;
  // A shell says so of a child of its own.
  bool isKilled = ending.signal == SIGKILL || ending.exit == 128 + SIGKILL;
  if (!isKilled || !body.isOutOfMemory()) return;
  ending.outcome = ir::Outcome::OutOfMemory;
  ending.exit = 0;
  ending.signal = SIGKILL;
  ending.why = "the system killed it for its memory";
}

/// What failed because the disk is full is not its own fault: it is run again when there is room.
void forgive(const Job& job, Ending& ending) {
  if (ending.outcome != ir::Outcome::Failed || !isDiskFull(job.run)) return;
  discard(ending);
  ending.uncounted = true;
  ending.why = fmt::format("the disk is full ({})", ending.why);
}

}  // namespace

std::optional<Ending> unclaimed(const Job& job) {
  std::string reason = std::strerror(errno);
  if (::access(job.work.c_str(), F_OK) == 0) return std::nullopt;
  Ending ending;
  ending.started = ending.ended = nowMs();
  ending.node = ownName().host;
  ending.why = fmt::format("cannot make {}: {}", job.work, reason);
  forgive(job, ending);
  return ending;
}

Ending runAttempt(const Job& job, const AttemptSignals& signals) {
  Ending ending;
  ending.started = nowMs();
  ending.node = ownName().host;
  if (letStand(job, ending)) return ending;
  std::string outside = glimpse(job.outside);
  std::string before;
  if (const JobOutput* checkpoint = checkpointOf(job)) {
    uint64_t bytes = 0;
    hashOf(checkpoint->work, bytes, before);
  }
  Body body(job, signals, ending);
  Spawn what;
  std::string wrong = bringCopies(job, ending.copies);
  if (wrong.empty()) wrong = prepareOutputs(job);
  if (wrong.empty()) wrong = body.prepare(what);
  if (wrong.empty()) body.run(what);
  if (!wrong.empty())
    ending.why = wrong;
  else if (body.hasRun())
    judge(job, body, ending, before);
  forgive(job, ending);
  if (body.hasRun() && !ending.uncounted)
    ending.inputs = hashOutside(job.run, job.outside, outside);
  ending.ended = nowMs();
  // The work folder itself stays, as the claim; only the latest attempt's is ever looked at.
  bool isDone = ending.outcome == ir::Outcome::Ok || ending.outcome == ir::Outcome::NoData;
  if (const JobOutput* checkpoint = checkpointOf(job); isDone && checkpoint != nullptr)
    removeAll(checkpoint->work.substr(0, checkpoint->work.rfind('/')));
  if (!job.nodeWork.empty()) removeAll(job.nodeWork);
  return ending;
}

std::string linesOf(const Job& job, const Ending& ending) {
  std::string lines;
  Record record;
  record.time = ending.ended;
  record.instance = job.instance;
  record.attempt = job.attempt;
  for (const Ending::Set& set : ending.sets) {
    record.kind = Record::Set;
    record.number = set.output;
    for (const std::string& member : set.members) record.members.push_back(member);
    encodeTo(lines, record);
    record.members.clear();
  }
  record.kind = Record::End;
  record.number = 0;
  record.outcome = ending.outcome;
  record.slice = ending.slice;
  record.uncounted = ending.uncounted;
  record.text = ending.why;
  record.job = ending.job;
  record.node = ending.node;
  record.exit = ending.exit;
  record.signal = ending.signal;
  record.started = ending.started;
  record.ended = ending.ended;
  record.cpuMs = ending.cpuMs;
  record.rss = ending.rss;
  record.read = ending.read;
  record.written = ending.written;
  record.inputs = ending.inputs;
  record.copies = ending.copies;
  record.gpuBusy = ending.gpuBusy;
  record.gpuMemory = ending.gpuMemory;
  record.gpuJoules = ending.gpuJoules;
  for (const Ending::Output& o : ending.outputs)
    record.outputs.push_back({o.output, o.path, o.bytes, o.hash, o.inodes});
  for (const auto& [output, json] : ending.values) record.values.push_back({output, json});
  encodeTo(lines, record);
  return lines;
}

}  // namespace wfc::run
