// SLURM for targets that have another program submit to it: what became of a job.
#pragma once

#include "runtime/backend.h"

namespace wfc::slurm {

const run::Scheduler& scheduler();

}  // namespace wfc::slurm
