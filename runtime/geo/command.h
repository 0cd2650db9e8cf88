// The verbs of `wfr-geo`, each a row of a table from which help and usage are made.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/Support/JSON.h>

#include "compiler/base/words.h"

namespace wfc::geo {

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

llvm::ArrayRef<Command> commands();

/// Runs `wfr-geo ARGS`; the exit status.
int runCommand(llvm::ArrayRef<std::string> args);

Summary agreementVerb(const base::Given& given);
Summary mosaicVerb(const base::Given& given);
Summary footprintVerb(const base::Given& given);
Summary tileVerb(const base::Given& given);
Summary rasterizeVerb(const base::Given& given);
Summary coarsenVerb(const base::Given& given);
Summary renderVerb(const base::Given& given);

}  // namespace wfc::geo
