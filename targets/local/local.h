// The target `local`: the runtime's own engine on one machine. README.md is its page.
#pragma once

#include "compiler/target/target.h"

namespace wfc::targets::local {

class Local final : public target::Target {
 public:
  llvm::StringRef name() const override { return "local"; }
  llvm::StringRef summary() const override {
    return "this machine: cores, memory and GPUs accounted by the runtime's own engine";
  }
  const target::Table& table() const override;
  target::Artifacts emit(const ir::Module& module, const target::Origin& origin) const override;
  llvm::StringRef defaultSite() const override;
};

}  // namespace wfc::targets::local
