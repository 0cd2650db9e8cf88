// The target `snakemake`: a Snakefile for Snakemake 9, one rule a family, and the profile of the
// site apart from it. Snakemake decides what runs when within a round; `wfr start` runs round after
// round until the run is over (backend/). README.md is its page.
#pragma once

#include "compiler/target/target.h"

namespace wfc::targets::snakemake {

class Snakemake final : public target::Target {
 public:
  llvm::StringRef name() const override { return "snakemake"; }
  llvm::StringRef summary() const override {
    return "Snakemake 9, on one machine or through its plugin for SLURM: a rule a family, the site "
           "in a profile apart";
  }
  std::vector<llvm::StringRef> schedulers() const override { return {"snakemake", "slurm"}; }
  const target::Table& table() const override;
  target::Artifacts emit(const ir::Module& module, const target::Origin& origin) const override;
  std::vector<target::Calls> calls(const ir::Module& module) const override;
  llvm::StringRef defaultSite() const override;
};

}  // namespace wfc::targets::snakemake
