// A command on all nodes of the job that we are the body of, by srun.
#pragma once

#include "runtime/backend.h"

namespace wfc::slurm {

std::optional<run::Spread> spread(unsigned perNode, const std::string& mpi);

}  // namespace wfc::slurm
