// Budgets of hours, against what one attempt may use.
#pragma once

#include "compiler/pass/pass.h"

namespace wfc::pass {

/// Refuses a task of which one attempt may use more hours than a budget holds for the whole run: it
/// would be cancelled when its turn comes.
void checkHours(const ir::Module& module, const Context& context);

}  // namespace wfc::pass
