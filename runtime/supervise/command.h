// `wfr supervise`, for the table of verbs.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/base/words.h"

namespace wfc::supervise {

inline constexpr const char* kSummary =
    "runs a training program: its ranks, checkpoints and slices";

llvm::ArrayRef<base::Flag> flags();
int runCommand(llvm::ArrayRef<std::string> args);

}  // namespace wfc::supervise
