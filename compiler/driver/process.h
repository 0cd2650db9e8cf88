// Other programs, run to their end for what they print.
//
// No shell is between, and the other program's standard error is not read: it goes nowhere, or to
// ours.
#pragma once

#include <optional>
#include <string>

#include "llvm/ADT/ArrayRef.h"

namespace wfc::driver {

struct Ran {
  int status = 0;  ///< the exit status; 128 and more if a signal ended it
  std::string output;
};

/// nullopt if it could not be started.
std::optional<Ran> runProgram(llvm::ArrayRef<std::string> argv, bool showsErrors = false);

/// Becomes another program. Returns only if that cannot be: what the system says.
std::string become(llvm::ArrayRef<std::string> argv);

/// The path of wfr, which stands beside wfc.
std::string runtimePath();

/// The path of a program that PATH leads to, or empty.
std::string programOnPath(llvm::StringRef name);

}  // namespace wfc::driver
