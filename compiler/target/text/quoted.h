// A text between double quotes.
#pragma once

#include <string>

#include "llvm/ADT/StringRef.h"

namespace wfc::target {

/// As Python and TOML read it; for names, which hold no control characters.
std::string quoted(llvm::StringRef text);

}  // namespace wfc::target
