// Text in XML.
#pragma once

#include <string>

#include "llvm/ADT/StringRef.h"

namespace wfc::target {

/// Text between tags or in an attribute: marked characters escaped, control characters as blanks,
/// which XML has no other way to write on one line.
std::string xmlText(llvm::StringRef text);

}  // namespace wfc::target
