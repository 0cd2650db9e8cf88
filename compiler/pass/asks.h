// Which capabilities a module asks for, and at which line first. The one place that reads the
// meaning of capability.def.
#pragma once

#include <vector>

#include "compiler/ir/module.h"
#include "compiler/target/capability.h"

namespace wfc::pass {

struct Ask {
  target::Capability capability;
  ir::Loc loc;
};

/// Every ask, in the order of the module; one capability may be asked at many lines.
std::vector<Ask> asksOf(const ir::Module& module);

}  // namespace wfc::pass
