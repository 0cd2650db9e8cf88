// What a run asks of SLURM. Counted as backend/ahead.cpp submits, but by families: arrays in
// chunks, one for each size of needs, after the same rules of what steps must start.
#include "compiler/target/calls.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"

#include "compiler/ir/planned.h"
#include "compiler/ir/points.h"
#include "compiler/ir/space.h"

#include "targets/slurm/slurm.h"
#include "targets/slurm/steps.h"

namespace wfc::targets::slurm {

namespace {

class Counter {
 public:
  explicit Counter(const ir::Module& module) : module_(module), reasons_(reasonsForSteps(module)) {
    arraySize_ = static_cast<uint64_t>(ir::factNumber(module, "limit.array", 1001));
    auto most = static_cast<uint64_t>(ir::factNumber(module, "limit.submit", 0));
    // Slots for sweep and end, each beside its successor, are not for work.
    room_ = most == 0 ? UINT64_MAX : most - std::min<uint64_t>(most, 4);
  }

  std::vector<target::Calls> count() {
    seen_.resize(module_.families.size());
    for (uint32_t f = 0; f < module_.families.size(); ++f) visit(f);
    bool hasSweep = ir::fact(module_, "submit_from_compute") != "false";
    uint64_t ahead = arrays_ + (hasSweep ? 2 : 1);
    std::vector<target::Calls> calls = {
        {"sbatch", ahead, ahead, false,
         fmt::format("by the start: {} array{} or job{}{} and an end job", arrays_,
                     arrays_ == 1 ? "" : "s", arrays_ == 1 ? "" : "s",
                     hasSweep ? ", a sweep" : "")}};
    addSteps(calls);
    if (!module_.pools.empty()) {
      uint64_t most = 0;
      for (const ir::Pool& pool : module_.pools) most += ir::mostAttempts(module_[pool.task]);
      calls.push_back({"sbatch", module_.pools.size(), most, false, "one for each pool"});
    }
    calls.push_back(
        {"scontrol", 1, 2, false, "by the start: dependencies of single indices, release"});
    return calls;
  }

 private:
  bool isBySteps(uint32_t f) const { return !reasons_[f].empty(); }

  void addSteps(std::vector<target::Calls>& calls) const {
    auto isMeant = [&](const ir::Family& family) {
      return isBySteps(static_cast<uint32_t>(&family - module_.families.data())) &&
             family.pool.empty();
    };
    target::Calls steps = target::callForEach(module_, "sbatch", "by steps", isMeant);
    uint64_t families = 0;
    for (const ir::Family& family : module_.families)
      families += family.task && family.role == ir::Family::Work && isMeant(family);
    if (families == 0) return;
    // What is ready together goes as one array.
    steps.least = std::min(steps.least, families);
    steps.what = fmt::format("by steps, for {} famil{}: what is ready together is one array",
                             families, families == 1 ? "y" : "ies");
    calls.push_back(std::move(steps));
  }

  /// Producers first, as they are submitted: what does not fit into the queue any more is left to
  /// steps, and so is what waits for it.
  void visit(uint32_t f) {
    if (seen_[f]++ != 0) return;
    const ir::Family& family = module_.families[f];
    for (ir::RefId ref : waitsOf(module_, family))
      for (ir::FamilyId producer : module_[ref].families) visit(producer.index());
    bool isWork = family.role == ir::Family::Work && family.task.valid();
    if (!isWork || isBySteps(f)) return;
    std::optional<uint64_t> count = ir::instancesOf(module_, family);
    if (!count || *count == ir::kOpen) return;
    for (ir::RefId ref : waitsOf(module_, family))
      for (ir::FamilyId producer : module_[ref].families)
        if (full_.contains(producer.index()) && !isBySteps(f))
          reasons_[f] = "those it waits for do not fit into the queue now";
    if (!isBySteps(f) && *count > room_) reasons_[f] = "it does not fit into the queue now";
    if (isBySteps(f)) {
      full_.insert(f);
      return;
    }
    room_ -= room_ == UINT64_MAX ? 0 : *count;
    arrays_ += arraysOf(ir::FamilyId(f), *count);
  }

  uint64_t arraysOf(ir::FamilyId id, uint64_t count) const {
    const ir::Family& family = module_[id];
    uint64_t size = 1;
    for (ir::LoopId loop : family.loops) size *= ir::sizeOf(module_, module_[loop].space);
    bool isVaried = !ir::varyingNeeds(module_, id, false).empty();
    if (!isVaried && (size <= arraySize_ || count == size))
      return count == 0 ? 0 : size / arraySize_ + (size % arraySize_ != 0);
    ir::Points at(module_, family);
    std::set<std::pair<uint64_t, std::string>> arrays;
    for (uint64_t n = 0; n < size; ++n) {
      at.goToInstance(n);
      if (at.exists()) arrays.insert({n / arraySize_, isVaried ? needsAt(at, family) : ""});
    }
    return arrays.size();
  }

  /// Equal texts: the same options of sbatch.
  std::string needsAt(ir::Points& at, const ir::Family& family) const {
    std::string text;
    for (const ir::Need& need : module_[family.task].needs) {
      ir::Result value = at.evaluate(need.value);
      text += fmt::format("{} ", value ? ir::toText(module_, *value.value) : "");
    }
    return text;
  }

  const ir::Module& module_;
  std::vector<std::string> reasons_;
  std::vector<uint8_t> seen_;
  std::set<uint32_t> full_;
  uint64_t arraySize_ = 0, room_ = 0, arrays_ = 0;
};

}  // namespace

std::vector<target::Calls> Slurm::calls(const ir::Module& module) const {
  return Counter(module).count();
}

}  // namespace wfc::targets::slurm
