// See pools.h. That needs fit a node of the pool's partition is checked where families are placed.
#include "compiler/pass/pools.h"

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/STLExtras.h"

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
      report(family, *pool,
             {needs.amounts.at("nodes").need, "several nodes", "a call", "has one at most"});
    checkFeatures(family, *pool, needs.features);
    checkCounted(family, *pool, needs.gpus, "gpus.", "gpus");
    checkCounted(family, *pool, needs.licences, "licence.", "licences");
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
      report(family, *pool,
             {needs.amounts.at(key).need, fmt::format("{} {}", key, amountText(key, asked)),
              llvm::StringRef(key) == "time" ? "the whole" : "a node", has});
    }
  }

 private:
  /// What is asked for, and what there is of it.
  struct Beyond {
    const ir::Need* need;
    std::string asked, room, has;
  };

  /// GPUs and licences are there only where the pool asks for them.
  void checkCounted(const ir::Family& family, const ir::Pool& pool, const std::vector<Gpus>& asked,
                    const std::string& prefix, llvm::StringRef key) {
    for (const Gpus& each : asked) {
      double most = 0;
      auto stated = pool.placement.notes.find(prefix + each.model);
      if (stated != pool.placement.notes.end()) llvm::StringRef(stated->second).getAsDouble(most);
      // The workers share no licences.
      if (key == "licences") most = 0;
      if (each.count.ceiling <= most) continue;
      report(family, pool,
             {each.count.need,
              fmt::format("{} {}{}{}", each.count.ceiling, each.model,
                          each.model.empty() ? "" : " ", key.str()),
              "a node", most > 0 ? fmt::format("has {}", most) : "has none"});
    }
  }

  /// The nodes of a pool surely have what the pool asks for.
  void checkFeatures(const ir::Family& family, const ir::Pool& pool,
                     const std::vector<Feature>& asked) {
    std::vector<std::string> all = ir::featuresOf(pool.placement);
    for (const Feature& feature : asked) {
      auto isEnough = [&](const std::string& has) {
        llvm::SmallVector<llvm::StringRef> names;
        llvm::StringRef(has).split(names, '|');
        return llvm::all_of(
            names, [&](llvm::StringRef name) { return llvm::is_contained(feature.anyOf, name); });
      };
      if (llvm::none_of(all, isEnough))
        report(
            family, pool,
            {feature.need, fmt::format("the feature `{}`", fmt::join(feature.anyOf, "|")), "a node",
             all.empty() ? "asks for none" : fmt::format("asks for `{}`", fmt::join(all, "`, `"))});
    }
  }

  void report(const ir::Family& family, const ir::Pool& pool, Beyond beyond) {
    const ir::Task& task = module_[family.task];
    ir::Loc loc = beyond.need != nullptr && beyond.need->loc.line ? beyond.need->loc : task.loc;
    emitter_.report(locate_(loc), diag::NeedBeyondPool{.task = task.name,
                                                       .asked = std::move(beyond.asked),
                                                       .room = std::move(beyond.room),
                                                       .pool = pool.name,
                                                       .has = std::move(beyond.has),
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
