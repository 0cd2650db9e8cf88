// Carrying out the plan of ahead.h: sweep, arrays and end held, edges of single indices in one
// scontrol, then everything released.
#pragma once

#include <string>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

/// Submits what slurmctld alone will start. A submission that was cut off is finished: what it had
/// submitted is found in the table and used. Empty, or why not; then what was submitted stays held,
/// for the next `wfr start`.
std::string submitAhead(run::Controller& controller, Submitter& submitter);

}  // namespace wfc::slurm
