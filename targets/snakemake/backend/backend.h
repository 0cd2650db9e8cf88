// Snakemake's back end: `wfr start` runs Snakemake in the run's folder, round after round, and
// keeps the ledger meanwhile; `wfr task` is one attempt inside one of its jobs.
//
// A round is one life of Snakemake. What it cannot do by itself is done between two: retries by
// cause, members read at run time, going on without what has failed.
#pragma once

#include <string>

#include <llvm/ADT/ArrayRef.h>

#include "runtime/backend.h"

namespace wfc::snakemake {

const run::Backend& backend();

int start(const run::StartOptions& options);
int task(llvm::ArrayRef<std::string> args);

}  // namespace wfc::snakemake
