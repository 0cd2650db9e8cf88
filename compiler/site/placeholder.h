// Values of templates that nobody filled in, in site files and in documents of schedulers.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace wfc::site {

/// Whether a value was meant to be replaced by its reader: `<account>`, `@USER@`,
/// `your-project-code`, `CHANGEME`.
bool isPlaceholder(llvm::StringRef text);

}  // namespace wfc::site
