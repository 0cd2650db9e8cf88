// See pools.h. That needs fit a node of the pool's partition is checked where families are placed.
#include "compiler/pass/pools.h"

#include "fmt/format.h"

#include "compiler/diag/catalog/plan.h"
#include "compiler/ir/planned.h"
#include "compiler/pass/needs.h"

namespace wfc::pass {

namespace {

class PoolChecker {
 public:
  PoolChecker(const ir::Module& module, const Context& context)
      : module_(module), emitter_(context.emitter), locate_(context.sources, module) {}

  void check(const ir::Family& family) {
    const ir::Pool* pool = ir::poolNamed(module_, family.pool);
    if (pool == nullptr || !family.task) return;
    Needs needs = needsOf(module_, family);
    // A node is all that a call can have; its pool has several.
    if (needs.ceiling("nodes", 1) > 1)
      report(family, *pool, needs, "nodes", "a call", "has one node at most");
    for (const char* key : {"time", "cpus", "memory"}) {
      auto stated = pool->placement.notes.find(key);
      double most = 0;
      if (stated == pool->placement.notes.end() ||
          llvm::StringRef(stated->second).getAsDouble(most))
        continue;
      double asked = needs.ceiling(key, 0);
      if (llvm::StringRef(key) == "cpus") asked *= needs.ceiling("tasks", 1);
      if (asked <= most) continue;
      std::string has = fmt::format("has {} {}", key, amountText(key, most));
      report(family, *pool, needs, key, llvm::StringRef(key) == "time" ? "the whole" : "a node",
             has);
    }
  }

 private:
  void report(const ir::Family& family, const ir::Pool& pool, const Needs& needs, const char* key,
              std::string room, std::string has) {
    const ir::Task& task = module_[family.task];
    const Amount& amount = needs.amounts.at(key);
    ir::Loc loc = amount.need && amount.need->loc.line ? amount.need->loc : task.loc;
    emitter_.report(
        locate_(loc),
        diag::NeedBeyondPool{.task = task.name,
                             .asked = fmt::format("{} {}", key, amountText(key, amount.ceiling)),
                             .room = std::move(room),
                             .pool = pool.name,
                             .has = std::move(has),
                             .poolAt = locate_(pool.loc)});
  }

  const ir::Module& module_;
  diag::Emitter& emitter_;
  target::Locator locate_;
};

}  // namespace

void checkPools(const ir::Module& module, const Context& context) {
  PoolChecker checker(module, context);
  for (const ir::Family& family : module.families) checker.check(family);
}

}  // namespace wfc::pass
