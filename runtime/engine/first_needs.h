// Needs of a family before anything of it runs, for documents that name them once.
#pragma once

#include "runtime/engine/engine.h"

namespace wfc::run {

/// As far as the plan says: those that are the same for every instance's first attempt.
Needs placedNeeds(const ir::Module& module, uint32_t family);
/// Of the first attempt of the first instance, where one is known; else as far as the plan says.
Needs firstNeeds(const Engine& engine, uint32_t family);

/// Cores of one attempt, on all its nodes: of every task, and of one a node at least.
int64_t coresOf(const Needs& needs);

}  // namespace wfc::run
