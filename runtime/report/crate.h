// A run as a Workflow Run RO-Crate (profile 0.5, https://w3id.org/ro/wfrun/workflow/0.5): the run's
// folder becomes the crate, described by one file of JSON-LD.
#pragma once

#include <string>

#include <llvm/ADT/StringRef.h>

#include "runtime/control/controller.h"

namespace wfc::run {

/// Copies the sources that the artifacts were made from to `RUN/source`, where they are still
/// those, and writes `RUN/ro-crate-metadata.json`: the workflow, an action for the run, one for
/// each instance that ran, with what it read and made. `license` is an address or an SPDX name;
/// empty: not stated. Empty, or what could not be written.
std::string writeCrate(const RunView& view, llvm::StringRef license);

}  // namespace wfc::run
