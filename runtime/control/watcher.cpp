// See watcher.h.
#include "runtime/control/watcher.h"

#include <fmt/format.h>

namespace wfc::run {

namespace {

/// How an attempt outside of a job is called, as under an interpreter of documents on one machine.
constexpr llvm::StringRef kProcess = "pid ";

}  // namespace

/// One question for all, before any for one.
bool Watcher::isQueued(const std::string& job) {
  if (!jobs_) {
    jobs_.emplace();
    if (auto jobs = scheduler_->jobsIn(run_, false)) jobs_->insert(jobs->begin(), jobs->end());
  }
  return jobs_->contains(job);
}

JobWord Watcher::wordOn(const std::string& job, const std::optional<Claim>& claim) {
  int alive = claim ? lives(claim->wrapper) : -1;
  llvm::StringRef own(job);
  bool isProcess = own.consume_front(kProcess);
  if (isProcess && !claim) {
    // Begun a moment ago: its body does not run yet.
    int pid = 0;
    alive = !own.getAsInteger(10, pid) && processName(pid).started != 0 ? 1 : 0;
  }
  if (alive == 1) return {Alive::Yes, {}, false, {}};
  JobWord dead = {Alive::No, ir::Outcome::NodeLost, true, "its wrapper died"};
  if (isProcess) return alive == 0 ? dead : JobWord();
  if (scheduler_ == nullptr) return claim && alive < 0 ? JobWord() : dead;
  if (job.empty()) return dead;
  if (alive < 0 && isQueued(job)) return {Alive::Yes, {}, false, {}};
  JobWord word = scheduler_->wordOn(job);
  // Its process is gone, whatever the queue still says of the job around it.
  return word.alive == Alive::Yes && alive == 0 ? dead : word;
}

std::optional<Record> Watcher::endOf(const Engine& engine, InstanceId id, uint32_t attempt) {
  name_ = engine.idOf(id);
  std::optional<Claim> claim = readClaim(run_, name_, attempt);
  std::vector<Attempt> attempts = engine.attemptsOf(id);
  JobWord word = wordOn(attempts.empty() ? "" : engine.detailsOf(attempts.back()).job, claim);
  if (word.alive != Alive::No) return std::nullopt;
  if (claim) endLeftovers(*claim);
  why_ = word.why;
  Record end;
  end.kind = Record::End;
  end.time = end.started = end.ended = nowMs();
  end.instance = name_;
  end.attempt = attempt;
  end.outcome = word.outcome;
  end.uncounted = word.isUncounted;
  end.text = why_;
  return end;
}

}  // namespace wfc::run
