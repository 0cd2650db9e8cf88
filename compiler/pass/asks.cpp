// Reads a module for the capabilities it asks for, table by table.
#include "compiler/pass/asks.h"

#include "llvm/ADT/STLExtras.h"

#include "compiler/ir/eval.h"
#include "compiler/ir/space.h"

namespace wfc::pass {

namespace {

using target::Capability;

class Asker {
 public:
  explicit Asker(const ir::Module& module) : module_(module) {}

  std::vector<Ask> all() {
    for (const ir::Ref& ref : module_.refs) reference(ref);
    for (const ir::Space& space : module_.spaces) set(space);
    for (const ir::Task& task : module_.tasks) {
      // Of a pool: what it needs is asked of whoever holds pools.
      bool isPool = llvm::any_of(
          module_.pools, [&](const ir::Pool& pool) { return &module_[pool.task] == &task; });
      if (isPool) continue;
      inputsAndOutputs(task);
      needs(task);
      attempts(task);
      environment(task);
    }
    // Of a pool once, not of each call in it.
    for (const ir::Pool& pool : module_.pools) {
      ask(Capability::Pools, pool.loc);
      for (const ir::Need& need : module_[pool.task].needs)
        if (need.key == "ray") ask(Capability::RayClusters, need.loc);
    }
    for (const ir::Family& family : module_.families) call(family);
    for (const ir::Limit& limit : module_.limits) limited(limit);
    for (const ir::Publish& publish : module_.publishes) ask(Capability::Publish, publish.loc);
    for (const ir::Budget& budget : module_.budgets) ask(Capability::Budgets, budget.loc);
    for (const ir::StopAfter& stop : module_.stops) ask(Capability::StopAfter, stop.loc);
    for (const ir::Placement& placement : module_.placements)
      for (const auto& [key, note] : placement.notes)
        if (note == "varies") ask(Capability::VaryingNeeds, module_[placement.family].loc);
    return std::move(asks_);
  }

 private:
  void ask(Capability capability, ir::Loc loc) { asks_.push_back({capability, loc}); }

  void reference(const ir::Ref& ref) {
    ask(Capability::StaticGraph, ref.loc);
    switch (ref.demand) {
      case ir::Demand::All:
        break;
      case ir::Demand::Ok:
        ask(Capability::OkOfFamily, ref.loc);
        break;
      case ir::Demand::AtLeast:
        ask(Capability::Quorum, ref.loc);
        break;
      case ir::Demand::First:
        ask(Capability::FirstOf, ref.loc);
        break;
      case ir::Demand::Ended:
        ask(Capability::AfterEnded, ref.loc);
        break;
    }
    if (ref.ifMade) ask(Capability::IfMade, ref.loc);
    if (ref.stream) ask(Capability::Streams, ref.loc);
    for (const ir::IndexPattern& index : ref.indices) {
      switch (index.kind) {
        case ir::IndexPattern::Same:
          ask(Capability::SameIndexEdges, ref.loc);
          break;
        case ir::IndexPattern::At:
          ask(Capability::OffsetEdges, ref.loc);
          break;
        case ir::IndexPattern::All:
          break;
        case ir::IndexPattern::UpTo:
        case ir::IndexPattern::From:
        case ir::IndexPattern::Between:
          ask(Capability::PrefixEdges, ref.loc);
          break;
        case ir::IndexPattern::Where:
          ask(Capability::GroupEdges, ref.loc);
          break;
      }
    }
  }

  void set(const ir::Space& space) {
    switch (space.kind) {
      case ir::Space::Cycle:
        ask(space.hi == INT64_MAX ? Capability::OpenCycles : Capability::Cycles, space.loc);
        break;
      case ir::Space::Files:
        ask(Capability::FilesAtStart, space.loc);
        break;
      case ir::Space::SetOf:
        ask(Capability::RunTimeSets, space.loc);
        break;
      case ir::Space::Batches:
      case ir::Space::Groups:
        ask(Capability::GroupEdges, space.loc);
        break;
      case ir::Space::Repeat:
        ask(Capability::Repeat, space.loc);
        break;
      case ir::Space::List:
      case ir::Space::Range:
      case ir::Space::Product:
      case ir::Space::EveryNth:
      case ir::Space::Reverse:
      case ir::Space::Slice:
      case ir::Space::Members:
        break;
    }
  }

  void inputsAndOutputs(const ir::Task& task) {
    if (task.noData) ask(Capability::NoData, task.loc);
    for (const ir::Output& output : task.outputs) {
      if (output.small) ask(Capability::SmallOutputs, output.loc);
      const ir::Type* type = &module_.types[output.type];
      if (type->kind == ir::Type::Set) {
        ask(Capability::RunTimeSets, output.loc);
        type = &module_.types[type->element];
      }
      if (type->kind != ir::Type::Artifact) continue;
      const ir::Kind& kind = module_[type->artifact];
      if (!kind.probe.empty() || !kind.magic.empty() || !kind.schema.empty())
        ask(Capability::Probes, kind.loc);
    }
  }

  void needs(const ir::Task& task) {
    for (const ir::Need& need : task.needs) {
      // One node and one process are what every task has.
      bool isOne = module_[need.value].op == ir::Op::Const && module_[need.value].value.i == 1;
      if (isOne && (need.key == "nodes" || need.key == "tasks")) continue;
      if (need.key == "cpus")
        ask(Capability::Cpus, need.loc);
      else if (need.key == "memory")
        ask(Capability::Memory, need.loc);
      else if (need.key == "time")
        ask(Capability::Time, need.loc);
      else if (need.key == "gpus")
        ask(Capability::Gpus, need.loc);
      else if (need.key == "nodes")
        ask(Capability::Nodes, need.loc);
      else if (need.key == "tasks")
        ask(Capability::Ranks, need.loc);
      else if (need.key == "exclusive")
        ask(Capability::Exclusive, need.loc);
      else if (need.key == "licences")
        ask(Capability::Licences, need.loc);
      else if (need.key == "feature")
        ask(Capability::Features, need.loc);
      else if (need.key == "disk")
        ask(Capability::LocalDisk, need.loc);
      else
        ask(Capability::Partition, need.loc);
    }
  }

  void attempts(const ir::Task& task) {
    for (const ir::Retry& retry : task.retries)
      ask(retry.growths.empty() ? Capability::Retries : Capability::GrowingRetries, retry.loc);
    if (task.resume.output >= 0) ask(Capability::Resume, task.resume.loc);
    if (!task.exits.empty()) ask(Capability::ExitCodes, task.loc);
    for (const ir::Check& check : task.checks) ask(Capability::Checks, check.body.loc);
    if (!task.fills.empty()) ask(Capability::Fill, task.loc);
  }

  void environment(const ir::Task& task) {
    if (!task.env.empty()) ask(Capability::Environment, task.loc);
    if (!task.modules.empty()) ask(Capability::Modules, task.loc);
    if (!task.conda.empty()) ask(Capability::Conda, task.loc);
    if (task.container) ask(Capability::Containers, module_[task.container].loc);
    if (!task.secrets.empty()) ask(Capability::Secrets, task.loc);
  }

  void call(const ir::Family& family) {
    if (!family.loops.empty()) ask(Capability::StaticFamilies, family.loc);
    for (const ir::Guard& guard : family.guards)
      if (!guard.isStatic) ask(Capability::RunTimeGuards, guard.loc);
    if (family.role == ir::Family::Hook) ask(Capability::Hooks, family.loc);
    wait(family);
    if (family.priority != 0) ask(Capability::Priorities, family.loc);
    if (family.deadlineMs > 0) ask(Capability::Deadlines, family.loc);
    if (family.temp) ask(Capability::Temp, family.loc);
    if (family.disk != ir::Family::Shared) ask(Capability::NodeLocal, family.loc);
    if (!family.store.empty()) ask(Capability::ObjectStores, family.loc);
  }

  void wait(const ir::Family& family) {
    for (const std::vector<ir::Family::Awaited>& all : family.wait.any)
      for (const ir::Family::Awaited& awaited : all)
        ask(module_.types[module_[awaited.what].type].kind == ir::Type::Instant
                ? Capability::WaitForTime
                : Capability::WaitForFile,
            family.loc);
    if (family.wait.any.size() > 1) ask(Capability::WaitForAny, family.loc);
  }

  void limited(const ir::Limit& limit) {
    if (limit.perMs > 0) return ask(Capability::StartRate, limit.loc);
    ask(limit.families.size() == 1 && !limit.loop ? Capability::FamilyLimit
                                                  : Capability::SharedLimit,
        limit.loc);
    if (limit.refill >= 0) ask(Capability::Refill, limit.loc);
  }

  const ir::Module& module_;
  std::vector<Ask> asks_;
};

}  // namespace

std::vector<Ask> asksOf(const ir::Module& module) { return Asker(module).all(); }

}  // namespace wfc::pass
