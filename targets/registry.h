// The list of targets.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include "compiler/target/target.h"

namespace wfc::targets {

/// All targets, the default one first.
llvm::ArrayRef<const target::Target*> all();
/// nullptr: there is none of this name.
const target::Target* find(llvm::StringRef name);

}  // namespace wfc::targets
