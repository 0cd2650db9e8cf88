// What is asked of Nomad: jobs registered by the start, then a dispatch for each attempt.
#include "compiler/target/calls.h"

#include "targets/nomad/nomad.h"

namespace wfc::targets::nomad {

std::vector<target::Calls> Nomad::calls(const ir::Module& module) const {
  uint64_t jobs = 1;
  for (const ir::Family& family : module.families) jobs += family.task.valid();
  return {{"register", jobs, jobs, false, "a job for each family, and the coordinator"},
          target::callForEach(module, "dispatch", "one for each attempt",
                              [](const ir::Family&) { return true; })};
}

}  // namespace wfc::targets::nomad
