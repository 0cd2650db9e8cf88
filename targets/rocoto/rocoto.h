// The target `rocoto`: a workflow document for Rocoto 1.3.6 and 1.3.7 over SLURM. What Rocoto's own
// words can say is said in them; the rest a step of the runtime decides before each rocotorun
// (backend/). README.md is its page.
#pragma once

#include "compiler/target/target.h"

namespace wfc::targets::rocoto {

class Rocoto final : public target::Target {
 public:
  llvm::StringRef name() const override { return "rocoto"; }
  /// Rocoto is no scheduler: it runs on a site of SLURM's.
  std::vector<llvm::StringRef> schedulers() const override { return {"slurm"}; }
  llvm::StringRef summary() const override {
    return "Rocoto 1.3 over SLURM: cycles and metatasks, and a short step before each rocotorun";
  }
  const target::Table& table() const override;
  void validate(const ir::Module& module, const target::Locator& locate,
                diag::Emitter& emitter) const override;
  target::Artifacts emit(const ir::Module& module, const target::Origin& origin) const override;
  const target::Foreign* foreign() const override;
  std::vector<target::Calls> calls(const ir::Module& module) const override;
};

}  // namespace wfc::targets::rocoto
