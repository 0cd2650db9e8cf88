// What every node has a copy of: brought to this one when the first body here is to read it.
#pragma once

#include "runtime/attempt/job.h"

namespace wfc::run {

/// Each copy of the job is whole on this node. Empty, or why not.
std::string bringCopies(const Job& job);

}  // namespace wfc::run
