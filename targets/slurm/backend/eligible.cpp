// The rules of design note "How a graph lives in SLURM", row by row, for one family after the
// other; then whoever waits for one that steps start is started by steps too.
#include "targets/slurm/backend/eligible.h"

#include <fmt/format.h>

#include "compiler/ir/planned.h"

namespace wfc::slurm {

namespace {

using run::Engine;
using run::Phase;

std::string reasonOfLoops(const Engine& engine, const ir::Family& family) {
  for (ir::LoopId loop : family.loops) {
    if (engine.plan().loop(loop.index()).isOpen) return "its cycle has no end";
    for (const run::Brood& brood : engine.state().loops[loop.index()].broods) {
      if (brood.state == run::Brood::Unread)
        return fmt::format("the members of `{}` are known only at run time",
                           engine.plan().module()[loop].variable);
    }
  }
  return {};
}

std::string reasonOfLimits(const Engine& engine, uint32_t index, uint64_t arraySize) {
  const ir::Module& module = engine.plan().module();
  uint64_t size = engine.state().families[index].instances.size();
  for (uint32_t n : engine.plan().family(index).limits) {
    const ir::Limit& limit = module.limits[n];
    if (limit.perMs > 0) return "its starts are limited in time";
    if (limit.loop.valid()) return "iterations of its loop are limited";
    if (limit.refill >= 0) return "its limit has a refill";
    if (limit.families.size() > 1) return "a limit counts several families";
    if (size > arraySize) return "a limit counts several arrays";
  }
  return ir::holdsBudget(module, ir::FamilyId(index)) ? "it holds a budget" : "";
}

std::string reasonOfItself(const Engine& engine, uint32_t index, uint64_t arraySize) {
  const ir::Module& module = engine.plan().module();
  const ir::Family& family = module.families[index];
  const run::FamilyPlan& plan = engine.plan().family(index);
  if (family.role == ir::Family::Wait) return "it waits for the outside";
  if (family.role == ir::Family::Hook) return "it is a hook";
  if (!family.pool.empty()) return fmt::format("it runs in the pool `{}`", family.pool);
  const std::vector<run::Instance>& instances = engine.state().families[index].instances;
  for (uint32_t n = 0; n < instances.size(); ++n) {
    if (instances[n].phase < Phase::Ended && !engine.mayStart({index, n}))
      return "some of it are held back";
  }
  if (plan.repeat.valid()) return "it is repeated until a value says so";
  if (family.deadlineMs > 0) return "it has a deadline";
  if (plan.hasGuards) return "its guard is read at run time";
  if (std::string reason = reasonOfLoops(engine, family); !reason.empty()) return reason;
  if (std::string reason = reasonOfLimits(engine, index, arraySize); !reason.empty()) return reason;
  if (!plan.stops.empty()) return "its block is stopped after failures";
  for (const run::Wait& wait : plan.waits) {
    if (module[wait.ref].demand == ir::Demand::First) return "it takes the first that are ok";
    if (module[wait.ref].stream) return "it takes a family as a stream";
  }
  return {};
}

bool isAllEnded(const Engine& engine, uint32_t family) {
  // Members that are not known yet have not ended.
  if (!reasonOfLoops(engine, engine.plan().module().families[family]).empty()) return false;
  for (const run::Instance& instance : engine.state().families[family].instances) {
    if (instance.phase != Phase::Ended && instance.phase != Phase::Absent) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> reasonsForSteps(const Engine& engine, uint64_t arraySize) {
  const ir::Module& module = engine.plan().module();
  std::vector<std::string> reasons;
  for (uint32_t f = 0; f < module.families.size(); ++f)
    reasons.push_back(reasonOfItself(engine, f, arraySize));
  for (bool isNews = true; isNews;) {
    isNews = false;
    for (uint32_t f = 0; f < module.families.size(); ++f) {
      if (!reasons[f].empty()) continue;
      for (const run::Wait& wait : engine.plan().family(f).waits) {
        for (ir::FamilyId producer : module[wait.ref].families) {
          if (reasons[producer.index()].empty() || isAllEnded(engine, producer.index()) ||
              !reasons[f].empty())
            continue;
          reasons[f] = fmt::format("it waits for `{}`, which steps start", module[producer].name);
          isNews = true;
        }
      }
    }
  }
  return reasons;
}

}  // namespace wfc::slurm
