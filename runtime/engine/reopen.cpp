// Going back: what Record::Reopen undoes. Nothing moves in the tables, because jobs in a queue name
// places in them: a member of a set that is to be read again leaves its place empty and comes back
// at a new one. What follows for the others is not worked out piece by piece; everything that has
// not ended is looked at again.
#include <algorithm>

#include <llvm/ADT/Hashing.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/xxhash.h>

#include "runtime/engine/impl.h"

namespace wfc::run {

namespace {

/// What readers can tell apart.
int sortOf(ir::Outcome outcome) { return outcome == ir::Outcome::Ok ? 0 : isBad(outcome) ? 2 : 1; }

}  // namespace

void Engine::Impl::setRefs(ir::SpaceId id, std::vector<ir::RefId>& refs) const {
  const ir::Space& space = m[id];
  if (space.base.valid()) setRefs(space.base, refs);
  for (ir::SpaceId factor : space.factors) setRefs(factor, refs);
  if (space.ref.valid() && isOfSets(m[space.ref])) refs.push_back(space.ref);
}

void Engine::Impl::applyReopen(InstanceId id, const Record& record) {
  asked.erase(id);
  if (record.text == "kept") return;
  if (state.at(id).phase == Phase::Absent) return;
  expand(id);
  uint32_t last = headOf(id);
  if (record.text != "adopt") kept.erase(last);
  bool mayStand = record.text == "adopt" && !record.job.empty() && lastOf(id).has_value();
  if (mayStand) kept[last] = record.job.str();
  Settled settled{state.at(id).outcome, {}};
  bool hadEnded = state.at(id).phase == Phase::Ended;
  undo(id);
  closeBroods(id);
  resetHooks(id);
  state.isClosed = false;
  needsRecheck = hasReopened = true;
  reopenedAt[id] = record.time;
  settledOn.erase(id);
  for (auto& [other, entry] : settledOn) std::erase(entry.readers, id);
  for (llvm::StringRef reader : record.members) {
    if (std::optional<InstanceId> found = find(reader)) settled.readers.push_back(*found);
  }
  if (hadEnded && !settled.readers.empty()) settledOn[id] = std::move(settled);
}

std::optional<Kept> Engine::keptOf(InstanceId id) const {
  const State& state = impl_->state;
  if (state.at(id).isPlain) return std::nullopt;
  for (uint32_t at = impl_->headOf(id); at != kNone; at = state.attempts[at].previous) {
    const Attempt& attempt = state.attempts[at];
    auto found = impl_->kept.find(at);
    if (found != impl_->kept.end() && attempt.isPast) return Kept{attempt, found->second};
    // One that began may have removed what was there.
    bool isNothing = attempt.n == 0 || (attempt.hasEnded && attempt.started == 0);
    if (!isNothing && attempt.hasEnded) return std::nullopt;
  }
  return std::nullopt;
}

bool Engine::wouldStart(InstanceId id) const {
  Impl& e = *impl_;
  Spot spot;
  std::string why;
  // A look changes nothing of how it had ended.
  bool isUnchosen = e.state.at(id).isUnchosen;
  Verdict gate = e.judgeGates(id, spot, why);
  e.state.at(id).isUnchosen = isUnchosen;
  if (gate != Verdict::Met) return false;
  const FamilyPlan& fp = e.plan.family(id.family);
  for (size_t n = fp.guardWaits; n < fp.waits.size(); ++n) {
    const ir::Ref& ref = e.m[fp.waits[n].ref];
    if (!ref.valueless && e.judgeWait(fp.waits[n], e.whereOf(id), spot) != Verdict::Met)
      return false;
  }
  return true;
}

void Engine::Impl::noteChanged(InstanceId id, ir::Outcome outcome) {
  auto found = settledOn.find(id);
  if (found == settledOn.end()) return;
  Settled settled = std::move(found->second);
  settledOn.erase(found);
  if (sortOf(settled.outcome) == sortOf(outcome)) return;
  for (InstanceId reader : settled.readers) asked[reader] = true;
}

void Engine::Impl::uncountEnd(InstanceId id) {
  const ir::Family& f = m.families[id.family];
  const Instance& instance = state.at(id);
  uint32_t at = id.iteration;
  for (size_t d = f.loops.size(); d-- > 0;) {
    at = state.loops[f.loops[d].index()].iterations[at].parent;
    Tally& tally = state.families[id.family].tallies[d][at];
    --tally.ended;
    tally.ok -= instance.outcome == ir::Outcome::Ok;
    tally.bad -= isBad(instance.outcome);
    tally.unchosen -= instance.isUnchosen;
  }
  for (uint32_t stop : plan.family(id.family).stops) {
    ir::Outcome counted = m.stops[stop].outcome;
    if (instance.outcome != counted &&
        !(counted == ir::Outcome::Failed && isFailure(instance.outcome)))
      continue;
    if (--stopCounts[stop] < m.stops[stop].count) stopsHit.erase(stop);
  }
  ++liveInstances;
}

void Engine::Impl::undo(InstanceId id) {
  expand(id);
  Instance& instance = state.at(id);
  const ir::Family& family = m.families[id.family];
  if (instance.phase == Phase::Ready) dequeue(id);
  if (instance.phase == Phase::Running) noteStopped(id);
  if (instance.phase == Phase::Delayed)
    std::erase_if(delays, [id](const auto& delay) { return delay.second == id; });
  // What a temp holds of a budget it holds from its first start until it is gone, or its bad end.
  bool isOver = instance.phase == Phase::Ended && instance.outcome != ir::Outcome::Ok;
  if (family.temp && !instance.isRemoved && !isOver) releaseBudgets(id);
  if (instance.phase == Phase::Ended) uncountEnd(id);
  for (uint32_t at = headOf(id); at != kNone; at = state.attempts[at].previous) {
    if (state.attempts[at].isPast) break;
    state.attempts[at].isPast = true;
  }
  instance.phase = Phase::Waiting;
  instance.outcome = ir::Outcome::Ok;
  instance.isSubmitted = instance.isStarted = instance.isRemoved = instance.isLate = false;
  instance.isUnchosen = false;
  state.families[id.family].met.reset(id.iteration);
  waits.erase(id);
  late.erase(id);
  removalsDue.erase(id);
  auto dropFrom = [id](auto& entries) {
    auto first = entries.lower_bound({id, 0});
    auto last = first;
    while (last != entries.end() && last->first.first == id) ++last;
    entries.erase(first, last);
  };
  dropFrom(sets);
  dropFrom(chosen);
  for (uint32_t limit : plan.family(id.family).limits) {
    if (m.limits[limit].loop.valid())
      recounts.insert({limit, *iterationOf(whereOf(id), m.limits[limit].loop)});
  }
}

void Engine::Impl::resetHooks(InstanceId id) {
  auto reset = [this](InstanceId hook) {
    Instance& instance = state.at(hook);
    instance.phase = Phase::Absent;
    hooksDue.erase(hook);
  };
  for (ir::FamilyId hook : plan.family(id.family).hooks) {
    const std::vector<ir::LoopId>& loops = m[hook].loops;
    std::optional<uint32_t> at =
        loops.empty() ? std::optional<uint32_t>(0) : iterationOf(whereOf(id), loops.back());
    if (at) reset({hook.index(), *at});
  }
  for (uint32_t f = 0; f < m.families.size(); ++f) {
    if (m.families[f].role != ir::Family::Hook || !m.families[f].hook.of.empty()) continue;
    for (uint32_t n = 0; n < state.families[f].instances.size(); ++n) reset({f, n});
  }
}

void Engine::Impl::closeBroods(InstanceId id) {
  for (uint32_t loop = 0; loop < m.loops.size(); ++loop) {
    if (plan.loop(loop).isStatic) continue;
    std::vector<ir::RefId> refs;
    setRefs(m.loops[loop].space, refs);
    for (ir::RefId refId : refs) {
      const ir::Ref& ref = m[refId];
      bool isOfFamily = std::any_of(ref.families.begin(), ref.families.end(),
                                    [&](ir::FamilyId f) { return f.index() == id.family; });
      for (uint32_t n = 0; isOfFamily && n < state.loops[loop].broods.size(); ++n) {
        Where where{m.loops[loop].parent, n};
        if (where.loop.valid() && hasLeft(where)) continue;
        std::vector<InstanceId> leaves;
        for (const Term& term : termsOf(ref, where).list) leavesOf(term, leaves);
        if (std::find(leaves.begin(), leaves.end(), id) != leaves.end())
          closeBrood(ir::LoopId{loop}, n);
      }
    }
  }
}

void Engine::Impl::closeBrood(ir::LoopId loop, uint32_t parent) {
  Brood& brood = state.loops[loop.index()].broods[parent];
  if (brood.state == Brood::Unread || brood.state == Brood::Open) return;
  if (brood.state == Brood::Broken) {
    for (auto [family, depth] : plan.loop(loop.index()).below) {
      uint32_t at = parent;
      for (unsigned d = depth + 1; d-- > 0;) {
        Tally& tally = state.families[family.index()].tallies[d][at];
        --(isBad(brood.broken) ? tally.brokenBad : tally.brokenSkip);
        if (d > 0) at = state.loops[m[family].loops[d - 1].index()].iterations[at].parent;
      }
    }
  } else {
    buryIterations(loop, brood);
  }
  brood.state = Brood::Unread;
  brood.first = brood.count = 0;
  ++unreadBroods;
  addUnread(loop, parent, 1);
  mark({Reader::OfBrood, loop.index(), parent});
}

void Engine::Impl::buryIterations(ir::LoopId loop, const Brood& brood) {
  LoopState& l = state.loops[loop.index()];
  const LoopPlan& lp = plan.loop(loop.index());
  for (uint32_t n = brood.first; n < brood.first + brood.count; ++n) {
    for (ir::LoopId child : lp.children) {
      if (state.loops[child.index()].broods[n].state != Brood::Unread) closeBrood(child, n);
      Brood& below = state.loops[child.index()].broods[n];
      if (below.state != Brood::Unread) continue;
      below.state = Brood::Known;
      --unreadBroods;
      addUnread(child, n, -1);
    }
    for (ir::FamilyId family : lp.families) removeInstance({family.index(), n});
  }
  for (uint32_t n = brood.first; n < brood.first + brood.count; ++n) {
    if (n < l.indexed) {
      uint64_t hash = llvm::hash_combine(l.iterations[n].parent, llvm::xxh3_64bits(keyOf(loop, n)));
      l.byKey.erase(hash & ~(uint64_t(1) << 63));
    }
    l.elements.erase(n);
    l.keys.erase(n);
    l.members.erase(n);
  }
}

void Engine::Impl::removeInstance(InstanceId id) {
  Instance& instance = state.at(id);
  const ir::Family& family = m.families[id.family];
  if (family.role == ir::Family::Hook) {
    instance.phase = Phase::Absent;
    hooksDue.erase(id);
    return;
  }
  if (instance.phase == Phase::Absent) return;
  std::string name = idOf(id);
  undo(id);
  left[name] = headOf(id);
  --liveInstances;
  instance.phase = Phase::Absent;
  asked.erase(id);
  settledOn.erase(id);
  reopenedAt.erase(id);
  uint32_t at = id.iteration;
  for (size_t d = family.loops.size(); d-- > 0;) {
    at = state.loops[family.loops[d].index()].iterations[at].parent;
    --state.families[id.family].tallies[d][at].total;
  }
}

void Engine::Impl::rejoin(uint32_t family, uint32_t iteration) {
  auto found = left.find(idOf({family, iteration}));
  if (found == left.end()) return;
  state.families[family].lasts.setAttempt(iteration, found->second);
}

bool Engine::Impl::hasLeft(Where where) const {
  while (where.loop.valid()) {
    const LoopState& l = state.loops[where.loop.index()];
    uint32_t parent = l.iterations[where.iteration].parent;
    const Brood& brood = l.broods[parent];
    if (where.iteration < brood.first || where.iteration >= brood.first + brood.count) return true;
    where = {m[where.loop].parent, parent};
  }
  return false;
}

void Engine::Impl::recountLimits() {
  for (auto [limit, iteration] : std::exchange(recounts, {})) {
    ir::LoopId loop = m.limits[limit].loop;
    LimitState& s = limits[limit];
    bool isOpen = false;
    if (m.limits[limit].perMs > 0) continue;
    for (auto [family, depth] : plan.loop(loop.index()).below) {
      std::vector<InstanceId> leaves;
      if (!hasLeft({loop, iteration})) leavesOf({family.index(), depth + 1, iteration}, leaves);
      for (InstanceId id : leaves) {
        std::optional<Attempt> last = lastOf(id);
        isOpen |= state.at(id).phase == Phase::Running || (last && last->n > 0);
      }
    }
    isOpen = isOpen && !isIterationOver(loop, iteration);
    if (isOpen == s.iterations.contains(iteration)) continue;
    if (isOpen) {
      s.iterations.insert(iteration);
      ++s.open;
    } else {
      s.iterations.erase(iteration);
      --s.open;
    }
    if (static_cast<int64_t>(s.open) <= m.limits[limit].refill) s.isDraining = false;
  }
}

void Engine::Impl::recheck() {
  for (FamilyState& family : state.families) {
    for (Instance& instance : family.instances) {
      if (instance.phase == Phase::Ready) instance.phase = Phase::Waiting;
      instance.isDirty = false;
    }
    family.met.clear();
    family.watch.clear();
    for (std::vector<Tally>& tallies : family.tallies) {
      for (Tally& tally : tallies) tally.watch = kNone;
    }
  }
  for (InstanceId hook : hooksDue) state.at(hook).phase = Phase::Ready;
  for (LoopState& loop : state.loops) {
    for (Brood& brood : loop.broods) brood.watch = kNone;
  }
  watches.clear();
  followers.clear();
  freeWatch = kNone;
  dirty.clear();
  for (Ready& queue : queues) queue.clear();
  for (Queue& queue : parked) queue.clear();
  for (LimitState& limit : limits) limit.next.clear();
  heads.clear();
  parkedBy.clear();
  heldBack.clear();
  wanted.clear();
  moves.clear();
  repeats.clear();
  removalsDue.clear();
  beginSettling();
}

void Engine::Impl::gatherLost(Decisions& out) {
  if (!hasReopened) return;
  for (const auto& [path, link] : links) {
    if (wanted.contains(path)) continue;
    if (link.publish == kNone) {
      // Of the flow before, and nothing of this one goes by its name.
      out.publishes.emplace_back().publish = kNone;
      out.publishes.back().link = path;
      continue;
    }
    const ir::Publish& publish = m.publishes[link.publish];
    Where where{publish.loops.empty() ? ir::LoopId{} : publish.loops.back(), link.iteration};
    std::set<std::string> made;
    if (!hasLeft(where)) {
      const ir::Ref& ref = m[publish.ref];
      for (InstanceId id : okOf(ref, termsOf(ref, where), -1))
        made.insert(outputValue(id, ref.output).value_or(ir::Value::none()).s);
    }
    bool isWhole = std::all_of(link.targets.begin(), link.targets.end(),
                               [&](const std::string& target) { return made.contains(target); });
    if (isWhole) continue;
    MoveLink& move = out.publishes.emplace_back();
    move.publish = link.publish;
    move.iteration = link.iteration;
    move.link = path;
    move.shared = publish.shared;
  }
}

}  // namespace wfc::run
