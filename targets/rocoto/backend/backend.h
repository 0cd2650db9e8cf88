// Rocoto's back end. `wfr step RUN` is what cron calls, once a minute: it takes in what jobs left,
// decides, writes markers and entities, and runs rocotorun once; `wfr start --wait` does the same
// again and again until the run is over; `wfr task` is one attempt inside a job.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

#include "runtime/backend.h"

namespace wfc::rocoto {

const run::Backend& backend();

int start(const run::StartOptions& options);
int step(const std::string& run, llvm::ArrayRef<std::string> args);
int stop(const std::string& run);
int task(llvm::ArrayRef<std::string> args);

}  // namespace wfc::rocoto
