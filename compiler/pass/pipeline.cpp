// The pipeline is the list below.
#include "compiler/pass/pipeline.h"

#include "fmt/format.h"

#include "compiler/base/assert.h"
#include "compiler/diag/catalog/plan.h"
#include "compiler/ir/text.h"

namespace wfc::pass {

llvm::ArrayRef<Pass> passes() {
  static constexpr Pass kPasses[] = {
      {"prune", "take out branches that were not chosen", ir::Stage::Checked, ir::Stage::Checked,
       prune},
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

namespace {

void verify(const Pass& pass, const ir::Module& module, const Context& context) {
  if (context.emitter.hasErrors()) return;
  for (const std::string& broken : ir::verify(module))
    context.emitter.report(
        {}, diag::WrongModule{.what = fmt::format("after `{}`: {}", pass.name.str(), broken)});
}

}  // namespace

ir::Module run(const Pass& pass, ir::Module module, const Context& context) {
  base::Doing doing("running pass", std::string_view(pass.name));
  module = pass.run(std::move(module), context);
  verify(pass, module, context);
  return module;
}

ir::Module runAll(ir::Module module, const Context& context, ir::Stage last) {
  const Pass* latest = nullptr;
  for (const Pass& pass : passes()) {
    if (context.emitter.hasErrors()) break;
    if (module.stage != pass.needs || pass.leaves > last) continue;
    base::Doing doing("running pass", std::string_view(pass.name));
    module = pass.run(std::move(module), context);
    latest = &pass;
  }
  // Once, at the end: a module that one pass broke is broken still.
  if (latest) verify(*latest, module, context);
  return module;
}

}  // namespace wfc::pass
