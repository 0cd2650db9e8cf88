// The loop: take in ends, let the engine decide, start what fits, make it durable, wait. Ends
// arrive over sockets from living attendants; those of attempts that outlived an earlier engine
// come through the inbox.
//
// Durability is bought in batches: a commit (one syncfs for outputs, one fdatasync for the journal)
// covers all ends since the last, and comes the later the longer commits take, so that ten thousand
// small tasks do not wait for ten thousand disks.
#include "targets/local/backend/local.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/outputs.h"
#include "runtime/control/controller.h"
#include "runtime/control/outside.h"
#include "targets/local/backend/machine.h"
#include "targets/local/backend/pool.h"
#include "targets/local/backend/progress.h"

namespace wfc::local {

namespace {

using run::Controller;
using run::Decisions;
using run::InstanceId;
using run::Launch;

/// Set by a signal: a person wants the run to stop.
volatile sig_atomic_t isInterrupted = 0;
void onInterrupt(int) { isInterrupted = 1; }

/// An attempt at work, by attendant or (adopted) by an attendant of an engine that is gone.
struct AtWork {
  InstanceId instance;
  uint32_t attempt = 0;
  Held held;
  bool isTold = false;
};

class Loop {
 public:
  Loop(Controller& controller, const run::StartOptions& options)
      : c_(controller),
        options_(options),
        pool_(controller.run()),
        machine_(controller.view().plan->module().siteFacts, options.jobs),
        progress_(controller.engine()) {}

  int run() {
    adoptRunning();
    while (true) {
      now_ = run::nowMs();
      if (!checkHold()) return run::abi::LostControl;
      Decisions decisions = c_.advance(now_);
      for (InstanceId id : decisions.kills) tell(id, run::AttemptSignals::Deadline);
      if (!decisions.hooks.empty()) {
        if (!commit()) return lost();
        run::runHooks(c_, decisions);
        continue;
      }
      int64_t again = run::lookAtWatches(c_, decisions, now_);
      startReady();
      progress_.tick(now_);
      if (options_.stopAfter > 0 && ends_ >= options_.stopAfter) return leave();
      if (decisions.isOver && atWork_.empty() && adopted_.empty()) return finish();
      if ((isStopping_ || isFull_) && atWork_.empty() && adopted_.empty()) return stopped();
      // Ends and timers may come between two looks, so one look proves nothing.
      stuckLooks_ = isStuck(decisions, again) ? stuckLooks_ + 1 : 0;
      if (stuckLooks_ > 2) return stuck();
      if (!commitIfDue()) return lost();
      takeIn(pool_.wait(patience(decisions, again)));
      lookAtAdopted();
    }
  }

 private:
  /// Attempts that the record says are at work: those that live are waited for, the others are
  /// buried.
  void adoptRunning() {
    c_.advance(run::nowMs());
    for (auto [id, attempt] : c_.running()) adoptOrBury(id, attempt);
  }

  void adoptOrBury(InstanceId id, uint32_t attempt) {
    std::string name = c_.engine().idOf(id);
    std::optional<run::Claim> claim = run::readClaim(c_.run(), name, attempt);
    if (claim && run::lives(claim->wrapper) != 0) {
      Launch launch{id, attempt, c_.engine().needsOf(id, attempt)};
      adopted_.push_back({id, attempt, machine_.adopt(launch), false});
      progress_.say(fmt::format("{}: attempt {} still runs; it is waited for", name, attempt));
      return;
    }
    // It may have left its end just before it went.
    c_.ingest();
    if (hasEnded(id, attempt)) return;
    if (claim) run::endLeftovers(*claim);
    bury(id, attempt, "its controller died");
  }

  bool hasEnded(InstanceId id, uint32_t n) const {
    for (const run::Attempt* attempt : c_.engine().attemptsOf(id)) {
      if (attempt->n == n) return attempt->hasEnded;
    }
    return false;
  }

  void bury(InstanceId id, uint32_t attempt, llvm::StringRef why) {
    run::Record record;
    record.kind = run::Record::End;
    record.time = record.started = record.ended = run::nowMs();
    std::string name = c_.engine().idOf(id);
    record.instance = name;
    record.attempt = attempt;
    record.outcome = ir::Outcome::NodeLost;
    record.uncounted = true;
    record.text = why;
    c_.take(record);
    run::removeAll(run::workFolder(c_.run(), name, attempt));
  }

  void lookAtAdopted() {
    if (adopted_.empty() || now_ - adoptedAt_ < 200) return;
    adoptedAt_ = now_;
    c_.ingest();
    for (size_t n = 0; n < adopted_.size();) {
      AtWork& work = adopted_[n];
      std::optional<run::Claim> claim =
          run::readClaim(c_.run(), c_.engine().idOf(work.instance), work.attempt);
      bool isGone = !claim || run::lives(claim->wrapper) == 0;
      if (isGone) c_.ingest();
      if (isGone && !hasEnded(work.instance, work.attempt)) {
        if (claim) run::endLeftovers(*claim);
        bury(work.instance, work.attempt, "its wrapper died");
      }
      if (!hasEnded(work.instance, work.attempt)) {
        ++n;
        continue;
      }
      ++ends_;
      machine_.give(work.held);
      adopted_.erase(adopted_.begin() + static_cast<ptrdiff_t>(n));
    }
  }

  void startReady() {
    if (isStopping_ || isFull_) return;
    std::vector<Held> held;
    std::vector<Launch> launches = c_.choose(now_, [&](const Launch& launch) {
      held.emplace_back();
      run::Fit fit = machine_.take(launch, held.back());
      if (fit != run::Fit::Taken) held.pop_back();
      if (fit == run::Fit::TooLarge && tooLarge_.empty()) {
        std::string why = machine_.tooLarge(launch);
        if (!why.empty()) tooLarge_ = fmt::format("{}: {}", c_.engine().idOf(launch.instance), why);
      }
      return fit;
    });
    for (size_t n = 0; n < launches.size(); ++n) start(launches[n], held[n]);
  }

  void start(const Launch& launch, const Held& held) {
    run::Job job;
    std::string wrong = run::makeJob(c_.engine(), c_.run(), c_.view().header.project, launch, job);
    for (size_t n = 0; n < held.gpus.size(); ++n)
      job.gpus += fmt::format("{}{}", n == 0 ? "" : ",", held.gpus[n]);
    if (launch.attempt > 1)
      run::removeAll(run::workFolder(c_.run(), job.instance, launch.attempt - 1));
    c_.noteStart(launch, {}, {}, now_);
    std::optional<size_t> attendant;
    if (wrong.empty()) {
      attendant = pool_.start(job);
      if (!attendant) wrong = fmt::format("no process could be made: {}", std::strerror(errno));
    }
    if (!attendant) {
      machine_.give(held);
      run::Ending ending;
      ending.why = wrong;
      ending.started = ending.ended = now_;
      takeLines(launch.instance, run::linesOf(job, ending));
      return;
    }
    atWork_[*attendant] = {launch.instance, launch.attempt, held, false};
    progress_.started(launch.instance, launch.attempt, now_);
  }

  void takeLines(InstanceId id, llvm::StringRef lines) {
    llvm::BumpPtrAllocator memory;
    llvm::StringSaver saver(memory);
    run::Record record;
    while (!lines.empty()) {
      auto [line, rest] = lines.split('\n');
      lines = rest;
      if (!run::decode(line, record, saver)) continue;
      c_.take(record);
      if (record.kind == run::Record::End) progress_.ended(id, record, now_);
      if (record.kind == run::Record::End && record.uncounted && !isStopping_)
        isFull_ |= run::isDiskFull(c_.run());
    }
    ++ends_;
  }

  void takeIn(const std::vector<Done>& all) {
    now_ = run::nowMs();
    for (const Done& done : all) {
      auto found = atWork_.find(done.attendant);
      if (found == atWork_.end()) continue;
      AtWork work = std::move(found->second);
      atWork_.erase(found);
      machine_.give(work.held);
      if (done.isDead || done.isConflict)
        adoptOrBury(work.instance, work.attempt);
      else
        takeLines(work.instance, done.lines);
    }
  }

  void tell(InstanceId id, int wish) {
    for (auto& [attendant, work] : atWork_) {
      if (work.instance != id || work.isTold) continue;
      work.isTold = true;
      pool_.tell(attendant, wish);
    }
  }

  /// Keeps the lease and hears of a person's wish to stop.
  bool checkHold() {
    if (now_ - heardAt_ < 200) return true;
    heardAt_ = now_;
    if (!c_.renew(now_)) {
      progress_.say("wfr: the lease was lost; somebody else took the run over");
      return false;
    }
    if (isStopping_ || (isInterrupted == 0 && !c_.isStopAsked())) return true;
    isStopping_ = true;
    progress_.say("stopping; what runs is ended");
    run::Record record;
    record.kind = run::Record::Stop;
    record.time = now_;
    c_.take(record);
    for (auto& [attendant, work] : atWork_) pool_.tell(attendant, run::AttemptSignals::Stop);
    for (AtWork& work : adopted_) {
      // Adopted ones listen to nobody: their bodies are ended, and their wrappers record it.
      std::optional<run::Claim> claim =
          run::readClaim(c_.run(), c_.engine().idOf(work.instance), work.attempt);
      if (claim && run::lives(claim->body) == 1) ::kill(-claim->body.pid, SIGTERM);
    }
    return true;
  }

  bool commit() { return c_.commit(); }

  /// While anything runs, durability is bought behind its back; what is quiet waits for it.
  bool commitIfDue() {
    if (!c_.hasUncommitted() || c_.isCommitting()) return true;
    if (atWork_.empty() && adopted_.empty()) return commit();
    if (now_ < commitAt_) return true;
    commitAt_ = now_ + 100;
    return c_.commitBehind();
  }

  int64_t patience(const Decisions& decisions, int64_t again) const {
    int64_t ms = stuckLooks_ > 0 ? 1 : 500;
    if (c_.hasUncommitted()) ms = std::min<int64_t>(ms, std::max<int64_t>(1, commitAt_ - now_));
    if (again > 0) ms = std::min(ms, again);
    if (decisions.next > 0) ms = std::min(ms, std::max<int64_t>(1, decisions.next - now_));
    if (!adopted_.empty()) ms = std::min<int64_t>(ms, 200);
    return ms;
  }

  /// Nothing runs, nothing waits for time or the outside, and yet it is not over.
  bool isStuck(const Decisions& decisions, int64_t again) const {
    if (isStopping_ || !atWork_.empty() || !adopted_.empty() || again > 0 || decisions.next > 0)
      return false;
    if (!decisions.records.empty() || c_.engine().counts().running > 0) return false;
    return !decisions.isOver && decisions.hooks.empty();
  }

  int stuck() {
    progress_.finish(now_);
    if (!tooLarge_.empty())
      progress_.say(fmt::format("wfr: {}", tooLarge_));
    else
      progress_.say("wfr: nothing can go on; `wfr status` names what waits");
    return commit() ? run::abi::LostControl : lost();
  }

  int finish() {
    c_.close(now_);
    if (!commit()) return lost();
    progress_.finish(now_);
    return c_.engine().exitStatus();
  }

  int stopped() {
    if (!commit()) return lost();
    progress_.finish(now_);
    if (!isFull_) return run::abi::Stopped;
    progress_.say(fmt::format(
        "wfr: the disk of {} is full; make room and start again: what failed for it is run again",
        c_.run()));
    return run::abi::LostControl;
  }

  int leave() {
    if (!commit()) return lost();
    progress_.say(fmt::format("left after {} ends", ends_));
    return run::abi::Stopped;
  }

  int lost() {
    progress_.say(fmt::format("wfr: the ledger cannot be written ({}); mend that and start again",
                              std::strerror(errno)));
    return run::abi::LostControl;
  }

  Controller& c_;
  const run::StartOptions& options_;
  Pool pool_;
  Machine machine_;
  Progress progress_;
  std::map<size_t, AtWork> atWork_;
  std::vector<AtWork> adopted_;
  std::string tooLarge_;
  int64_t now_ = 0, commitAt_ = 0, heardAt_ = 0, adoptedAt_ = 0;
  int64_t ends_ = 0;
  int stuckLooks_ = 0;
  bool isStopping_ = false;
  /// An attempt found no room on the disk: nothing more is started.
  bool isFull_ = false;
};

/// Opens the run and works on it. `told` is written the exit status of opening, as one byte, when
/// it is known.
int work(const run::StartOptions& options, int told) {
  std::string error;
  int exit = 0;
  std::unique_ptr<Controller> controller = Controller::open(options.run, {}, error, exit);
  if (!controller) fmt::print(stderr, "wfr: {}\n", error);
  char byte = static_cast<char>(controller ? 0 : exit);
  if (told >= 0) (void)!::write(told, &byte, 1);
  if (told >= 0) ::close(told);
  if (!controller) return exit;
  // Taken back by starting again; only now, since it is ours to take back.
  ::unlink(fmt::format("{}/{}", options.run, run::abi::kStopFile).c_str());
  struct sigaction action{};
  action.sa_handler = onInterrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return Loop(*controller, options).run();
}

/// Without --wait the loop goes on in the background, with its words in the run's logs.
int workBehind(const run::StartOptions& options) {
  int ends[2];
  if (::pipe(ends) != 0) return run::abi::LostControl;
  int pid = ::fork();
  if (pid < 0) return run::abi::LostControl;
  if (pid == 0) {
    ::close(ends[0]);
    ::setsid();
    int log = ::open(fmt::format("{}/{}/controller.log", options.run, run::abi::kLogsDir).c_str(),
                     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int none = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(none, 0);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::_exit(work(options, ends[1]));
  }
  ::close(ends[1]);
  char byte = run::abi::LostControl;
  (void)!::read(ends[0], &byte, 1);
  ::close(ends[0]);
  if (byte != 0)
    fmt::print(stderr, "wfr: it could not be started: see {}/{}/controller.log\n", options.run,
               run::abi::kLogsDir);
  else
    fmt::print("started in the background; see `wfr status {}`\n", options.run);
  return byte;
}

int start(const run::StartOptions& options) {
  return options.wait || options.stopAfter > 0 ? work(options, -1) : workBehind(options);
}

int stop(const std::string&) { return run::abi::Good; }

std::vector<run::Alive> ask(const std::string& run, llvm::ArrayRef<run::Asked> attempts) {
  std::vector<run::Alive> answers;
  for (const run::Asked& asked : attempts) {
    std::optional<run::Claim> claim = run::readClaim(run, asked.instance, asked.attempt);
    int alive = claim ? run::lives(claim->wrapper) : 0;
    answers.push_back(alive < 0    ? run::Alive::Unknown
                      : alive == 1 ? run::Alive::Yes
                                   : run::Alive::No);
  }
  return answers;
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend local = {"local", start, nullptr, stop, ask, nullptr};
  return local;
}

}  // namespace wfc::local
