// Batch scripts that people wrote for sbatch: read as sbatch 22.05 reads them, audited, and turned
// into flows.
#pragma once

#include "compiler/target/foreign.h"

namespace wfc::targets::slurm::foreign {

class Scripts final : public target::Foreign {
 public:
  llvm::StringRef what() const override { return "a batch script of SLURM"; }
  bool reads(llvm::StringRef path, llvm::StringRef text) const override;
  void audit(const target::Reading& reading) const override;
  std::optional<target::Imported> import(const target::Reading& reading) const override;
  std::vector<target::Difference> compare(const target::Reading& reading, const ir::Module& module,
                                          const target::Artifacts& artifacts) const override;
};

}  // namespace wfc::targets::slurm::foreign
