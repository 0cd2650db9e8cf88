// What a controller does to and asks of the world outside the ledger: links of publications, sets
// of files, waits, hooks.
#pragma once

#include <string>
#include <vector>

#include "runtime/control/controller.h"

namespace wfc::run {

/// Swaps a link (or a folder of links, built aside) atomically. Empty, or why not. Targets that lie
/// under `run` become relative only if the link does too, so that a run's folder can be moved.
std::string moveLink(const std::string& root, const std::string& run, const MoveLink& move);

/// Files that fit a pattern (`*`, `?`, `[…]`, `**` for any folders), relative to `folder` unless
/// the pattern is absolute; sorted.
std::vector<std::string> globFiles(const std::string& folder, const std::string& pattern);

/// Looks at one wait: an End record's outcome when it is over. `why` in words.
std::optional<ir::Outcome> lookAt(const Watch& watch, const std::string& project, int64_t now,
                                  std::string& why);

/// Looks at all waits, and takes the ends of those that are over. Returns when to look again (ms
/// from now; 0: nothing waits).
int64_t lookAtWatches(Controller& controller, const Decisions& decisions, int64_t now);

/// Runs the hooks that are due, one after the other, and records them.
void runHooks(Controller& controller, const Decisions& decisions);

}  // namespace wfc::run
