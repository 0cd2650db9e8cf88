// Works out the tables of a Plan. Everything here is linear in the size of the module, never in the
// number of instances.
#include "runtime/engine/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/planned.h"
#include "compiler/ir/space.h"

namespace wfc::run {

namespace {

/// The reference whose instances the elements of a space are, or invalid.
ir::RefId membersOf(const ir::Module& module, ir::SpaceId id) {
  const ir::Space& space = module[id];
  if (space.kind == ir::Space::Members) return space.ref;
  return space.base.valid() ? membersOf(module, space.base) : ir::RefId{};
}

/// True if the elements can be computed by position: no grouping, nothing read at run time.
bool isComputed(const ir::Module& module, ir::SpaceId id) {
  const ir::Space& space = module[id];
  if (space.kind == ir::Space::Repeat) return true;
  if (space.kind >= ir::Space::Files) return false;
  for (ir::SpaceId factor : space.factors) {
    if (!isComputed(module, factor)) return false;
  }
  return !space.base.valid() || isComputed(module, space.base);
}

void addWait(std::vector<Wait>& waits, Wait wait) {
  for (const Wait& known : waits) {
    if (known.ref == wait.ref && known.members == wait.members) return;
  }
  waits.push_back(wait);
}

}  // namespace

Plan::Plan(ir::Module module) : module_(std::move(module)) {
  families_.resize(module_.families.size());
  loops_.resize(module_.loops.size());
  readers_.resize(module_.families.size());
  planLoops();
  for (uint32_t n = 0; n < module_.families.size(); ++n) planFamily(n);
  for (uint32_t n = 0; n < module_.families.size(); ++n) planReaders(n);
  planTables();
}

void Plan::planLoops() {
  for (uint32_t n = 0; n < module_.loops.size(); ++n) {
    const ir::Loop& loop = module_.loops[n];
    LoopPlan& plan = loops_[n];
    plan.isStatic = isComputed(module_, loop.space);
    plan.members = membersOf(module_, loop.space);
    plan.isOpen = plan.isStatic && ir::sizeOf(module_, loop.space) == ir::kOpen;
    for (ir::LoopId up = loop.parent; up.valid(); up = module_[up].parent) ++plan.depth;
    if (loop.parent.valid())
      loops_[loop.parent.index()].children.push_back(ir::LoopId{n});
    else
      outermost_.push_back(ir::LoopId{n});
  }
}

void Plan::planFamily(uint32_t index) {
  const ir::Family& family = module_.families[index];
  const ir::FamilyId id{index};
  FamilyPlan& plan = families_[index];
  names_[family.name] = index;
  if (family.loops.empty()) {
    outside_.push_back(id);
  } else {
    plan.inner = family.loops.back();
    loops_[plan.inner.index()].families.push_back(id);
  }
  for (unsigned depth = 0; depth < family.loops.size(); ++depth) {
    if (family.role != ir::Family::Hook)
      loops_[family.loops[depth].index()].below.push_back({id, depth});
    if (module_[module_[family.loops[depth]].space].kind == ir::Space::Repeat)
      plan.repeat = family.loops[depth];
  }

  std::vector<ir::RefId> refs;
  for (const ir::Guard& guard : family.guards) {
    if (guard.isStatic)
      plan.hasStaticGuards = true;
    else
      plan.hasGuards = true;
    if (guard.isStatic) continue;
    refs.clear();
    ir::collectRefs(module_, guard.condition, refs);
    for (ir::RefId ref : refs) addWait(plan.waits, {ref, {}});
    plan.guardEnds.push_back(static_cast<unsigned>(plan.waits.size()));
  }
  plan.guardWaits = static_cast<unsigned>(plan.waits.size());
  refs.clear();
  for (ir::ExprId arg : family.args) {
    if (arg.valid()) ir::collectRefs(module_, arg, refs);
  }
  ir::collectRefs(module_, family.wait, refs);
  refs.insert(refs.end(), family.afters.begin(), family.afters.end());
  for (ir::RefId ref : refs) addWait(plan.waits, {ref, {}});
  plan.nodeReads = ir::nodeReads(module_, family);
  // The members that a batch or group holds are plain references of whoever reads the loop's
  // variable.
  for (ir::LoopId loop : family.loops) {
    ir::RefId members = loops_[loop.index()].members;
    bool isRead = false;
    for (ir::ExprId arg : family.args) {
      if (!members.valid() || !arg.valid()) continue;
      ir::walk(module_, arg, [&](const ir::Expr& expr) {
        isRead |= expr.op == ir::Op::LoopVar && expr.index == loop.index();
      });
    }
    if (isRead) addWait(plan.waits, {members, loop});
  }
}

/// Whether what a reference names is the set that a task makes.
static bool isOfSet(const ir::Module& module, const ir::Ref& ref) {
  const ir::Family& producer = module[ref.families.front()];
  if (!producer.task.valid() || ref.output >= module[producer.task].outputs.size()) return false;
  return module.types[module[producer.task].outputs[ref.output].type].kind == ir::Type::Set;
}

bool readsFiles(const ir::Module& module, const ir::Ref& ref) {
  if (ref.valueless) return false;
  const ir::Family& producer = module[ref.families.front()];
  if (!producer.task.valid()) return true;
  const std::vector<ir::Output>& outputs = module[producer.task].outputs;
  return ref.output >= outputs.size() || !outputs[ref.output].small;
}

void Plan::noteOrder(uint32_t reader, const ir::Ref& ref) {
  const std::vector<ir::LoopId>& own = module_.families[reader].loops;
  for (ir::FamilyId producer : ref.families) {
    const std::vector<ir::LoopId>& other = module_[producer].loops;
    for (size_t n = 0; n < own.size() && n < other.size() && own[n] == other[n]; ++n) {
      bool isSame = n >= ref.indices.size() || ref.indices[n].kind == ir::IndexPattern::Same;
      loops_[own[n].index()].isOrdered |= !isSame;
    }
  }
}

void Plan::planReaders(uint32_t index) {
  auto reads = [&](const ir::Ref& ref, ir::RefId id) {
    for (ir::FamilyId producer : ref.families) {
      readers_[producer.index()].push_back({ir::FamilyId{index}, id});
      if (module_[producer].temp && readsFiles(module_, ref))
        families_[index].temps.push_back({producer, id});
    }
  };
  for (const Wait& wait : families_[index].waits) {
    noteOrder(index, module_[wait.ref]);
    if (!module_[wait.ref].valueless) reads(module_[wait.ref], wait.ref);
  }
  for (ir::LoopId loop : module_.families[index].loops) {
    std::vector<ir::SpaceId> todo{module_[loop].space};
    while (!todo.empty()) {
      const ir::Space& space = module_[todo.back()];
      todo.pop_back();
      if (space.base.valid()) todo.push_back(space.base);
      todo.insert(todo.end(), space.factors.begin(), space.factors.end());
      if (space.ref.valid()) noteOrder(index, module_[space.ref]);
      // Of a family a loop takes the keys only; of a set, its members.
      if (space.ref.valid() && isOfSet(module_, module_[space.ref]))
        reads(module_[space.ref], ir::RefId{});
    }
  }
}

void Plan::planTables() {
  for (uint32_t n = 0; n < module_.limits.size(); ++n) {
    const ir::Limit& limit = module_.limits[n];
    if (limit.loop.valid()) {
      loops_[limit.loop.index()].limits.push_back(n);
      for (auto [family, depth] : loops_[limit.loop.index()].below)
        families_[family.index()].limits.push_back(n);
    }
    for (ir::FamilyId family : limit.families) families_[family.index()].limits.push_back(n);
  }
  for (uint32_t n = 0; n < module_.stops.size(); ++n) {
    for (ir::FamilyId family : module_.stops[n].families)
      families_[family.index()].stops.push_back(n);
  }
  for (uint32_t n = 0; n < module_.publishes.size(); ++n) {
    for (ir::FamilyId family : module_[module_.publishes[n].ref].families)
      families_[family.index()].publishes.push_back(n);
  }
  for (uint32_t n = 0; n < module_.families.size(); ++n) {
    if (module_.families[n].role != ir::Family::Hook) continue;
    for (ir::FamilyId family : module_.families[n].hook.of)
      families_[family.index()].hooks.push_back(ir::FamilyId{n});
  }
}

std::optional<uint32_t> Plan::familyNamed(llvm::StringRef name) const {
  auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

std::string place(const ir::Module& module, ir::Loc loc) {
  if (loc.file == 0 || loc.file > module.files.size()) return {};
  return fmt::format("{}:{}", module.files[loc.file - 1], loc.line);
}

std::vector<std::string> Plan::unsupported() const {
  std::vector<std::string> found;
  auto refuse = [&](ir::Loc loc, std::string what) {
    found.push_back(fmt::format("{}: {}", place(module_, loc), what));
  };
  for (uint32_t n = 0; n < module_.families.size(); ++n) {
    const ir::Family& family = module_.families[n];
    if (!family.store.empty())
      refuse(family.loc, fmt::format("`{}` keeps its output in {}: outputs lie on disks here",
                                     family.name, family.store));
    if (families_[n].waits.size() > 64)
      refuse(family.loc, fmt::format("`{}` has more than 64 references", family.name));
  }
  for (const ir::Loop& loop : module_.loops) {
    if (loop.parent.valid() && loops_[&loop - module_.loops.data()].isOpen)
      refuse(loop.loc,
             fmt::format("the cycle `{}` without an end stands in another loop", loop.variable));
  }
  for (const ir::Budget& budget : module_.budgets) {
    if (budget.amount.kind != ir::Value::Bytes && budget.amount.kind != ir::Value::Int &&
        budget.amount.kind != ir::Value::Duration)
      refuse(budget.loc,
             fmt::format("a budget of `{}` in this unit is not carried", budget.resource));
  }
  return found;
}

}  // namespace wfc::run
