// What Nomad says of a dispatched job that has ended without a word of its wrapper.
#pragma once

#include <string>

#include "compiler/ir/module.h"

#include "targets/nomad/backend/api.h"

namespace wfc::nomad {

struct Verdict {
  bool isKnown = false;  ///< false: Nomad did not answer, or it is not over
  ir::Outcome outcome = ir::Outcome::NodeLost;
  bool isUncounted = false;
  std::string why;
};

/// | allocation                              | outcome                              |
/// |-----------------------------------------|--------------------------------------|
/// | none, the job was taken away            | cancelled, uncounted                 |
/// | lost, or unknown for longer than that   | node_lost                            |
/// | preempted                               | preempted                            |
/// | stopped by somebody                     | cancelled, uncounted                 |
/// | over its memory                         | out_of_memory                        |
/// | not started: driver, configuration, set-up | failed                            |
/// | its wrapper killed, or never at work    | node_lost, uncounted, as everywhere  |
/// | its wrapper ended by itself             | failed                               |
Verdict verdictOf(const Api& api, const std::string& child, int64_t lostAfterMs);

/// What last kept a job's task from starting on the node that it got; empty: nothing.
std::string whyNotStarted(const Api& api, const std::string& job);

/// Why a job waits in Nomad's queue; empty: it does not.
std::string whyQueued(const Api& api, const std::string& job);

}  // namespace wfc::nomad
