// A job whose body is the artifact's own script instead of the plan's: the script reads its holes
// as variables, scalars from the environment, lists from the file WFR_VARS, and for Python all of
// them from WFR_VARS as one JSON object (the contract of compiler/ir/body.h). Modules and
// conda stand in the script; variables of the task and containers are the wrapper's.
#pragma once

#include <string>
#include <vector>

#include "runtime/attempt/job.h"

namespace wfc::run {

/// Makes `job` (from makeJob) run `command` as its body. Empty, or why it cannot.
std::string useScript(const Engine& engine, const Launch& launch,
                      const std::vector<std::string>& command, Job& job);

}  // namespace wfc::run
