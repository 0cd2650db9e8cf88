// One family: how many, what each asks, what all of it asks at one attempt each and at the ceiling
// of every retry, and what its outputs are said to hold. What differs within the index is looked at
// point by point, over the loops it differs by and no others.
#include <algorithm>
#include <cmath>

#include "llvm/ADT/STLExtras.h"

#include "compiler/forecast/parts.h"
#include "compiler/ir/planned.h"
#include "compiler/ir/points.h"
#include "compiler/ir/space.h"

namespace wfc::forecast {

Hours& Hours::operator+=(const Hours& other) {
  wall += other.wall, node += other.node, core += other.core, gpu += other.gpu;
  return *this;
}

Hours Hours::operator*(double times) const {
  return {wall * times, node * times, core * times, gpu * times};
}

namespace {

constexpr double kMsOfHour = 3600000;
/// Ways of failing that are looked at one by one; beyond, every attempt counts as the last.
constexpr uint64_t kMostStates = 4096;
constexpr const char* kNeeds[] = {"time", "nodes", "tasks", "cpus", "gpus", "exclusive"};

Hours larger(const Hours& a, const Hours& b) {
  return {std::max(a.wall, b.wall), std::max(a.node, b.node), std::max(a.core, b.core),
          std::max(a.gpu, b.gpu)};
}

class Meter {
 public:
  Meter(const ir::Module& module, const ir::Family& family, const std::string& partition)
      : module_(module), family_(family), task_(module[family.task]), at_(module, family) {
    coresOfNode_ =
        static_cast<double>(ir::factNumber(module, "partition." + partition + ".cores", 0));
  }

  /// Adds what depends on needs and outputs.
  void measure(Family& into) {
    into.attempts = ir::mostAttempts(task_);
    into.hasHours = true;
    for (const ir::Need& need : task_.needs) {
      bool isOfHours = llvm::is_contained(kNeeds, llvm::StringRef(need.key));
      ir::Dependence on = at_.dependence(need.value);
      bool isLeft = on.isAtRunTime || at_.count(on.loops) == ir::kOpen;
      if (isLeft) into.atRunTime.push_back(need.key);
      if (isLeft && isOfHours) into.hasHours = false;
      if (!isLeft && isOfHours) loops_.insert(on.loops.begin(), on.loops.end());
    }
    for (const ir::Guard& guard : family_.guards)
      if (guard.isStatic && isKnown(guard.condition)) addLoops(guard.condition);
    for (const ir::Output& output : task_.outputs)
      for (ir::ExprId expr : {output.size, output.files})
        if (expr && isKnown(expr)) addLoops(expr);
    sum(into);
  }

 private:
  void addLoops(ir::ExprId expr) {
    ir::Dependence on = at_.dependence(expr);
    loops_.insert(on.loops.begin(), on.loops.end());
  }

  bool isKnown(ir::ExprId expr) {
    ir::Dependence on = at_.dependence(expr);
    return !on.isAtRunTime && at_.count(on.loops) != ir::kOpen;
  }

  /// Over the points of `loops_`, each standing for all elements of the other loops.
  void sum(Family& into) {
    // Together they may be too many where each alone was not: then the largest stands for all.
    if (at_.count(loops_) == ir::kOpen) return sumByLargest(into);
    Count others{1, Count::Exactly};
    for (ir::LoopId loop : family_.loops)
      if (!loops_.contains(loop.index())) others = others * countOf(module_, module_[loop].space);
    double times = others.isKnown() ? static_cast<double>(others.n) : 0;
    uint64_t points = at_.count(loops_);
    for (uint64_t point = 0; point < points; ++point) {
      at_.goTo(loops_, point);
      if (!at_.exists()) continue;
      if (into.hasHours) addHours(into, times);
      addOutputs(into, times);
    }
  }

  void sumByLargest(Family& into) {
    into.hasHours = false;
    into.atRunTime.push_back("needs that differ over more than a million values");
  }

  void addHours(Family& into, double times) {
    Hours first = hoursAt({});
    into.each = larger(into.each, first);
    into.once += first * times;
    into.ceiling += worst() * times;
    Load load = loadAt({});
    into.one.nodes = std::max(into.one.nodes, load.nodes);
    into.one.cores = std::max(into.one.cores, load.cores);
    into.one.gpus = std::max(into.one.gpus, load.gpus);
    into.one.instances = 1;
    into.all.instances += times;
    into.all.nodes += load.nodes * times;
    into.all.cores += load.cores * times;
    into.all.gpus += load.gpus * times;
  }

  /// A need after so many attempts that each clause has counted; empty: at the first.
  double need(llvm::StringRef key, double otherwise, llvm::ArrayRef<uint64_t> counted) {
    double value = 0;
    bool isStated = false;
    for (const ir::Need& need : task_.needs) {
      if (need.key != key) continue;
      ir::Result result = at_.evaluate(need.value);
      value += result ? ir::numberOf(*result.value).value_or(0) : 0;
      isStated = true;
    }
    if (!isStated) return otherwise;
    double factor = 1, more = 0;
    for (size_t clause = 0; clause < counted.size(); ++clause) {
      for (const ir::Growth& growth : task_.retries[clause].growths) {
        if (growth.key != key) continue;
        ir::Result by = at_.evaluate(growth.by);
        double amount = by ? ir::numberOf(*by.value).value_or(1) : 1;
        auto times = static_cast<double>(counted[clause]);
        if (growth.multiply)
          factor *= std::pow(amount, times);
        else
          more += amount * times;
      }
    }
    return counted.empty() ? value : std::ceil(value * factor + more);
  }

  Load loadAt(llvm::ArrayRef<uint64_t> counted) {
    Load load{1, need("nodes", 1, counted), 0, 0};
    load.cores = need("tasks", load.nodes, counted) * need("cpus", 1, counted);
    if (need("exclusive", 0, {}) > 0 && coresOfNode_ > 0)
      load.cores = std::max(load.cores, load.nodes * coresOfNode_);
    load.gpus = load.nodes * need("gpus", 0, counted);
    return load;
  }

  Hours hoursAt(llvm::ArrayRef<uint64_t> counted) {
    double wall = need("time", 0, counted) / kMsOfHour;
    Load load = loadAt(counted);
    return {wall, wall * load.nodes, wall * load.cores, wall * load.gpus};
  }

  /// All attempts of one instance, failing in the order that asks most.
  Hours worst() {
    double slices = task_.resume.output >= 0
                        ? static_cast<double>(std::max<int64_t>(task_.resume.slices, 1))
                        : 1;
    std::vector<uint64_t> most;
    uint64_t states = 1;
    for (const ir::Retry& retry : task_.retries) {
      most.push_back(static_cast<uint64_t>(std::max<int64_t>(retry.count, 0)));
      states = states > kMostStates ? states : states * (most.back() + 1);
    }
    if (most.empty()) return hoursAt({}) * slices;
    if (states > kMostStates)
      return larger(hoursAt({}), hoursAt(most)) * static_cast<double>(ir::mostAttempts(task_));
    std::vector<Hours> from(states);
    for (uint64_t state = states; state-- > 0;) {
      std::vector<uint64_t> counted = countedAt(state, most);
      uint64_t stride = 1;
      Hours next;
      for (size_t clause = 0; clause < most.size(); ++clause) {
        if (counted[clause] < most[clause]) next = larger(next, from[state + stride]);
        stride *= most[clause] + 1;
      }
      from[state] = hoursAt(counted) * slices;
      from[state] += next;
    }
    return from[0];
  }

  static std::vector<uint64_t> countedAt(uint64_t state, llvm::ArrayRef<uint64_t> most) {
    std::vector<uint64_t> counted;
    for (uint64_t each : most) {
      counted.push_back(state % (each + 1));
      state /= each + 1;
    }
    return counted;
  }

  void addOutputs(Family& into, double times) {
    double oneBytes = 0;
    auto count = static_cast<uint64_t>(times);
    for (const ir::Output& output : task_.outputs) {
      if (output.small) continue;
      std::optional<double> bytes = stated(output.size), files = stated(output.files);
      const ir::Type& type = module_.types[output.type];
      bool isFile = type.kind == ir::Type::Artifact && !module_[type.artifact].isDir;
      // The folder itself is one too.
      if (isFile) files = 0;
      into.bytes.amount += bytes.value_or(0) * times;
      oneBytes += bytes.value_or(0);
      into.inodes.amount += files ? (*files + 1) * times : 0;
      (bytes ? into.bytes.parts : into.bytes.notStated) += count;
      (files ? into.inodes.parts : into.inodes.notStated) += count;
    }
    into.oneBytes = std::max(into.oneBytes, oneBytes);
  }

  std::optional<double> stated(ir::ExprId expr) {
    if (!expr || !isKnown(expr)) return std::nullopt;
    ir::Result result = at_.evaluate(expr);
    return result ? ir::numberOf(*result.value) : std::nullopt;
  }

  const ir::Module& module_;
  const ir::Family& family_;
  const ir::Task& task_;
  ir::Points at_;
  double coresOfNode_ = 0;
  std::set<uint32_t> loops_;
};

}  // namespace

Family measured(const ir::Module& module, ir::FamilyId id) {
  const ir::Family& family = module[id];
  Family result;
  result.family = id;
  result.isTemp = family.temp;
  result.instances = countOf(module, family, result.why);
  if (!family.task) return result;
  Meter(module, family, ir::partitionOf(module, id)).measure(result);
  // A hook follows from what happens, and is in no sum.
  if (family.role == ir::Family::Hook)
    result.once = result.ceiling = {}, result.bytes = result.inodes = {};
  return result;
}

Pool measured(const ir::Module& module, const ir::Pool& pool) {
  ir::Family whole;
  whole.name = pool.name;
  whole.task = pool.task;
  Family family;
  family.instances = {1, Count::Exactly};
  Meter(module, whole, pool.placement.partition).measure(family);
  return {pool.name,      pool.placement.partition, family.once,
          family.ceiling, family.attempts,          family.one};
}

}  // namespace wfc::forecast
