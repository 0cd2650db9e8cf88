// The loop of a controller that lives: take in ends, let the engine decide, start what fits, make
// it durable, wait. Local runs it over its own children, a coordinator over a scheduler's jobs.
//
// Durability is bought in batches: a commit (one syncfs for outputs, one fdatasync for the journal)
// covers all ends since the last, behind the loop's back, so that ten thousand small tasks do not
// wait for ten thousand disks.
#pragma once

#include "runtime/backend.h"
#include "runtime/control/controller.h"
#include "runtime/control/hands.h"

namespace wfc::run {

/// Works until the run is over, stopped, or beyond our control. The exit status of abi::Exit.
int runLoop(Controller& controller, const StartOptions& options, Hands& hands);

}  // namespace wfc::run
