// See watcher.h.
#include "targets/rocoto/backend/watcher.h"

#include <fmt/format.h>

namespace wfc::rocoto {

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

run::JobWord Watcher::wordOn(const std::string& job, const std::optional<run::Claim>& claim) {
  int alive = claim ? run::lives(claim->wrapper) : -1;
  llvm::StringRef own(job);
  bool isProcess = own.consume_front(kProcess);
  if (isProcess && !claim) {
    // Begun a moment ago: its body does not run yet.
    int pid = 0;
    alive = !own.getAsInteger(10, pid) && run::processName(pid).started != 0 ? 1 : 0;
  }
  if (alive == 1) return {run::Alive::Yes, {}, false, {}};
  run::JobWord dead = {run::Alive::No, ir::Outcome::NodeLost, true, "its wrapper died"};
  if (isProcess) return alive == 0 ? dead : run::JobWord();
  if (scheduler_ == nullptr || job.empty()) return dead;
  if (alive < 0 && isQueued(job)) return {run::Alive::Yes, {}, false, {}};
  run::JobWord word = scheduler_->wordOn(job);
  // Its process is gone, whatever the queue still says of the job around it.
  return word.alive == run::Alive::Yes && alive == 0 ? dead : word;
}

std::optional<run::Record> Watcher::endOf(const run::Engine& engine, run::InstanceId id,
                                          uint32_t attempt) {
  name_ = engine.idOf(id);
  std::optional<run::Claim> claim = run::readClaim(run_, name_, attempt);
  std::vector<const run::Attempt*> attempts = engine.attemptsOf(id);
  run::JobWord word = wordOn(attempts.empty() ? "" : engine.detailsOf(*attempts.back()).job, claim);
  if (word.alive != run::Alive::No) return std::nullopt;
  if (claim) run::endLeftovers(*claim);
  why_ = word.why;
  run::Record end;
  end.kind = run::Record::End;
  end.time = end.started = end.ended = run::nowMs();
  end.instance = name_;
  end.attempt = attempt;
  end.outcome = word.outcome;
  end.uncounted = word.isUncounted;
  end.text = why_;
  return end;
}

}  // namespace wfc::rocoto
