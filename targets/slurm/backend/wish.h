// What persons ask of a run in the queue: jobs of instances that are taken back go, those of held
// ones are held with scontrol, arrays get their new limits.
#pragma once

#include <string>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

/// Before instances go back to waiting: whatever the queue holds for them leaves it.
void cancelReopened(run::Controller& controller, Submitter& submitter,
                    const run::Reopening& reopening);
/// Attempts that must end first: one that has not begun leaves the queue, the others look for their
/// mark. True if some ended at once.
bool endQueued(run::Controller& controller, Submitter& submitter, const run::Decisions& decisions,
               int64_t now);
/// Pending jobs are held or released, arrays throttled, as the ledger now says.
void sayWishes(run::Controller& controller, Submitter& submitter);

/// `Backend::wish`: steps until what must end has ended.
int wish(const std::string& run);

}  // namespace wfc::slurm
