// Names of instances, both ways: an id from a place in the trees of loops, and a place from an id.
// Keys of static loops are computed; those of sets were stored when the set was read. The way back
// is indexed by loop, on first use.
#include <fmt/format.h>
#include <llvm/ADT/Hashing.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/xxhash.h>

#include "compiler/base/suggest.h"
#include "compiler/ir/space.h"

#include "runtime/engine/impl.h"

namespace wfc::run {

std::optional<uint32_t> Engine::Impl::iterationOf(Where where, ir::LoopId loop) const {
  ir::LoopId at = where.loop;
  uint32_t iteration = where.iteration;
  while (at.valid() && at != loop) {
    iteration = state.loops[at.index()].iterations[iteration].parent;
    at = m[at].parent;
  }
  if (!at.valid()) return std::nullopt;
  return iteration;
}

ir::Value Engine::Impl::elementOf(ir::LoopId loop, uint32_t iteration) const {
  const LoopState& l = state.loops[loop.index()];
  if (plan.loop(loop.index()).isStatic)
    return ir::elementAt(m, m[loop].space, l.iterations[iteration].position);
  // Members' paths are only known for certain once they have ended, so they are asked for now.
  auto members = l.members.find(iteration);
  auto found = l.elements.find(iteration);
  if (members == l.members.end())
    return found == l.elements.end() ? ir::Value::none() : found->second;
  const ir::Ref& ref = m[plan.loop(loop.index()).members];
  std::vector<ir::Value> values;
  for (InstanceId id : members->second) {
    const Instance& instance = state.at(id);
    bool isLeftOut = ref.demand != ir::Demand::All && instance.phase == Phase::Ended &&
                     instance.outcome != ir::Outcome::Ok;
    if (!isLeftOut) values.push_back(outputValue(id, ref.output).value_or(ir::Value::none()));
  }
  if (found->second.kind != ir::Value::List && values.size() == 1) return values.front();
  return ir::Value::composite(ir::Value::List, std::move(values));
}

std::string Engine::Impl::keyOf(ir::LoopId loop, uint32_t iteration) const {
  if (plan.loop(loop.index()).isStatic) return ir::keyText(m, elementOf(loop, iteration));
  auto found = state.loops[loop.index()].keys.find(iteration);
  return found == state.loops[loop.index()].keys.end() ? "" : found->second;
}

std::vector<std::string> Engine::Impl::keysOf(InstanceId id) const {
  const std::vector<ir::LoopId>& loops = m.families[id.family].loops;
  std::vector<std::string> keys(loops.size());
  uint32_t iteration = id.iteration;
  for (size_t d = loops.size(); d-- > 0;) {
    keys[d] = keyOf(loops[d], iteration);
    iteration = state.loops[loops[d].index()].iterations[iteration].parent;
  }
  return keys;
}

std::string Engine::Impl::idOf(InstanceId id) const {
  return ir::instanceId(m.families[id.family], keysOf(id));
}

void Engine::Impl::indexKeys(ir::LoopId loop) const {
  const LoopState& l = state.loops[loop.index()];
  for (; l.indexed < l.iterations.size(); ++l.indexed) {
    uint64_t hash = llvm::hash_combine(l.iterations[l.indexed].parent,
                                       llvm::xxh3_64bits(keyOf(loop, l.indexed)));
    l.byKey.try_emplace(hash & ~(uint64_t(1) << 63), l.indexed);
  }
}

std::optional<uint32_t> Engine::Impl::iterationNamed(ir::LoopId loop, uint32_t parent,
                                                     llvm::StringRef key) const {
  const LoopState& l = state.loops[loop.index()];
  // A million integers need no index: their places are computed.
  int64_t number = 0;
  if (m[m[loop].space].kind == ir::Space::Range && parent < l.broods.size() &&
      !key.getAsInteger(10, number) && key == std::to_string(number)) {
    std::optional<uint64_t> position = ir::findIn(m, m[loop].space, ir::Value::integer(number));
    if (!position || *position >= l.broods[parent].count) return std::nullopt;
    return l.broods[parent].first + static_cast<uint32_t>(*position);
  }
  indexKeys(loop);
  uint64_t hash = llvm::hash_combine(parent, llvm::xxh3_64bits(key));
  auto found = l.byKey.find(hash & ~(uint64_t(1) << 63));
  if (found == l.byKey.end()) return std::nullopt;
  return found->second;
}

std::optional<InstanceId> Engine::Impl::find(llvm::StringRef id) const {
  auto [name, rest] = id.split('[');
  std::optional<uint32_t> family = plan.familyNamed(name);
  if (!family) return std::nullopt;
  const std::vector<ir::LoopId>& loops = m.families[*family].loops;
  InstanceId found{*family, 0};
  if (loops.empty()) return rest.empty() ? std::optional(found) : std::nullopt;
  if (!rest.consume_back("]")) return std::nullopt;
  // A key of several fields holds commas of its own: take as many pieces for each loop as fit.
  llvm::SmallVector<llvm::StringRef> pieces;
  rest.split(pieces, ',');
  size_t at = 0;
  for (size_t d = 0; d < loops.size(); ++d) {
    bool isLast = d + 1 == loops.size();
    std::optional<uint32_t> next;
    size_t most = pieces.size() - at;
    for (size_t take = isLast ? most : 1; at < pieces.size() && take <= most && !next; ++take) {
      llvm::StringRef key(pieces[at].begin(),
                          static_cast<size_t>(pieces[at + take - 1].end() - pieces[at].begin()));
      next = iterationNamed(loops[d], found.iteration, key);
      if (next) at += take;
    }
    if (!next) return std::nullopt;
    found.iteration = *next;
  }
  if (at != pieces.size()) return std::nullopt;
  return found;
}

std::vector<uint32_t> Engine::Impl::orderOf(Where where) const {
  std::vector<uint32_t> order;
  while (where.loop.valid()) {
    const Iteration iteration = state.loops[where.loop.index()].iterations[where.iteration];
    order.insert(order.begin(), iteration.position);
    where = {m[where.loop].parent, iteration.parent};
  }
  return order;
}

bool Engine::Impl::isBefore(InstanceId a, InstanceId b) const {
  int64_t high = m.families[a.family].priority, low = m.families[b.family].priority;
  if (high != low) return high > low;
  if (a.family == b.family && m.families[a.family].loops.size() <= 1)
    return a.iteration < b.iteration;
  std::vector<uint32_t> left = orderOf(whereOf(a)), right = orderOf(whereOf(b));
  if (left != right) return left < right;
  return a < b;
}

std::string Engine::nearest(llvm::StringRef id) const {
  std::vector<std::string> names;
  auto [name, rest] = id.split('[');
  std::optional<uint32_t> family = plan().familyNamed(name);
  if (!family) {
    for (const ir::Family& f : plan().module().families) names.push_back(f.name);
    std::optional<std::string_view> near =
        base::suggest(std::string_view(name.data(), name.size()), names);
    if (!near) return {};
    family = plan().familyNamed(llvm::StringRef(*near));
  }
  const FamilyState& s = state().families[*family];
  names.clear();
  for (uint32_t n = 0; n < s.instances.size() && names.size() < 10000; ++n)
    names.push_back(idOf({*family, n}));
  std::optional<std::string_view> near =
      base::suggest(std::string_view(id.data(), id.size()), names);
  if (near) return std::string(*near);
  return names.empty() ? plan().module().families[*family].name : names.front();
}

}  // namespace wfc::run
