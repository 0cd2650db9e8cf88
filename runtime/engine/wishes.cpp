// What persons ask of a run without taking anything back: holding parts of it, running a part only,
// other counts for limits.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/engine/impl.h"

namespace wfc::run {

std::string Engine::Impl::applyWish(const Record& record) {
  if (!seen.insert(record.job).second) return {};
  needsRecheck = isBegun;
  if (record.kind == Record::Change) {
    for (uint32_t n = 0; n < m.limits.size(); ++n) {
      if (m.limits[n].name != record.text) continue;
      limits[n].count = record.number;
      limits[n].isDraining = false;
    }
    return {};
  }
  if (record.kind == Record::Part) {
    part = record.text.str();
    partSelectors.clear();
    isPartKnown = false;
    for (llvm::StringRef member : record.members) {
      Selector selector;
      if (Selector::parse(member, selector).empty()) partSelectors.push_back(std::move(selector));
    }
    return {};
  }
  Selector selector;
  if (!Selector::parse(record.text, selector).empty()) return {};
  // A release of everything leaves nothing to remember.
  if (record.number == 0 && record.text == "*") holds.clear();
  if (record.number != 0 || !holds.empty()) holds.push_back({selector, record.number != 0});
  return {};
}

bool Engine::Impl::isNamed(const Selector& selector, InstanceId id) const {
  return selector.matchesFamily(m, m.families[id.family]) &&
         (selector.indices.empty() || selector.matchesKeys(keysOf(id)));
}

bool Engine::Impl::isHeld(InstanceId id) {
  bool isHeld = false;
  for (const auto& [selector, isHold] : holds) {
    if (isHold != isHeld && isNamed(selector, id)) isHeld = isHold;
  }
  return isHeld || heldByPart(id);
}

bool Engine::Impl::heldByPart(InstanceId id) {
  if (part.empty()) return false;
  if (part == "until") {
    if (!isPartKnown) findPart();
    return !partWanted[id.family][id.iteration];
  }
  bool isAny = std::any_of(partSelectors.begin(), partSelectors.end(),
                           [&](const Selector& selector) { return isNamed(selector, id); });
  return isAny == (part == "skip");
}

void Engine::Impl::addProducers(InstanceId id, std::vector<InstanceId>& todo) const {
  const FamilyPlan& fp = plan.family(id.family);
  const Where where = whereOf(id);
  for (const Wait& wait : fp.waits) {
    for (const Term& term : termsOfWait(wait, where).list) leavesOf(term, todo);
  }
  if (!fp.repeat.valid()) return;
  uint32_t iteration = *iterationOf(where, fp.repeat);
  if (state.loops[fp.repeat.index()].iterations[iteration].position == 0) return;
  for (auto [family, depth] : plan.loop(fp.repeat.index()).below)
    leavesOf({family.index(), depth + 1, iteration - 1}, todo);
}

/// Members that are not known yet: whoever makes the set they come from is upstream.
void Engine::Impl::addSets(uint32_t family, std::vector<InstanceId>& todo) const {
  for (ir::LoopId loop : m.families[family].loops) {
    std::vector<ir::RefId> refs;
    if (!plan.loop(loop.index()).isStatic) setRefs(m[loop].space, refs);
    for (ir::RefId ref : refs) {
      for (uint32_t n = 0; n < state.loops[loop.index()].broods.size(); ++n) {
        Where where{m[loop].parent, n};
        if (where.loop.valid() && hasLeft(where)) continue;
        for (const Term& term : termsOf(m[ref], where).list) leavesOf(term, todo);
      }
    }
  }
}

void Engine::Impl::findPart() {
  isPartKnown = true;
  partWanted.clear();
  for (const FamilyState& family : state.families) partWanted.emplace_back(family.instances.size());
  std::vector<InstanceId> todo;
  for (uint32_t f = 0; f < m.families.size(); ++f) {
    for (uint32_t n = 0; n < state.families[f].instances.size(); ++n) {
      if (state.at({f, n}).phase == Phase::Absent) continue;
      for (const Selector& selector : partSelectors)
        if (isNamed(selector, {f, n})) todo.push_back({f, n});
    }
  }
  std::vector<bool> areSetsAdded(m.families.size());
  for (uint32_t f = 0; f < m.families.size(); ++f) {
    for (const Selector& selector : partSelectors) {
      if (areSetsAdded[f] || !selector.matchesFamily(m, m.families[f])) continue;
      areSetsAdded[f] = true;
      addSets(f, todo);
    }
  }
  while (!todo.empty()) {
    InstanceId id = todo.back();
    todo.pop_back();
    if (partWanted[id.family][id.iteration]) continue;
    partWanted[id.family][id.iteration] = true;
    addProducers(id, todo);
    if (!areSetsAdded[id.family]) {
      areSetsAdded[id.family] = true;
      addSets(id.family, todo);
    }
  }
}

bool Engine::mayStart(InstanceId id) const { return impl_->asked.empty() && !impl_->isHeld(id); }
bool Engine::hasHolds() const { return !impl_->holds.empty() || isPart(); }
size_t Engine::heldBack() const { return impl_->heldBack.size(); }
bool Engine::isPart() const { return !impl_->part.empty(); }
int64_t Engine::limitCount(uint32_t limit) const { return impl_->limits[limit].count; }

}  // namespace wfc::run
