// What the printers of the tree share. Internal to compiler/syntax.
#pragma once

#include <string>

#include "compiler/syntax/tree.h"

namespace wfc::syntax {

/// In double quotes, line ends as `\n`.
std::string quoted(StringRef text);

/// `_` for none.
std::string printType(const TypeRef* type);

}  // namespace wfc::syntax
