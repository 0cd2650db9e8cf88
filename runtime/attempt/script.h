// Bodies as text that an interpreter runs: holes become variables, values become variables'
// contents, safely quoted.
//
// Values never become part of a script's text, except raw holes, which the author asked for.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/module.h"

#include "runtime/attempt/job.h"

namespace wfc::run {

/// The body's text with each hole replaced by a reference to its variable, right for the quotes it
/// stands in.
std::string renderBody(const ir::Body& body, const std::vector<Variable>& variables);

/// `'it'\''s'`: one word for any POSIX shell.
std::string shellQuoted(llvm::StringRef text);
/// A string literal of Python for any bytes.
std::string pythonQuoted(llvm::StringRef text);
/// A value as a literal of Python.
std::string pythonLiteral(const ir::Module& module, const ir::Value& value);

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
