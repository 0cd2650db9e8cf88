// The #SBATCH lines of a family: its needs in SLURM's words. The only place that says a directive;
// what is not said here (account, dependencies, array, folder, log) is the run's and comes on the
// command line of sbatch.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::targets::slurm {

struct Directives {
  std::vector<std::string> options;  ///< `--mem=180224M`
  std::vector<std::string>
      onCommandLine;  ///< options whose value differs within the family: `--mem`
};

/// Those of the job that holds a pool: whole nodes where it names no cores or memory of them.
std::vector<std::string> poolDirectives(const ir::Module& module, const ir::Pool& pool);

Directives directivesOf(const ir::Module& module, const ir::Family& family,
                        const ir::Placement& placement);

/// `0-08:05:00`; what is left of a second counts as one.
std::string timeText(int64_t milliseconds);

}  // namespace wfc::targets::slurm
