// A pool on SLURM: one job that holds the nodes. In it a controller lives as long as there is work,
// and holds the run's lease meanwhile: it hands the pool's work to a worker on each node, and does
// for the rest of the run what the steps do, which find the lease taken and leave it to it.
#pragma once

#include <string>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

/// `wfr step RUN pool NAME`: all of it, in the pool's own job. The exit status.
int holdPool(const std::string& run, const std::string& pool);

/// Sees to it that a pool which something ready runs in is open: submits its job, or, where its
/// last allocation ended with work left and no `retry` of it is for that, ends what is left of it.
/// One at a time, since its controller holds the run. Empty, or why it could not be submitted.
std::string openPool(run::Controller& controller, Submitter& submitter, const ir::Pool& pool,
                     int64_t now);

/// Whoever was refused the lease may leave the run to the controller of a pool, which takes in what
/// lies in the inbox.
bool isWithPool(const std::string& run);

/// The job that carries what runs in a pool; empty: none lives.
std::string jobOfPool(const Table& table, llvm::StringRef pool);

/// How its last allocation ended, where work was left; else empty.
std::string earlierEndOf(const Table& table, llvm::StringRef pool);

}  // namespace wfc::slurm
