// The list of targets.
#pragma once

#include "compiler/target/target.h"

#include "llvm/ADT/ArrayRef.h"

namespace wfc::targets {

/// All targets, the default one first.
llvm::ArrayRef<const target::Target *> all();
/// nullptr: there is none of this name.
const target::Target *find(llvm::StringRef name);

} // namespace wfc::targets
