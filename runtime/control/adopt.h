// Giving a run other artifacts: the new record is written aside and takes the place of the old one
// by one rename. What has to be moved after that is written beside it, so that whoever opens the
// run next finishes what a kill cut off. The old record stays under RUN/past until `wfr clean`.
#pragma once

#include <string>

#include "runtime/backend.h"
#include "runtime/control/compare.h"

namespace wfc::run {

/// Under the lease that `controller` holds, with nothing at work. Empty, or why not: then nothing
/// has changed.
std::string adopt(Controller& controller, const Backend& backend, const RunHeader& header,
                  const std::string& plan, const Comparison& comparison);

/// A run was given other artifacts, and what is to be moved is not moved yet.
bool isHalfAdopted(const std::string& run);
/// Finishes that; for whoever holds the lease.
void finishAdoption(const std::string& run);

/// The records of before, RUN/past/N, oldest first.
std::vector<std::string> pastRecords(const std::string& run);

}  // namespace wfc::run
