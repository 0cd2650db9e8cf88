// See calls.h.
#include "compiler/target/calls.h"

#include "llvm/ADT/STLExtras.h"

#include "compiler/ir/planned.h"
#include "compiler/ir/space.h"

namespace wfc::target {

Calls callForEach(const ir::Module& module, std::string program, std::string what,
                  const std::function<bool(const ir::Family&)>& counts) {
  Calls calls{std::move(program), 0, 0, false, std::move(what)};
  for (const ir::Family& family : module.families) {
    bool isMeant = family.task && family.role == ir::Family::Work && counts(family);
    if (!isMeant) continue;
    std::optional<uint64_t> count = ir::instancesOf(module, family);
    if (!count || *count == ir::kOpen) {
      calls.hasNoBound = true;
      continue;
    }
    bool isCertain = true;
    for (const ir::Guard& guard : family.guards) isCertain &= guard.isStatic;
    for (ir::LoopId loop : family.loops) isCertain &= !module[loop].until.valid();
    if (isCertain) calls.least += *count;
    calls.most += *count * ir::mostAttempts(module[family.task]);
  }
  return calls;
}

}  // namespace wfc::target
