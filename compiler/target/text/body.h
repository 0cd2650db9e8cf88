// Job scripts: what stands around the code of a body (compiler/ir/body.h, which also says how the
// variables arrive), the same whatever starts the script.
//
// Bodies of sh and bash both run in bash with `set -euo pipefail`; a Python body is a here-document
// of the same script.
#pragma once

#include <string>

#include "compiler/ir/module.h"

namespace wfc::target {

/// The user's command alone, with its holes filled in; ends with a line end.
std::string bodyText(const ir::Body& body);

/// What every job script runs, whatever starts it: strict mode, a check that the variables are
/// there, the command. `after`, if any, is put right behind the strict mode.
std::string scriptText(const ir::Module& module, const ir::Task& task, const ir::Body& body,
                       const std::string& after);

/// `job` of the path: every byte outside [A-Za-z0-9._+-] percent-encoded.
std::string fileName(llvm::StringRef name);

}  // namespace wfc::target
