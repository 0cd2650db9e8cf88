// See scheduler.h. One squeue or scontrol for what slurmctld remembers, one sacct for the rest;
// calls are counted nowhere, since the run is another target's.
#include "targets/slurm/backend/scheduler.h"

#include <fmt/format.h>

#include "targets/slurm/backend/calls.h"
#include "targets/slurm/backend/reconcile.h"

namespace wfc::slurm {

namespace {

run::JobWord over(llvm::StringRef state, const std::string& job) {
  Cause cause = causeOf(state);
  return {run::Alive::No, cause.outcome, cause.uncounted,
          fmt::format("{} [job {}]", cause.why.str(), job)};
}

run::JobWord wordOn(const std::string& job) {
  Calls calls("");
  std::optional<std::string> state = calls.stateOf(job);
  if (!state) return {};
  if (isAliveState(*state)) return {run::Alive::Yes, {}, false, {}};
  if (!state->empty()) return over(*state, job);
  std::vector<QueueRow> past = calls.history({job});
  return over(past.empty() ? "" : llvm::StringRef(past.back().state), job);
}

run::JobWord wordOnOwn() { return over(Calls("").endingStateOfOwn(), ownJob()); }

std::optional<std::vector<std::string>> jobsIn(const std::string& folder, bool isWaiting) {
  return Calls("").jobsIn(folder, isWaiting);
}

void cancel(llvm::ArrayRef<std::string> jobs) {
  if (!jobs.empty()) Calls("").cancel(jobs);
}

}  // namespace

const run::Scheduler& scheduler() {
  static const run::Scheduler slurm = {ownJob, ownNode, wordOn, wordOnOwn, jobsIn, cancel};
  return slurm;
}

}  // namespace wfc::slurm
