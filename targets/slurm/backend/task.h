// What runs inside a job: `wfr task FAMILY INDEX -- bash "$0"`, the first life of every script.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

namespace wfc::slurm {

/// Claims the attempt, checks that it is its turn, runs the script as its body, leaves the record
/// of its end, takes a step, and requeues its own job where another attempt follows. 0 only if the
/// instance ended ok: dependents are cancelled by slurmctld.
int task(llvm::ArrayRef<std::string> args);

}  // namespace wfc::slurm
