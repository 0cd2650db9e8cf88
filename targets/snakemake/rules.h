// The text of the Snakefile and of the site's profile.
#pragma once

#include "compiler/target/target.h"

#include "targets/snakemake/shape.h"

namespace wfc::targets::snakemake {

/// `jobs/model.sh`
std::string scriptPath(const Shape& shape);

std::string snakefileText(const run::Plan& plan, const std::vector<Shape>& shapes,
                          const target::Origin& origin);

/// profiles/default/config.yaml: what the machine has, or where SLURM runs each rule; the flow's
/// limits; and how to go on after a failure.
std::string profileText(const run::Plan& plan, const std::vector<Shape>& shapes);

}  // namespace wfc::targets::snakemake
