// Which families slurmctld can be trusted with, and why the others need steps.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::slurm {

/// By family: empty, or why steps must start it. Families that are no work (waits, hooks) and those
/// without instances are named too.
std::vector<std::string> reasonsForSteps(const run::Engine& engine, uint64_t arraySize);

}  // namespace wfc::slurm
