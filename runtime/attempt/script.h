// How the code of a body (compiler/ir/body.h) is run: which interpreter, and what of its variables
// is in the environment and what in a file.
//
// Values never become part of the code.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/body.h"

#include "runtime/attempt/job.h"

namespace wfc::run {

using ir::shellQuoted;

/// How a script is run: program and arguments, and what must be in files and the environment.
struct Command {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env;
  /// Text of the file that WFR_VARS names; empty: none is needed.
  std::string vars;
  /// Text of the script's own file, where it is too long for an argument; empty: it is in argv.
  std::string file, path;
};
/// `prologue`: shell commands before the body (modules, conda).
Command commandOf(const Script& script, const std::string& prologue, const std::string& varsFile);

}  // namespace wfc::run
