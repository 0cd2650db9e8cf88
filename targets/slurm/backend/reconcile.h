// The ledger compared with the queue: jobs that left it without having done their work. A body
// killed outright wrote no end; its end is written here, with the cause that the scheduler's state
// stands for. A job that never started is noted as gone, and whoever it carried is submitted anew
// once it is ready.
#pragma once

#include <string>

#include <llvm/ADT/StringRef.h>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

/// How an attempt ended whose job is in this state and whose body left no word.
struct Cause {
  ir::Outcome outcome = ir::Outcome::Failed;
  bool uncounted = false;  ///< the job goes on in another life, or never began
  llvm::StringRef why;
};

/// The written table; `state` as squeue and sacct print it, empty: nobody knows the job any more.
Cause causeOf(llvm::StringRef state);

/// Takes the ends of dead attempts into the ledger and notes the jobs that are gone. False: SLURM
/// does not answer.
bool reconcile(run::Controller& controller, Submitter& submitter);

}  // namespace wfc::slurm
