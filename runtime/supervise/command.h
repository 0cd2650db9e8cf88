// `wfr supervise`, for the table of verbs.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/base/words.h"

namespace wfc::supervise {

inline constexpr const char* kSummary =
    "runs a training program: its ranks, checkpoints and slices";

/// What it does for the ranks, and its statuses.
inline constexpr const char* kHelp =
    "Each rank finds RANK, LOCAL_RANK, WORLD_SIZE, LOCAL_WORLD_SIZE, NODE_RANK, MASTER_ADDR, "
    "MASTER_PORT and CUDA_VISIBLE_DEVICES in its\n"
    "environment. In a job of several nodes the scheduler starts the ranks on all of them. One "
    "that dies ends the others. USR1 asks the\n"
    "program to save: when a new checkpoint is whole, it is ended. TERM ends it.\n\n"
    "Exit status: 0 all ranks ended well; that of the first that did not (128 and the signal, if "
    "one killed it); 65 a loss that is not a\n"
    "number; 124 hung; 143 ended after it had saved, or because we were told to; 2 wrong use.";

llvm::ArrayRef<base::Flag> flags();
int runCommand(llvm::ArrayRef<std::string> args);

}  // namespace wfc::supervise
