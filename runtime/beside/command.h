// A program with verbs, each a row of a table from which help and usage are made.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/Support/JSON.h>

#include "compiler/base/words.h"

namespace wfc::beside {

/// What a verb has done: a line for people, and the same as numbers. It says what is there now, not
/// how long it took, so that the same input gives the same bytes.
struct Summary {
  std::string text;
  llvm::json::Object values;
};

struct Command {
  llvm::StringRef name;
  llvm::StringRef words;  ///< `RASTER…`
  llvm::StringRef summary;
  llvm::StringRef help;
  std::vector<base::Flag> flags;
  unsigned least = 0, most = 0;
  /// Flags without which it is wrong use.
  std::vector<llvm::StringRef> needed;
  /// Throws a Problem.
  Summary (*run)(const base::Given& given);
};

struct Program {
  llvm::StringRef name;   ///< `wfr-geo`
  llvm::StringRef about;  ///< a sentence
  llvm::ArrayRef<Command> commands;
  /// Behind the help of a verb: what holds for all of them.
  llvm::StringRef exits;
  /// Before a verb runs.
  void (*begin)();
};

/// Runs `PROGRAM ARGS`; the exit status.
int runProgram(const Program& program, llvm::ArrayRef<std::string> args);

}  // namespace wfc::beside
