// Which families slurmctld can be trusted with, and why the others need steps.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::slurm {

/// By family: empty, or why steps must start it. Families that are no work (waits, hooks) and those
/// without instances are named too.
std::vector<std::string> reasonsForSteps(const run::Engine& engine, uint64_t arraySize);

/// How an edge for this reference is told to slurmctld: whether the demand tolerates what ended
/// otherwise.
bool isTolerant(const ir::Ref& ref);

}  // namespace wfc::slurm
