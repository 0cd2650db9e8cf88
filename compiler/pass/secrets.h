// How long a secret lives, against how long the attempts that use it may run.
#pragma once

#include "compiler/pass/pass.h"

namespace wfc::pass {

/// Warns of secrets in variables that expire before an attempt ends: what a variable holds is never
/// renewed. Refuses a file of a secret for a task in a container, which would not see it.
void checkSecrets(const ir::Module& module, const Context& context);

}  // namespace wfc::pass
