// A step: one pass of the engine over the ledger under the lease, over in seconds. Bodies take one
// at their end, sweeps and end jobs are nothing else; `wfr start` on a run under way is one too.
// Whoever does not get the lease leaves it: the holder looks again.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

enum class StepKind { Body, Sweep, End, Start, Wish };

/// What came of a step.
struct StepResult {
  bool hadLease = false;
  bool isOver = false;     ///< the run is closed
  bool isWaiting = false;  ///< something is to be taken back that still runs
  int exit = 0;            ///< LostControl where the ledger or SLURM refused
  std::string error;
};

StepResult takeStep(const std::string& run, StepKind kind);

/// One pass with the lease in hand: ends in, decisions out. Empty, or why control was lost.
std::string advanceOnce(run::Controller& controller, Submitter& submitter, StepKind kind,
                        StepResult& result);

/// `wfr step RUN [sweep | end | pool NAME | worker]`.
int step(const std::string& run, llvm::ArrayRef<std::string> args);

/// Whether the lease of a holder on another host can be taken over: its job no longer runs.
bool isHolderGone(const run::Lease::Holder& holder);

}  // namespace wfc::slurm
