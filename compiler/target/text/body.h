// The body of a task as text of a bash script: holes become references to named variables, in the
// spelling that the place needs, so that a value is one word (or one word per element of a list)
// whatever it contains.
//
// The mechanism, which the runtime (runtime/attempt) keeps too: a scalar is an environment variable
// of the hole's name; lists and long values are set by the file $WFR_VARS, which the script
// sources; for Python $WFR_VARS is a JSON object of all. Bodies of sh and bash both run in bash
// with `set -euo pipefail`; a Python body is a here-document of the same script.
#pragma once

#include <string>

#include "compiler/ir/module.h"

namespace wfc::target {

/// The user's command alone, with its holes filled in; ends with a line end.
std::string bodyText(const ir::Body& body);

/// What every job script runs, whatever starts it: strict mode, a check that the variables are
/// there, modules, conda, the command. `after`, if any, is put right behind the strict mode.
std::string scriptText(const ir::Module& module, const ir::Task& task, const ir::Body& body,
                       const std::string& after);

/// `job` of the path: every byte outside [A-Za-z0-9._+-] percent-encoded.
std::string fileName(llvm::StringRef name);

}  // namespace wfc::target
