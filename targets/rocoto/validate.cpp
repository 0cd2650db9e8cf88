// What Rocoto takes, and becomes slow with.
#include <algorithm>
#include <string>

#include "compiler/diag/catalog/target.h"
#include "compiler/ir/space.h"

#include "targets/rocoto/rocoto.h"

namespace wfc::targets::rocoto {

namespace {

/// Measured, on tasks with one dependency: README.md, "What to expect".
constexpr uint64_t kMany = 5000, kTasksASecond = 1500, kTasksAMebibyte = 14, kMost = 1000000000;

/// Tasks of a cycle; a family whose size is not known counts as one.
uint64_t tasksOf(const ir::Module& module, const ir::Family& family) {
  if (!family.task) return 0;
  uint64_t count = 1;
  for (ir::LoopId loop : family.loops) {
    ir::SpaceId space = module[loop].space;
    bool isCycle = module.types[module[space].element].kind == ir::Type::Span;
    if (!isCycle && ir::isStatic(module, space))
      count *= std::min(ir::sizeOf(module, space), kMost);
    count = std::min(count, kMost);
  }
  return count;
}

}  // namespace

void Rocoto::validate(const ir::Module& module, const target::Locator& locate,
                      diag::Emitter& emitter) const {
  uint64_t all = 0, most = 0;
  const ir::Family* largest = nullptr;
  for (const ir::Family& family : module.families) {
    uint64_t count = tasksOf(module, family);
    all += count;
    if (count <= most) continue;
    most = count;
    largest = &family;
  }
  if (all <= kMany) return;
  emitter.report(locate(largest->loc),
                 diag::SlowDocument{.family = largest->name,
                                    .count = std::to_string(all),
                                    .seconds = std::to_string(all / kTasksASecond),
                                    .memory = std::to_string(all / kTasksAMebibyte)});
}

}  // namespace wfc::targets::rocoto
