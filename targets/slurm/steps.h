// Which families slurmctld cannot start alone, and why. The same rules, over the engine's tables,
// decide at run time what is submitted ahead (backend/eligible.h); these are told to the user when
// building.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::targets::slurm {

/// One text for each family: `its limit has a refill`; empty where slurmctld decides alone.
std::vector<std::string> reasonsForSteps(const ir::Module& module);
/// Every reference a family waits for: arguments, `after`, guards, and the sets it walks.
std::vector<ir::RefId> waitsOf(const ir::Module& module, const ir::Family& family);

}  // namespace wfc::targets::slurm
