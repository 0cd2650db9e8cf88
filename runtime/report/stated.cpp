// See stated.h.
#include "runtime/report/stated.h"

#include "compiler/ir/eval.h"

namespace wfc::run {

Stated statedOf(const Engine& engine, InstanceId id, const Details::Output& made) {
  const ir::Module& module = engine.plan().module();
  const ir::Family& family = module.families[id.family];
  Stated stated;
  if (!family.task || made.output >= module[family.task].outputs.size()) return stated;
  const ir::Output& output = module[family.task].outputs[made.output];
  if (!output.size && !output.files) return stated;
  ir::Scope scope = engine.scopeOf(id, 1);
  if (output.size)
    if (ir::Result size = ir::evaluate(module, output.size, scope)) stated.bytes = size.value->i;
  // The folder itself is one too.
  if (output.files)
    if (ir::Result files = ir::evaluate(module, output.files, scope))
      stated.inodes = files.value->i + 1;
  return stated;
}

}  // namespace wfc::run
