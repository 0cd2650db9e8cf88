// What a planned pool promises to those that run in it.
#pragma once

#include "compiler/pass/pass.h"

namespace wfc::pass {

/// Reports what asks for more than one node of its pool has, or for more time than the pool.
void checkPools(const ir::Module& module, const Context& context);

}  // namespace wfc::pass
