// The standard library (stdlib/*.wf), embedded when wfc is built; the texts are in a generated
// source.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace wfc::driver {

/// The text of a module, `move` for stdlib/move.wf; empty: there is none.
llvm::StringRef stdlibModule(llvm::StringRef name);

}  // namespace wfc::driver
