// `wfr start` on a run of SLURM: submit what can be submitted ahead, take a step, and, with --wait,
// watch the ledger to the end.
#pragma once

#include <string>

#include "runtime/backend.h"

namespace wfc::slurm {

int start(const run::StartOptions& options);

/// Prints what `start` would submit for the artifacts, for a run in which nothing has happened.
int planSubmission(const std::string& artifacts);

}  // namespace wfc::slurm
