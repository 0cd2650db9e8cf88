// `wfr task RUN INSTANCE ATTEMPT HASH -- SCRIPT` in the task of a dispatched job: inputs in,
// script, outputs out, all in one process on one node. What is to be done lies ready in a file;
// neither plan nor ledger is read. The end goes to the inbox, whatever it is; the exit status is
// for people.
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmt/format.h"

#include "runtime/attempt/outputs.h"
#include "runtime/control/controller.h"
#include "targets/nomad/backend/api.h"
#include "targets/nomad/backend/attempt.h"

namespace wfc::nomad {

namespace {

using run::AttemptSignals;

/// Set by TERM: Nomad, or a person through it, ends this task.
volatile std::sig_atomic_t isTold = 0;
void onTerm(int) { isTold = 1; }

class Wrapper {
 public:
  Wrapper(std::string run, std::string instance, uint32_t attempt)
      : run_(std::move(run)),
        instance_(std::move(instance)),
        attempt_(attempt),
        wish_(wishFile(run_, instance_, attempt)) {}

  int work(llvm::StringRef hash) {
    std::optional<std::string> bytes = run::readFile(jobFile(run_, instance_, attempt_));
    // Nomad may start a task again long after: the coordinator has forgotten what is over.
    if (!bytes) return tell("it is over, or its run's folder is not there", run::abi::LostControl);
    if (hashOf(*bytes) != hash || !run::unpack(llvm::StringRef(*bytes).split('\n').second, job_))
      return tell("its file is not the one that was dispatched", run::abi::LostControl);
    if (!run::claim(job_) && !takeOver()) return run::abi::Good;
    leaveStart();
    if (std::string gpus = variable("NVIDIA_VISIBLE_DEVICES"); !gpus.empty()) job_.gpus = gpus;
    run::Ending ending = run::runAttempt(job_, {[this] { return wish(); }});
    if (!leaveEnd(ending)) return tell("its end could not be written", run::abi::LostControl);
    bool isWell = ending.outcome == ir::Outcome::Ok || ending.outcome == ir::Outcome::NoData;
    return isWell ? run::abi::Good : run::abi::SomeFailed;
  }

 private:
  int tell(const char* what, int status) const {
    std::fprintf(stderr, "wfr: %s attempt %u: %s\n", instance_.c_str(), attempt_, what);
    return status;
  }

  /// Somebody has claimed it. One that lives is left alone; one that died (its node was started
  /// again, and Nomad starts what ran there) has ended by that; one that died before it could say
  /// who it was is replaced.
  bool takeOver() {
    for (int patience = 0; patience < 15; ++patience) {
      std::optional<run::Claim> claim = run::readClaim(run_, instance_, attempt_);
      if (claim && run::lives(claim->wrapper) != 0) return false;
      if (claim) {
        run::endLeftovers(*claim);
        run::Ending ending;
        ending.outcome = ir::Outcome::NodeLost;
        ending.why = "its node went down";
        ending.started = ending.ended = run::nowMs();
        leaveEnd(ending);
        return false;
      }
      ::usleep(200000);
    }
    run::removeAll(job_.work);
    return run::claim(job_);
  }

  int wish() {
    // The coordinator's word comes first: Nomad's TERM may be how it came.
    if (int told = readWish(wish_); told != AttemptSignals::GoOn) return told;
    if (isTold != 0) return AttemptSignals::Stop;
    if (run::nowMs() - beatAt_ >= kBeatMs) {
      beatAt_ = run::nowMs();
      ::utimensat(AT_FDCWD, (job_.work + "/.claim").c_str(), nullptr, 0);
    }
    return AttemptSignals::GoOn;
  }

  void leaveStart() const {
    run::Record start;
    start.kind = run::Record::Start;
    start.time = run::nowMs();
    start.instance = instance_;
    start.attempt = attempt_;
    std::string job = variable("NOMAD_JOB_ID"), node = run::ownName().host;
    start.job = job;
    start.node = node;
    run::leaveInInbox(run_, instance_, attempt_, "start", run::encode(start));
  }

  bool leaveEnd(run::Ending& ending) const {
    ending.job = variable("NOMAD_JOB_ID");
    if (ending.node.empty()) ending.node = run::ownName().host;
    // On the disk before anybody may count on it.
    int folder = ::open(run_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) ::syncfs(folder);
    if (folder >= 0) ::close(folder);
    return run::leaveInInbox(run_, instance_, attempt_, "end", run::linesOf(job_, ending));
  }

  std::string run_, instance_;
  uint32_t attempt_;
  std::string wish_;
  run::Job job_;
  int64_t beatAt_ = 0;
};

}  // namespace

int task(llvm::ArrayRef<std::string> args) {
  uint32_t attempt = 0;
  if (args.size() < 4 || llvm::StringRef(args[2]).getAsInteger(10, attempt)) {
    std::fprintf(stderr, "wfr: usage: wfr task RUN INSTANCE ATTEMPT HASH -- SCRIPT\n");
    return run::abi::WrongUse;
  }
  std::signal(SIGTERM, onTerm);
  std::signal(SIGINT, onTerm);
  return Wrapper(args[0], args[1], attempt).work(args[3]);
}

}  // namespace wfc::nomad
