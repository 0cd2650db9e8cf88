// Which of the ready start. Each family has a queue in the order of semantics §12 "Limits"; what a
// limit or budget holds back is parked with it, so that a full limit costs nothing until it has
// room again.
#include <algorithm>

#include "runtime/engine/impl.h"

namespace wfc::run {

bool Engine::Impl::isInOrder(uint32_t family) const {
  const std::vector<ir::LoopId>& loops = m.families[family].loops;
  return loops.size() <= 1 || std::all_of(loops.begin(), loops.end(), [&](ir::LoopId loop) {
           const LoopPlan& l = plan.loop(loop.index());
           return l.isStatic && !l.isOpen;
         });
}

InstanceId Ready::first() const {
  if (!isInOrder_) return *queue_.begin();
  from_ = static_cast<uint32_t>(bits_.find_first_in(from_, bits_.size()));
  return {family_, from_};
}

void Ready::insert(InstanceId id) {
  if (!isInOrder_) return void(queue_.insert(id));
  if (id.iteration >= bits_.size()) bits_.resize(id.iteration + 1 + id.iteration / 2);
  count_ += !bits_.test(id.iteration);
  bits_.set(id.iteration);
  from_ = std::min(from_, id.iteration);
}

void Ready::erase(InstanceId id) {
  if (!isInOrder_) return void(queue_.erase(id));
  if (id.iteration >= bits_.size() || !bits_.test(id.iteration)) return;
  bits_.reset(id.iteration);
  --count_;
}

void Ready::clear() {
  queue_.clear();
  bits_.clear();
  count_ = from_ = 0;
}

void Engine::Impl::enqueue(InstanceId id) {
  if (!isBegun) return;
  Ready& queue = queues[id.family];
  if (!queue.empty()) heads.erase(queue.first());
  queue.insert(id);
  heads.insert(queue.first());
}

void Engine::Impl::dequeue(InstanceId id) {
  if (!isBegun) return;
  Ready& queue = queues[id.family];
  if (!queue.empty()) {
    heads.erase(queue.first());
    queue.erase(id);
    if (!queue.empty()) heads.insert(queue.first());
  }
  heldBack.erase(id);
  for (uint32_t limit : plan.family(id.family).limits) parked[limit].erase(id);
  for (size_t n = m.limits.size(); n < parked.size(); ++n) parked[n].erase(id);
}

bool Engine::Impl::hasRoom(uint32_t holder, int64_t time) const {
  if (holder >= m.limits.size()) return true;
  const ir::Limit& limit = m.limits[holder];
  const LimitState& s = limits[holder];
  if (limit.perMs > 0)
    return static_cast<int64_t>(s.starts.size()) < s.count ||
           s.starts.front() + limit.perMs <= time;
  return !s.isDraining && static_cast<int64_t>(s.open) < s.count;
}

int64_t Engine::Impl::budgetNeed(InstanceId id, uint32_t index) const {
  const ir::Budget& budget = m.budgets[index];
  const ir::Family& family = m.families[id.family];
  if (!family.task.valid()) return 0;
  const ir::Task& task = m[family.task];
  int64_t need = 0;
  if (budget.resource == "disk") {
    for (const ir::Output& output : task.outputs) {
      if (!output.size.valid()) continue;
      ir::Result size = evaluate(output.size, whereOf(id), id);
      need += size ? size.value->i : 0;
    }
    return need;
  }
  for (const ir::Need& n : task.needs) {
    if (n.key != budget.resource && n.of != budget.resource) continue;
    ir::Result value = evaluate(n.value, whereOf(id), id);
    need += value ? value.value->i : 0;
  }
  return need;
}

bool Engine::Impl::isItsTurn(uint32_t limit, uint32_t iteration) const {
  ir::LoopId loop = m.limits[limit].loop;
  if (!plan.loop(loop.index()).isOrdered || m.limits[limit].perMs > 0) return true;
  const LoopState& l = state.loops[loop.index()];
  uint32_t parent = l.iterations[iteration].parent;
  uint32_t& next = limits[limit].next.try_emplace(parent, l.broods[parent].first).first->second;
  while (next < iteration &&
         (limits[limit].iterations.contains(next) || isIterationOver(loop, next)))
    ++next;
  return next >= iteration;
}

std::optional<uint32_t> Engine::Impl::heldBy(InstanceId id, int64_t time) const {
  for (uint32_t limit : plan.family(id.family).limits) {
    ir::LoopId loop = m.limits[limit].loop;
    if (!loop.valid()) {
      if (!hasRoom(limit, time)) return limit;
      continue;
    }
    uint32_t iteration = *iterationOf(whereOf(id), loop);
    if (limits[limit].iterations.contains(iteration)) continue;
    if (!hasRoom(limit, time) || !isItsTurn(limit, iteration)) return limit;
  }
  for (uint32_t n = 0; n < m.budgets.size(); ++n) {
    if (isOfHours(n)) {
      int64_t hours = hoursNeed(id, n);
      if (hours > 0 && budgetSpent[n] + budgetHeld[n] + hours > m.budgets[n].amount.i)
        return static_cast<uint32_t>(m.limits.size()) + n;
      continue;
    }
    int64_t need = budgetNeed(id, n);
    if (need > 0 && budgetHeld[n] > 0 && budgetHeld[n] + need > m.budgets[n].amount.i)
      return static_cast<uint32_t>(m.limits.size()) + n;
  }
  return std::nullopt;
}

void Engine::Impl::park(InstanceId id, uint32_t holder) {
  dequeue(id);
  parked[holder].insert(id);
  if (holder < m.limits.size() && m.limits[holder].loop.valid())
    parkedBy[{holder, *iterationOf(whereOf(id), m.limits[holder].loop)}].push_back(id);
}

void Engine::Impl::block(uint32_t family, llvm::DenseSet<uint32_t>& blocked) {
  blocked.insert(family);
  if (!queues[family].empty()) heads.erase(queues[family].first());
}

void Engine::Impl::unpark(uint32_t limit, uint32_t iteration) {
  auto found = parkedBy.find({limit, iteration});
  if (found == parkedBy.end()) return;
  for (InstanceId id : found->second) {
    if (parked[limit].erase(id) > 0) enqueue(id);
  }
  parkedBy.erase(found);
}

std::optional<InstanceId> Engine::Impl::bestParked(int64_t time,
                                                   const llvm::DenseSet<uint32_t>& blocked) const {
  std::optional<InstanceId> best;
  for (uint32_t holder = 0; holder < parked.size(); ++holder) {
    if (parked[holder].empty() || !hasRoom(holder, time)) continue;
    for (InstanceId id : parked[holder]) {
      if (blocked.contains(id.family)) continue;
      // A budget has room for some and not for others, and so has a loop in order.
      bool isOrdered = holder < m.limits.size() && m.limits[holder].loop.valid() &&
                       plan.loop(m.limits[holder].loop.index()).isOrdered;
      if ((holder >= m.limits.size() || isOrdered) && heldBy(id, time)) continue;
      if (!best || isBefore(id, *best)) best = id;
      break;
    }
  }
  return best;
}

std::vector<Launch> Engine::Impl::choose(int64_t time,
                                         const std::function<Fit(const Launch&)>& take) {
  std::vector<Launch> launches;
  std::vector<InstanceId> elsewhere;
  llvm::DenseSet<uint32_t> blocked;
  for (LimitState& limit : limits) limit.isWanted = false;
  // What must end first for a wish of a person would only be started to be ended.
  while (!state.isStopped && asked.empty()) {
    std::optional<InstanceId> best = bestParked(time, blocked);
    if (!heads.empty() && (!best || isBefore(*heads.begin(), *best))) best = *heads.begin();
    if (!best) break;
    InstanceId id = *best;
    if (isHeld(id)) {
      dequeue(id);
      heldBack.insert(id);
      continue;
    }
    if (std::optional<uint32_t> holder = heldBy(id, time)) {
      // One that holds the whole family back holds none of them by itself.
      bool isOfAll = *holder < m.limits.size() && !m.limits[*holder].loop.valid();
      if (isOfAll) {
        limits[*holder].isWanted = true;
        block(id.family, blocked);
      } else {
        park(id, *holder);
      }
      continue;
    }
    Launch launch{id, numberOf(id) + 1, {}};
    launch.needs = needsOf(id, launch.attempt);
    launch.node = nodeFor(id);
    Fit fit = take(launch);
    if (fit == Fit::Full) break;
    if (fit == Fit::NodeFull) {
      dequeue(id);
      elsewhere.push_back(id);
      continue;
    }
    if (fit == Fit::TooLarge) {
      // The family waits for room as a whole: who comes later is not served before.
      block(id.family, blocked);
      continue;
    }
    dequeue(id);
    state.at(id).phase = Phase::Running;
    noteStarted(id, time);
    launches.push_back(std::move(launch));
  }
  for (uint32_t family : blocked)
    if (!queues[family].empty()) heads.insert(queues[family].first());
  for (InstanceId id : elsewhere) enqueue(id);
  return launches;
}

}  // namespace wfc::run
