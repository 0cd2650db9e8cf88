// The pipeline is the list below.
#include "compiler/pass/pipeline.h"

#include "fmt/format.h"

#include "compiler/base/assert.h"
#include "compiler/diag/catalog/plan.h"
#include "compiler/ir/text.h"

namespace wfc::pass {

llvm::ArrayRef<Pass> passes() {
  static constexpr Pass kPasses[] = {
      {"bind-site", "choose partitions, check needs against the site, freeze its facts",
       ir::Stage::Checked, ir::Stage::Planned, bindSite},
      {"legalize", "refuse what the target cannot carry", ir::Stage::Planned, ir::Stage::Legal,
       legalize},
  };
  return kPasses;
}

const Pass* find(llvm::StringRef name) {
  for (const Pass& pass : passes())
    if (pass.name == name) return &pass;
  return nullptr;
}

ir::Module run(const Pass& pass, ir::Module module, const Context& context) {
  base::Doing doing("running pass", std::string_view(pass.name));
  module = pass.run(std::move(module), context);
  if (context.emitter.hasErrors()) return module;
  for (const std::string& broken : ir::verify(module))
    context.emitter.report(
        {}, diag::WrongModule{.what = fmt::format("after `{}`: {}", pass.name.str(), broken)});
  return module;
}

ir::Module runAll(ir::Module module, const Context& context, ir::Stage last) {
  for (const Pass& pass : passes()) {
    if (context.emitter.hasErrors()) break;
    if (module.stage != pass.needs || pass.leaves > last) continue;
    module = run(pass, std::move(module), context);
  }
  return module;
}

}  // namespace wfc::pass
