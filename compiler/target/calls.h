// Counting calls of a system that takes one for each attempt.
#pragma once

#include "compiler/target/target.h"

namespace wfc::target {

/// One call for each attempt of the families that `counts` names: at least one for each instance
/// that is known to exist, at most one for each attempt.
Calls callForEach(const ir::Module& module, std::string program, std::string what,
                  const std::function<bool(const ir::Family&)>& counts);

}  // namespace wfc::target
