// The SLURM back end, for targets/backends.cpp.
#pragma once

#include "runtime/backend.h"

namespace wfc::slurm {

const run::Backend& backend();

}  // namespace wfc::slurm
