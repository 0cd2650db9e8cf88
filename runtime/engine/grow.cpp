// How loops get their iterations and families their instances: at the beginning from what is
// static, later from sets as they are read, and for open cycles as time goes by.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/space.h"

#include "runtime/engine/impl.h"
#include "runtime/engine/members.h"

namespace wfc::run {

void Engine::Impl::begin() {
  state.loops.resize(m.loops.size());
  state.families.resize(m.families.size());
  limits.resize(m.limits.size());
  for (uint32_t n = 0; n < limits.size(); ++n) limits[n].count = m.limits[n].count;
  budgetHeld.resize(m.budgets.size());
  budgetSpent.resize(m.budgets.size());
  stopCounts.resize(m.stops.size());
  for (uint32_t n = 0; n < m.families.size(); ++n)
    queues.emplace_back(n, isInOrder(n), Order{this});
  parked.resize(m.limits.size() + m.budgets.size(), Queue(Order{this}));
  for (uint32_t n = 0; n < m.families.size(); ++n) {
    size_t depth = m.families[n].loops.size();
    state.families[n].tallies.resize(depth);
    if (depth > 0) state.families[n].tallies[0].resize(1);
  }
  for (ir::FamilyId family : plan.outside()) addInstances(family.index(), 0, 1);
  for (ir::LoopId loop : plan.outermost()) {
    state.loops[loop.index()].broods.resize(1);
    const LoopPlan& l = plan.loop(loop.index());
    if (l.isStatic && !l.isOpen) {
      openBrood(loop, 0, static_cast<uint32_t>(ir::sizeOf(m, m[loop].space)));
    } else if (isExcluded(loop, {})) {
      state.loops[loop.index()].broods[0].state = Brood::Known;
    } else {
      ++unreadBroods;
      addUnread(loop, 0, 1);
      if (l.isOpen) state.loops[loop.index()].broods[0].state = Brood::Open;
      mark({Reader::OfBrood, loop.index(), 0});
    }
  }
}

void Engine::Impl::addUnread(ir::LoopId loop, uint32_t parent, int delta) {
  for (auto [family, depth] : plan.loop(loop.index()).below) {
    uint32_t at = parent;
    for (unsigned d = depth + 1; d-- > 0;) {
      Tally& tally = state.families[family.index()].tallies[d][at];
      tally.unread += static_cast<uint32_t>(delta);
      if (delta < 0 && (tally.unread == 0 || tally.isEager)) wake(tally.watch);
      if (d > 0) at = state.loops[m[family].loops[d - 1].index()].iterations[at].parent;
    }
  }
}

void Engine::Impl::openBrood(ir::LoopId loop, uint32_t parent, uint32_t count) {
  LoopState& l = state.loops[loop.index()];
  const LoopPlan& lp = plan.loop(loop.index());
  uint32_t first = l.iterations.size();
  Brood& brood = l.broods[parent];
  // An open cycle goes on where it stood: it is alone in its loop, so its iterations stay together.
  bool isMore = brood.state == Brood::Open;
  uint32_t had = isMore ? brood.count : 0;
  if (!isMore) brood.first = first;
  brood.count = had + count;
  if (!isMore) brood.state = Brood::Known;
  l.iterations.add(parent, had, count);
  for (auto [family, depth] : lp.below) {
    if (depth + 1 < m[family].loops.size())
      state.families[family.index()].tallies[depth + 1].resize(first + count);
  }
  for (ir::LoopId child : lp.children) state.loops[child.index()].broods.resize(first + count);
  for (ir::FamilyId family : lp.families) addInstances(family.index(), first, count);
  isPartKnown = false;
  for (ir::LoopId child : lp.children) {
    const LoopPlan& c = plan.loop(child.index());
    uint32_t size = c.isStatic ? static_cast<uint32_t>(ir::sizeOf(m, m[child].space)) : 0;
    for (uint32_t n = first; n < first + count; ++n) {
      if (c.isStatic) {
        openBrood(child, n, size);
        continue;
      }
      if (isExcluded(child, {loop, n})) {
        state.loops[child.index()].broods[n].state = Brood::Known;
        continue;
      }
      ++unreadBroods;
      addUnread(child, n, 1);
      mark({Reader::OfBrood, child.index(), n});
    }
  }
  for (uint32_t p = 0; isBegun && p < m.publishes.size(); ++p) {
    if (m.publishes[p].loops.empty() || m.publishes[p].loops.back() != loop) continue;
    for (uint32_t n = first; n < first + count; ++n) mark({Reader::OfPublish, p, n});
  }
}

bool Engine::Impl::isExcluded(ir::LoopId loop, Where where) const {
  const LoopPlan& l = plan.loop(loop.index());
  for (auto [family, depth] : l.below) {
    bool isAdmitted = true;
    for (const ir::Guard& guard : m[family].guards) {
      // A condition over what the loop itself runs over has no value here, and excludes nothing.
      ir::Result result = guard.isStatic ? evaluate(guard.condition, where) : ir::Result{};
      if (result && result.value->truth() != guard.wanted) isAdmitted = false;
    }
    if (isAdmitted) return false;
  }
  return !l.below.empty();
}

void Engine::Impl::addInstances(uint32_t family, uint32_t first, uint32_t count) {
  const ir::Family& f = m.families[family];
  FamilyState& s = state.families[family];
  s.instances.resize(first + count);
  if (f.role == ir::Family::Hook) return;
  const FamilyPlan& fp = plan.family(family);
  for (uint32_t n = first; n < first + count; ++n) {
    bool isAdmitted = true;
    for (const ir::Guard& guard : f.guards) {
      if (!guard.isStatic) continue;
      ir::Result result = evaluate(guard.condition, {fp.inner, n});
      isAdmitted &= result && result.value->truth() == guard.wanted;
    }
    if (!isAdmitted) continue;
    s.instances[n].phase = Phase::Waiting;
    if (!left.empty()) rejoin(family, n);
    ++liveInstances;
    uint32_t at = n;
    for (size_t d = f.loops.size(); d-- > 0;) {
      at = state.loops[f.loops[d].index()].iterations[at].parent;
      ++s.tallies[d][at].total;
    }
    if (isBegun) mark({Reader::OfInstance, family, n});
  }
}

void Engine::Impl::extendOpen(int64_t time) {
  for (ir::LoopId loop : plan.outermost()) {
    if (!plan.loop(loop.index()).isOpen) continue;
    const Brood& brood = state.loops[loop.index()].broods[0];
    uint32_t more = 0;
    while (true) {
      ir::Value next = ir::elementAt(m, m[loop].space, brood.count + more);
      if (next.i * 1000 > time) break;
      ++more;
    }
    if (more > 0) openBrood(loop, 0, more);
  }
}

void Engine::Impl::fillBrood(ir::LoopId loop, uint32_t parent, std::vector<Item> items) {
  LoopState& l = state.loops[loop.index()];
  uint32_t at = l.iterations.size();
  for (Item& item : items) {
    l.elements[at] = std::move(item.value);
    l.keys[at] = std::move(item.key);
    if (!item.members.empty()) l.members[at] = std::move(item.members);
    ++at;
  }
  openBrood(loop, parent, static_cast<uint32_t>(items.size()));
  --unreadBroods;
  wake(l.broods[parent].watch);
  addUnread(loop, parent, -1);
  noteRead(loop, parent);
}

void Engine::Impl::breakBrood(ir::LoopId loop, uint32_t parent, ir::Outcome outcome) {
  LoopState& l = state.loops[loop.index()];
  l.broods[parent].state = Brood::Broken;
  l.broods[parent].broken = outcome;
  --unreadBroods;
  for (auto [family, depth] : plan.loop(loop.index()).below) {
    uint32_t at = parent;
    for (unsigned d = depth + 1; d-- > 0;) {
      Tally& tally = state.families[family.index()].tallies[d][at];
      ++(isBad(outcome) ? tally.brokenBad : tally.brokenSkip);
      if (d > 0) at = state.loops[m[family].loops[d - 1].index()].iterations[at].parent;
    }
  }
  wake(l.broods[parent].watch);
  addUnread(loop, parent, -1);
  noteRead(loop, parent);
}

void Engine::Impl::examineBrood(ir::LoopId loop, uint32_t parent) {
  if (state.loops[loop.index()].broods[parent].state != Brood::Unread) return;
  Spot spot;
  Verdict broken = Verdict::Met;
  std::optional<std::vector<Item>> items =
      itemsOf(m[loop].space, {m[loop].parent, parent}, loop, spot, broken);
  if (items) {
    fillBrood(loop, parent, std::move(*items));
  } else if (broken == Verdict::Cancel || broken == Verdict::Skip) {
    breakBrood(loop, parent,
               broken == Verdict::Cancel ? ir::Outcome::Failed : ir::Outcome::Skipped);
  } else {
    watch({Reader::OfBrood, loop.index(), parent}, spot);
  }
}

void Engine::Impl::examineBroods() {
  while (!dirtyBroods.empty()) {
    auto [loop, parent] = dirtyBroods.front();
    dirtyBroods.pop_front();
    examineBrood(ir::LoopId{loop}, parent);
  }
}

bool Engine::Impl::isOfSets(const ir::Ref& ref) const {
  const ir::Family& producer = m[ref.families.front()];
  if (!producer.task.valid() || ref.output >= m[producer.task].outputs.size()) return false;
  return m.types[m[producer.task].outputs[ref.output].type].kind == ir::Type::Set;
}

ir::Value Engine::Impl::memberValue(ir::TypeId type, const std::string& pattern,
                                    llvm::StringRef folder, llvm::StringRef member) const {
  ir::Value value = ir::Value::text(folder.empty() ? member.str() : (folder + "/" + member).str(),
                                    ir::Value::File);
  value.type = type;
  const ir::Type& t = m.types[type];
  if (t.kind != ir::Type::Artifact || pattern.empty()) return value;
  std::vector<ir::Value> keys;
  std::optional<std::vector<std::string>> holes = matchPattern(pattern, member);
  const std::vector<ir::Field>& fields = m[t.artifact].keys;
  std::vector<std::string> names = patternNames(pattern);
  for (const ir::Field& field : fields) {
    auto found = std::find(names.begin(), names.end(), field.name);
    std::string text =
        holes && found != names.end() ? (*holes)[static_cast<size_t>(found - names.begin())] : "";
    keys.push_back(keyValue(m.types[field.type].kind, text));
  }
  if (!keys.empty()) value.items = std::make_shared<const std::vector<ir::Value>>(std::move(keys));
  return value;
}

std::optional<std::vector<Item>> Engine::Impl::itemsOfRef(ir::SpaceId id, Where where, Spot& spot,
                                                          Verdict& broken) {
  const ir::Space& space = m[id];
  const ir::Ref& ref = m[space.ref];
  Terms terms = termsOf(ref, where);
  if (terms.unread.kind != Spot::None) {
    spot = terms.unread;
    return std::nullopt;
  }
  const ir::Family& producer = m[ref.families.front()];
  const ir::Output* output = producer.task.valid() && ref.output < m[producer.task].outputs.size()
                                 ? &m[producer.task].outputs[ref.output]
                                 : nullptr;
  std::vector<Item> items;
  if (!isOfSets(ref)) {
    // Keys only: it waits for nothing but the names.
    std::vector<InstanceId> leaves;
    for (const Term& term : terms.list) leavesOf(term, leaves);
    // A name bound in both branches is one family, in key order.
    if (ref.families.size() > 1)
      std::stable_sort(leaves.begin(), leaves.end(), [&](InstanceId a, InstanceId b) {
        return orderOf(whereOf(a)) < orderOf(whereOf(b));
      });
    for (InstanceId leaf : leaves) {
      std::optional<ir::Value> value = outputValue(leaf, ref.output);
      items.push_back({value.value_or(ir::Value::none()), llvm::join(keysOf(leaf), ","), {leaf}});
    }
    return items;
  }
  // A single producer without data gives the empty set; any other end of it none at all.
  if (ref.single && terms.list.size() == 1) {
    const Instance& instance = state.at({terms.list[0].family, terms.list[0].iteration});
    if (instance.phase == Phase::Ended && instance.outcome == ir::Outcome::NoData) return items;
  }
  Verdict verdict = judge(ref, terms, where, spot);
  if (verdict != Verdict::Met) {
    broken = verdict;
    return std::nullopt;
  }
  ir::TypeId element = m.types[output->type].element;
  for (InstanceId leaf : okOf(ref, terms, -1)) {
    auto found = sets.find({leaf, ref.output});
    if (found == sets.end()) continue;
    for (const std::string& member : found->second) {
      ir::Value value =
          memberValue(element, output->pattern, wholePath(pathOf(leaf, ref.output)), member);
      std::string key = memberKey(m, value, member);
      items.push_back({std::move(value), std::move(key), {}});
    }
  }
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    bool areKeyed = a.value.items && b.value.items;
    return areKeyed ? *a.value.items < *b.value.items : a.key < b.key;
  });
  return items;
}

std::optional<std::vector<Item>> Engine::Impl::itemsOf(ir::SpaceId id, Where where, ir::LoopId loop,
                                                       Spot& spot, Verdict& broken) {
  const ir::Space& space = m[id];
  switch (space.kind) {
    case ir::Space::Files: {
      auto found = files.find(id.index());
      if (found == files.end()) return std::nullopt;
      std::vector<Item> items;
      for (const std::string& path : found->second) {
        ir::Value value =
            memberValue(space.element, "", "", path.starts_with("/") ? path : projectFolder + path);
        std::string key = memberKey(m, value, path);
        items.push_back({std::move(value), std::move(key), {}});
      }
      return items;
    }
    case ir::Space::SetOf:
    case ir::Space::Members:
      return itemsOfRef(id, where, spot, broken);
    case ir::Space::EveryNth:
    case ir::Space::Reverse:
    case ir::Space::Slice:
    case ir::Space::Batches:
    case ir::Space::Groups: {
      std::optional<std::vector<Item>> base = itemsOf(space.base, where, loop, spot, broken);
      if (!base) return std::nullopt;
      return arranged(space, loop, where, std::move(*base));
    }
    default:
      break;
  }
  std::vector<Item> items;
  if (space.kind == ir::Space::Product && !ir::isStatic(m, id)) {
    items.push_back({ir::Value::composite(ir::Value::Record, {}, space.element), "", {}});
    for (ir::SpaceId factor : space.factors) {
      std::optional<std::vector<Item>> more = itemsOf(factor, where, loop, spot, broken);
      if (!more) return std::nullopt;
      items = crossed(std::move(items), *more, space.element);
    }
    return items;
  }
  uint64_t size = ir::sizeOf(m, id);
  for (uint64_t n = 0; n < size; ++n) {
    ir::Value value = ir::elementAt(m, id, n);
    std::string key = ir::keyText(m, value);
    items.push_back({std::move(value), std::move(key), {}});
  }
  return items;
}

}  // namespace wfc::run
