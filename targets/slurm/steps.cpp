// The rules, row by row, for each family by itself; then whoever waits for one that steps start is
// started by steps too.
#include "targets/slurm/steps.h"

#include <algorithm>

#include "fmt/format.h"

#include "compiler/ir/eval.h"
#include "compiler/ir/planned.h"
#include "compiler/ir/space.h"

namespace wfc::targets::slurm {

std::vector<ir::RefId> waitsOf(const ir::Module& module, const ir::Family& family) {
  std::vector<ir::RefId> refs = family.afters;
  for (ir::ExprId argument : family.args)
    if (argument) ir::collectRefs(module, argument, refs);
  for (const ir::Guard& guard : family.guards)
    if (!guard.isStatic) ir::collectRefs(module, guard.condition, refs);
  for (ir::LoopId loop : family.loops) ir::collectRefs(module, module[loop].space, refs);
  return refs;
}

namespace {

class Reasons {
 public:
  explicit Reasons(const ir::Module& module) : module_(module) {}

  std::vector<std::string> all() {
    for (uint32_t i = 0; i < module_.families.size(); ++i) reasons_.push_back(ofItself(i));
    for (bool isNews = true; isNews;) {
      isNews = false;
      for (uint32_t i = 0; i < reasons_.size(); ++i)
        if (reasons_[i].empty()) isNews |= follow(i);
    }
    return std::move(reasons_);
  }

 private:
  std::string ofItself(uint32_t index) {
    const ir::Family& family = module_.families[index];
    if (family.role == ir::Family::Wait) return "it waits for the outside";
    if (family.role == ir::Family::Hook) return family.hook.of.empty() ? "" : "it is a hook";
    if (!family.pool.empty()) return fmt::format("it runs in the pool `{}`", family.pool);
    if (family.deadlineMs > 0) return "it has a deadline";
    for (const ir::Guard& guard : family.guards)
      if (!guard.isStatic) return "its guard is read at run time";
    for (ir::LoopId loop : family.loops)
      if (std::string reason = ofLoop(module_[loop]); !reason.empty()) return reason;
    if (std::string reason = ofLimits(family, index); !reason.empty()) return reason;
    for (const ir::StopAfter& stop : module_.stops)
      if (std::find(stop.families.begin(), stop.families.end(), ir::FamilyId(index)) !=
          stop.families.end())
        return "its block is stopped after failures";
    for (ir::RefId ref : waitsOf(module_, family)) {
      if (module_[ref].demand == ir::Demand::First) return "it takes the first that are ok";
      if (module_[ref].stream) return "it takes a family as a stream";
    }
    return ofSize(family);
  }

  std::string ofLoop(const ir::Loop& loop) {
    const ir::Space& space = module_[loop.space];
    if (space.kind == ir::Space::Repeat && loop.until)
      return "it is repeated until a value says so";
    // The files of a pattern are read by `wfr start`, before anything is submitted.
    if (space.kind == ir::Space::Files) return {};
    if (!ir::isStatic(module_, loop.space))
      return fmt::format("the members of `{}` are known only at run time", loop.variable);
    return ir::sizeOf(module_, loop.space) == ir::kOpen ? "its cycle has no end" : "";
  }

  std::string ofLimits(const ir::Family& family, uint32_t index) {
    int64_t arraySize = ir::factNumber(module_, "limit.array", 1001);
    for (const ir::Limit& limit : module_.limits) {
      bool isOfLoop = limit.loop && std::find(family.loops.begin(), family.loops.end(),
                                              limit.loop) != family.loops.end();
      bool isOfFamily = std::find(limit.families.begin(), limit.families.end(),
                                  ir::FamilyId(index)) != limit.families.end();
      if (!isOfLoop && !isOfFamily) continue;
      if (limit.perMs > 0) return "its starts are limited in time";
      if (isOfLoop) return "iterations of its loop are limited";
      if (limit.refill >= 0) return "its limit has a refill";
      if (limit.families.size() > 1) return "a limit counts several families";
      auto count = ir::instancesOf(module_, family);
      if (count && *count > static_cast<uint64_t>(arraySize))
        return "a limit counts several arrays";
    }
    return ir::holdsBudget(module_, ir::FamilyId(index)) ? "it holds a budget" : "";
  }

  std::string ofSize(const ir::Family& family) {
    int64_t most = ir::factNumber(module_, "limit.submit", 0);
    auto count = ir::instancesOf(module_, family);
    if (most <= 0 || !count || *count == ir::kOpen || *count <= static_cast<uint64_t>(most))
      return {};
    return fmt::format("its {} instances are more than the {} jobs that the site takes of one user",
                       *count, most);
  }

  bool follow(uint32_t index) {
    for (ir::RefId ref : waitsOf(module_, module_.families[index]))
      for (ir::FamilyId producer : module_[ref].families) {
        if (reasons_[producer.index()].empty()) continue;
        reasons_[index] =
            fmt::format("it waits for `{}`, which steps start", module_[producer].name);
        return true;
      }
    return false;
  }

  const ir::Module& module_;
  std::vector<std::string> reasons_;
};

}  // namespace

std::vector<std::string> reasonsForSteps(const ir::Module& module) { return Reasons(module).all(); }

}  // namespace wfc::targets::slurm
