// What every node has a copy of: brought to this one when the first body here is to read it.
#pragma once

#include "runtime/attempt/job.h"

namespace wfc::run {

/// Each copy of the job is whole on this node. Empty, or why not. `brought`: what had to be
/// brought, and who gave it, as Record::copies.
std::string bringCopies(const Job& job, std::string& brought);

}  // namespace wfc::run
