// The body of a task as code: holes become references to named variables, in the spelling that the
// place needs, so that a value is one word (or one word per element of a list) whatever it holds.
// Written here once, for job scripts and for the runtime alike.
//
// How the variables arrive: a scalar is an environment variable of the hole's name; lists and long
// values are set by the file $WFR_VARS, which the script sources; for Python $WFR_VARS is a JSON
// object of all. Values never become part of the code (docs/decisions/0002).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::ir {

/// A stretch of a body's code, and the piece it was written for.
struct CodePiece {
  size_t begin = 0, end = 0;
  size_t piece = 0;
};

/// The code with its holes filled in; ends with a line end. Of Python: with the lines before it
/// that read the variables. `pieces`, if asked for, are in order, and nothing else lies between
/// them than what was added.
std::string bodyCode(const Body& body, std::vector<CodePiece>* pieces = nullptr);

/// The file of variables of a Python body: `{"name": value, …}` with what variableJson made.
std::string variablesFile(const std::vector<std::pair<std::string, std::string>>& variables);
/// A value as JSON that Python reads as the same value: numbers keep their kind, lists are lists;
/// dates, sizes, durations and paths are their canonical text.
std::string variableJson(const Module& module, const Value& value);

/// `'it'\''s'`: one word for any POSIX shell.
std::string shellQuoted(llvm::StringRef text);
/// The same, bare where nothing in it means anything to a shell, as people write it.
std::string shellWord(llvm::StringRef text);

}  // namespace wfc::ir
