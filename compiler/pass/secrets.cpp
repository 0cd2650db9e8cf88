// See secrets.h.
#include "compiler/pass/secrets.h"

#include "compiler/diag/catalog/plan.h"
#include "compiler/ir/eval.h"
#include "compiler/pass/needs.h"
#include "compiler/target/locate.h"

namespace wfc::pass {

namespace {

/// The command of a secret: written in the task, or handed over by the call.
std::optional<ir::Value> commandOf(const ir::Module& module, const ir::Family& family,
                                   ir::ExprId expr) {
  if (module[expr].op == ir::Op::Input && module[expr].index < family.args.size())
    expr = family.args[module[expr].index];
  return ir::evaluate(module, expr, {}).value;
}

int64_t lifeOf(const ir::Module& module, const std::string& command) {
  int64_t life = INT64_MAX;
  for (const ir::Secret& secret : module.secrets)
    if (secret.command == command) life = std::min(life, secret.lifeMs);
  return life;
}

}  // namespace

/// What is in a variable stays as it was; what is in a file is renewed, where the file can be seen.
bool checkFile(const ir::Task& task, const ir::Hole& secret, const target::Locator& locate,
               const Context& context) {
  if (!llvm::StringRef(secret.variable).ends_with("_FILE")) return false;
  if (task.container)
    context.emitter.report(locate(task.loc), diag::SecretFileInContainer{
                                                 .task = task.name, .variable = secret.variable});
  return true;
}

void checkSecrets(const ir::Module& module, const Context& context) {
  target::Locator locate(context.sources, module);
  std::vector<bool> isReported(module.tasks.size());
  for (const ir::Family& family : module.families) {
    if (!family.task || module[family.task].secrets.empty() || isReported[family.task.index()])
      continue;
    const ir::Task& task = module[family.task];
    Needs needs = needsOf(module, family);
    auto time = needs.amounts.find("time");
    for (const ir::Hole& secret : task.secrets) {
      if (checkFile(task, secret, locate, context)) {
        isReported[family.task.index()] = isReported[family.task.index()] || task.container.valid();
        continue;
      }
      std::optional<ir::Value> command = commandOf(module, family, secret.value);
      int64_t life = command ? lifeOf(module, command->s) : INT64_MAX;
      if (time == needs.amounts.end() || time->second.ceiling <= static_cast<double>(life))
        continue;
      isReported[family.task.index()] = true;
      context.emitter.report(
          locate(time->second.need->loc),
          diag::SecretTooShort{.task = task.name,
                               .time = amountText("time", time->second.ceiling),
                               .variable = secret.variable,
                               .lifetime = amountText("time", static_cast<double>(life))});
    }
  }
}

}  // namespace wfc::pass
