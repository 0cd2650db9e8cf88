// `wfr move`: its verbs, each a row of a table from which help and completion are made.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/base/words.h"

namespace wfc::move {

struct Command {
  llvm::StringRef name;
  llvm::StringRef words;  ///< `SRC DST`
  llvm::StringRef summary;
  llvm::StringRef help;
  std::vector<base::Flag> flags;
  unsigned least = 0, most = 0;
  int (*run)(const base::Given& given);
};

llvm::ArrayRef<Command> commands();

/// Flags that mean the same wherever data is moved: of every verb, and of the verbs that stores
/// have too.
std::vector<base::Flag> commonFlags();
std::vector<base::Flag> copyFlags();
std::vector<base::Flag> syncFlags();
std::vector<base::Flag> archiveFlags();

inline constexpr const char* kExits =
    "0 done, 1 something was not moved, 2 wrong use, 3 stopped, 5 refused before anything was "
    "done.";

/// Runs `wfr move ARGS`; the exit status. What names an object store is handed over to `wfr-s3`.
int runCommand(llvm::ArrayRef<std::string> args);

/// Runs a verb of a table: `program` is how it is called, `about` a sentence of it.
int runVerb(llvm::StringRef program, llvm::StringRef about, llvm::ArrayRef<Command> table,
            llvm::ArrayRef<std::string> args);

int copyCommand(const base::Given& given);
int syncCommand(const base::Given& given);
int archiveCommand(const base::Given& given);
int mergeCommand(const base::Given& given);
int packCommand(const base::Given& given);
int unpackCommand(const base::Given& given);
int listCommand(const base::Given& given);
int catCommand(const base::Given& given);
int serveCommand(const base::Given& given);
int relayCommand(const base::Given& given);

}  // namespace wfc::move
