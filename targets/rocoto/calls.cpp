// What Rocoto asks of SLURM.
#include "compiler/target/calls.h"

#include "targets/rocoto/rocoto.h"

namespace wfc::targets::rocoto {

std::vector<target::Calls> Rocoto::calls(const ir::Module& module) const {
  return {target::callForEach(module, "sbatch", "by Rocoto, one for each attempt",
                              [](const ir::Family&) { return true; })};
}

}  // namespace wfc::targets::rocoto
