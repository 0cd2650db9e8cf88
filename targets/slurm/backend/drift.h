// What SLURM holds for a run against what was built.
#pragma once

#include <string>

namespace wfc::slurm {

/// `drift` of backend.h.
int drift(const std::string& run, const std::string& artifacts);

}  // namespace wfc::slurm
