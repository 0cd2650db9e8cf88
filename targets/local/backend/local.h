// The local back end: the engine's loop on one machine.
#pragma once

#include "runtime/backend.h"

namespace wfc::local {

const run::Backend& backend();

}  // namespace wfc::local
