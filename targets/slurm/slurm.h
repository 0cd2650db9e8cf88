// The target `slurm`: scripts of batch jobs; slurmctld decides what it can, short steps of the
// runtime the rest. README.md is its page, ../../docs and the design note "How a graph lives in
// SLURM without a head" say why.
#pragma once

#include "compiler/target/target.h"

namespace wfc::targets::slurm {

class Slurm final : public target::Target {
 public:
  llvm::StringRef name() const override { return "slurm"; }
  llvm::StringRef summary() const override {
    return "SLURM without a head: arrays and dependencies, and short steps for what they cannot "
           "say";
  }
  const target::Table& table() const override;
  void validate(const ir::Module& module, const target::Locator& locate,
                diag::Emitter& emitter) const override;
  target::Artifacts emit(const ir::Module& module, const target::Origin& origin) const override;
  std::vector<target::Calls> calls(const ir::Module& module) const override;
  target::Discovery discover(const target::Ask& ask) const override;
  const target::Foreign* foreign() const override;
};

}  // namespace wfc::targets::slurm
