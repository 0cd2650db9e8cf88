// One attempt inside a job of somebody else's scheduler: whose turn is it, claim, run the script,
// leave the end in the inbox. For targets whose scheduler starts `wfr task` for an instance as
// often as it sees fit: what there is to do says the ledger, never the scheduler.
//
// The exit status is what the scheduler goes by: 0 where the instance has ended and did not fail,
// so that those after it are started (they may find that they are skipped); else 1.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/attempt/run.h"
#include "runtime/control/controller.h"

namespace wfc::run {

/// `[RUN] INSTANCE -- COMMAND…`; the command's first word is relative to the run's folder.
struct TurnArguments {
  std::string run, instance;
  std::vector<std::string> command;
};
std::optional<TurnArguments> parseTurn(llvm::ArrayRef<std::string> args);

/// What a target adds; each may be left out.
struct TurnHooks {
  /// Of the scheduler; where it has none, the process: `pid 12`.
  std::string job;
  /// CUDA_VISIBLE_DEVICES for so many GPUs. Unset: what the scheduler has set stays.
  std::function<std::string(const RunView&, int64_t count)> takeGpus;
  /// An attempt is at work by the ledger. The record of its end, if it is known to be dead.
  std::function<std::optional<Record>(const RunView&, InstanceId, uint32_t attempt)> isDead;
  /// The attempt is claimed and its start left.
  std::function<void(const RunView&, InstanceId)> begun;
  /// What the ledger says when the job is about to leave.
  std::function<void(const RunView&, InstanceId)> leaving;
  /// AttemptSignals::Wish, beside TERM and a stop of the run.
  std::function<int()> wish;
};

/// All of it; the exit status of the job.
int takeTurn(const TurnArguments& arguments, const TurnHooks& hooks);

}  // namespace wfc::run
