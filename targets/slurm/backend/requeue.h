// Another attempt in the same job: the body requeues itself, so that its dependents stay pending
// and never see the failed one.
#pragma once

#include <string>

#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

struct Again {
  std::string job;  ///< own name: `12_3`, never the id alone in an array
  uint32_t family = 0;
  int64_t notBefore = 0;  ///< ms since 1970; 0: at once
  bool isGrown = false;
  run::Needs needs;  ///< of the next attempt
};

/// Empty: the job will run again (and this process will soon be killed). Else why not: then a new
/// job must take the instance.
std::string requeue(Submitter& submitter, const Again& again);

}  // namespace wfc::slurm
