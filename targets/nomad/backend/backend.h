// Nomad's back end. `wfr start` registers the jobs of a run and its coordinator, and may follow it;
// the coordinator, an allocation of Nomad's, runs the loop (runtime/control/loop.h) with dispatches
// for hands; `wfr task` is one attempt, in an allocation of its own.
#pragma once

#include <optional>
#include <string>

#include "runtime/backend.h"

namespace wfc::nomad {

const run::Backend& backend();

int start(const run::StartOptions& options);
int stop(const std::string& run);
/// A coordinator that is still in Nomad; empty: none is.
std::string leftOutside(const std::string& run);
/// `wfr step RUN coordinate`, in the coordinator's allocation.
int coordinate(const std::string& run, llvm::ArrayRef<std::string> args);
/// Compares what is registered for a run with artifacts: abi::Good the same, abi::SomeFailed not.
int drift(const std::string& run, const std::string& artifacts);

/// How the coordinator left: abi::Exit; nullopt: it has not.
std::optional<int> readLeft(const std::string& run);
bool writeLeft(const std::string& run, int exit);
void forgetLeft(const std::string& run);

/// What `wfr start` was told, for the coordinator.
bool writeOptions(const run::StartOptions& options);
run::StartOptions readOptions(const std::string& run);

}  // namespace wfc::nomad
