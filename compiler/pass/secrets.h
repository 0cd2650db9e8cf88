// How long a secret lives, against how long the attempts that use it may run.
#pragma once

#include "compiler/pass/pass.h"

namespace wfc::pass {

/// Warns of secrets that expire before an attempt ends: each is fetched before an attempt, never
/// within one.
void checkSecrets(const ir::Module& module, const Context& context);

}  // namespace wfc::pass
