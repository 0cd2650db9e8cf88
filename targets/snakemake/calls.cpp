// What Snakemake asks of SLURM, on a site that has it.
#include "compiler/target/calls.h"

#include "compiler/ir/planned.h"

#include "targets/snakemake/snakemake.h"

namespace wfc::targets::snakemake {

std::vector<target::Calls> Snakemake::calls(const ir::Module& module) const {
  if (ir::fact(module, "scheduler") != "slurm") return {};
  return {target::callForEach(module, "sbatch", "by Snakemake's plugin, one for each attempt",
                              [](const ir::Family&) { return true; })};
}

}  // namespace wfc::targets::snakemake
