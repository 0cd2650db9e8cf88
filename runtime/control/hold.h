// The life of a controller that holds a run for the length of its work: in front of the person who
// started it, or in the background.
#pragma once

#include <functional>
#include <string>

#include "runtime/backend.h"
#include "runtime/control/controller.h"

namespace wfc::run {

struct Holding {
  /// Goes on in a process of its own, with its words in the run's logs; `hold` returns once it is
  /// known whether the run could be taken.
  bool isBehind = false;
  /// Called under the lease before the work; empty, or why it cannot begin. May be null.
  std::function<std::string()> prepare;
  std::function<int(Controller&)> work;
};

/// Opens the run, takes its lease, and works on it. The exit status of abi::Exit.
int hold(const StartOptions& options, const Holding& holding);

/// INT or TERM has come to this holder: a person wants the run to stop.
bool isInterrupted();

/// Copies what a run needs of its artifacts, once, so that what is built later does not change it;
/// with all of `jobs/`, and this very program as `RUN/bin/wfr`, beside it the programs `wfr-…` that
/// lie beside it here. Empty, or what went wrong.
std::string copyOnce(const StartOptions& options, llvm::ArrayRef<std::string> files);

}  // namespace wfc::run
