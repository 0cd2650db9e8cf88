// Shell text: words, quoted only where they must be, as people write them.
//
// Where a hole of a body stands and how it is written there is compiler/ir/body.h's.
#pragma once

#include <string>

#include "llvm/ADT/StringRef.h"

namespace wfc::target {

/// The text as exactly one word of sh; bare where nothing in it means anything to a shell.
std::string shellWord(llvm::StringRef text);

}  // namespace wfc::target
