// The target `nomad`: one parameterized job a family, and a coordinator that runs the engine's loop
// and dispatches what is ready. README.md is its page.
#pragma once

#include "compiler/target/target.h"

namespace wfc::targets::nomad {

class Nomad final : public target::Target {
 public:
  llvm::StringRef name() const override { return "nomad"; }
  llvm::StringRef summary() const override {
    return "Nomad: a parameterized job a family, dispatched by a coordinator that may die";
  }
  const target::Table& table() const override;
  void validate(const ir::Module& module, const target::Locator& locate,
                diag::Emitter& emitter) const override;
  target::Artifacts emit(const ir::Module& module, const target::Origin& origin) const override;
  std::vector<target::Calls> calls(const ir::Module& module) const override;
  target::Discovery discover(const target::Ask& ask) const override;
};

}  // namespace wfc::targets::nomad
