// Why SLURM ends the job that this process is in, asked when it has told us so with TERM. slurmctld
// forgets a preemption as soon as the job is requeued, and accounting is late, so the word of
// slurmstepd in the job's own output goes first.
#pragma once

#include <cstddef>
#include <string>

#include "targets/slurm/backend/reconcile.h"

namespace wfc::slurm {

class OwnEnd {
 public:
  /// Where in the job's output this life of it begins.
  OwnEnd();
  Cause cause(const std::string& run) const;

 private:
  std::string stateInLog() const;
  size_t logFrom_;  ///< SIZE_MAX: its output is no file
};

}  // namespace wfc::slurm
