// planned -> legal: reads the target's table. Native rows and those that the runtime carries stay
// as they are; a refused one is reported at every line that asks; then the target looks at
// spelling.
//
// No target of today asks for an expansion; the first that answers `expanded` brings the pass that
// does it.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/pass/asks.h"
#include "compiler/pass/pass.h"
#include "compiler/target/text/body.h"

namespace wfc::pass {

namespace {

/// Scripts, logs and markers are named for families and tasks: 255 bytes a component of a path,
/// less the longest suffix of ours.
void checkNames(const ir::Module& module, const target::Locator& locate, diag::Emitter& emitter) {
  constexpr size_t kMost = 255 - 24;
  auto check = [&](const char* what, const std::string& name, ir::Loc loc) {
    size_t length = target::fileName(name).size();
    if (length <= kMost) return;
    emitter.report(locate(loc), diag::NameTooLong{.what = what,
                                                  .name = name,
                                                  .length = fmt::format("{}", length),
                                                  .target = "a file system",
                                                  .most = fmt::format("{}", kMost)});
  };
  for (const ir::Task& task : module.tasks) check("the script of task", task.name, task.loc);
  for (const ir::Family& family : module.families) check("the script of", family.name, family.loc);
}

}  // namespace

ir::Module legalize(ir::Module module, const Context& context) {
  if (!context.target) return module;
  target::Locator locate(context.sources, module);
  std::string target = context.target->name().str();
  for (const Ask& ask : asksOf(module)) {
    const target::Row& row = context.target->table()[ask.capability];
    if (row.answer != target::Answer::Refused) continue;
    std::string what = fmt::format("{} ({})", name(ask.capability), question(ask.capability));
    context.emitter.report(
        locate(ask.loc),
        diag::Unsupported{.target = target, .what = what, .reason = std::string(row.note)});
  }
  module.target = target;
  module.stage = ir::Stage::Legal;
  checkNames(module, locate, context.emitter);
  if (!context.emitter.hasErrors()) context.target->validate(module, locate, context.emitter);
  return module;
}

}  // namespace wfc::pass
