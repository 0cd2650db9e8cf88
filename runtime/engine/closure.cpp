// Which instances go back to waiting when some are retried or rewound: semantics §12 "Outcomes" and
// "Rewind". Families are gone through in order of text until nothing is added, so a chain of a
// thousand windows takes one pass.
#include <algorithm>

#include "runtime/engine/impl.h"

namespace wfc::run {

namespace {

using Impl = Engine::Impl;

bool isTolerant(const ir::Ref& ref) {
  return ref.demand == ir::Demand::Ok || ref.demand == ir::Demand::AtLeast || ref.ifMade;
}

}  // namespace

/// Retried and rewound instances, and what of them follows.
class Closure {
 public:
  Closure(const Impl& e, const std::function<bool(InstanceId)>& isGone)
      : e_(e), m_(e.m), isGone_(isGone) {
    for (const FamilyState& family : e.state.families) {
      marks_.emplace_back(family.instances.size(), Nothing);
      above_.emplace_back(family.tallies.size());
    }
  }

  Reopening of(const std::map<InstanceId, bool>& asked) {
    Reopening result;
    for (auto [id, isRewind] : asked) {
      const Instance& instance = e_.state.at(id);
      bool hasFailed = instance.phase == Phase::Ended && isBad(instance.outcome);
      if (!isRewind && !hasFailed)
        result.kept.push_back(id);
      else
        mark(id, isRewind ? Rewound : Retried);
    }
    while (followRetries() || followRewinds() || followInputs()) {
    }
    collect(result, asked);
    return result;
  }

 private:
  enum Mark : uint8_t { Nothing, Retried, Rewound };

  Mark markOf(InstanceId id) const { return marks_[id.family][id.iteration]; }

  void mark(InstanceId id, Mark as) {
    if (markOf(id) >= as || e_.state.at(id).phase == Phase::Absent) return;
    isNews_ = true;
    marks_[id.family][id.iteration] = as;
    const std::vector<ir::LoopId>& loops = m_.families[id.family].loops;
    uint32_t at = id.iteration;
    for (size_t d = loops.size(); d-- > 0;) {
      at = e_.state.loops[loops[d].index()].iterations[at].parent;
      Mark& above = above_[id.family][d][at];
      above = std::max(above, as);
    }
  }

  /// Something that the term names is marked at least so.
  bool hits(const Term& term, Mark least) const {
    if (term.depth == m_.families[term.family].loops.size())
      return marks_[term.family][term.iteration] >= least;
    const llvm::DenseMap<uint32_t, Mark>& marks = above_[term.family][term.depth];
    auto found = marks.find(term.iteration);
    return found != marks.end() && found->second >= least;
  }

  /// It takes what it has from something marked so: by a reference, or by its turn in a repetition.
  bool reads(InstanceId id, Mark least) const {
    const FamilyPlan& plan = e_.plan.family(id.family);
    const Where where = e_.whereOf(id);
    for (const Wait& wait : plan.waits) {
      auto choice = e_.chosen.find({id, wait.ref.index()});
      if (choice != e_.chosen.end()) {
        for (InstanceId member : choice->second)
          if (markOf(member) >= least) return true;
        continue;
      }
      for (const Term& term : e_.termsOfWait(wait, where).list)
        if (hits(term, least)) return true;
    }
    if (!plan.repeat.valid()) return false;
    uint32_t iteration = *e_.iterationOf(where, plan.repeat);
    if (e_.state.loops[plan.repeat.index()].iterations[iteration].position == 0) return false;
    for (auto [family, depth] : e_.plan.loop(plan.repeat.index()).below)
      if (hits({family.index(), depth + 1, iteration - 1}, least)) return true;
    return false;
  }

  bool isCancelled(InstanceId id) const {
    const Instance& instance = e_.state.at(id);
    return instance.phase == Phase::Ended && instance.outcome == ir::Outcome::Cancelled;
  }

  /// Those that were cancelled because of retried ones, by a reference or by a `stop after`.
  bool followRetries() {
    isNews_ = false;
    forUnmarked([&](InstanceId id) {
      if (isCancelled(id) && (reads(id, Retried) || isStopped(id))) mark(id, Retried);
    });
    followSets(Retried);
    return isNews_;
  }

  bool isStopped(InstanceId id) const {
    for (uint32_t stop : e_.plan.family(id.family).stops) {
      if (e_.stopCounts[stop] < m_.stops[stop].count) continue;
      for (ir::FamilyId family : m_.stops[stop].families)
        if (std::any_of(marks_[family.index()].begin(), marks_[family.index()].end(),
                        [](Mark mark) { return mark != Nothing; }))
          return true;
    }
    return false;
  }

  bool followRewinds() {
    isNews_ = false;
    forUnmarked([&](InstanceId id) {
      if (reads(id, Rewound)) mark(id, Rewound);
    });
    followSets(Rewound);
    return isNews_;
  }

  /// Members of a set leave with the producer it was read from.
  void followSets(Mark least) {
    for (uint32_t loop = 0; loop < m_.loops.size(); ++loop) {
      std::vector<ir::RefId> refs;
      if (!e_.plan.loop(loop).isStatic) e_.setRefs(m_.loops[loop].space, refs);
      for (uint32_t n = 0; !refs.empty() && n < e_.state.loops[loop].broods.size(); ++n) {
        const Brood& brood = e_.state.loops[loop].broods[n];
        Where where{m_.loops[loop].parent, n};
        if (brood.state != Brood::Known || brood.count == 0) continue;
        if (where.loop.valid() && e_.hasLeft(where)) continue;
        bool isHit = false;
        for (ir::RefId ref : refs)
          for (const Term& term : e_.termsOf(m_[ref], where).list) isHit |= hits(term, least);
        if (isHit) markMembers(ir::LoopId{loop}, brood);
      }
    }
  }

  void markMembers(ir::LoopId loop, const Brood& brood) {
    for (auto [family, depth] : e_.plan.loop(loop.index()).below) {
      std::vector<InstanceId> leaves;
      for (uint32_t n = 0; n < brood.count; ++n)
        e_.leavesOf({family.index(), depth + 1, brood.first + n}, leaves);
      for (InstanceId leaf : leaves) mark(leaf, Rewound);
    }
  }

  /// Producers whose outputs are gone are made again.
  bool followInputs() {
    isNews_ = false;
    auto look = [&](const Terms& terms) {
      std::vector<InstanceId> leaves;
      for (const Term& term : terms.list) e_.leavesOf(term, leaves);
      for (InstanceId leaf : leaves) {
        const Instance& instance = e_.state.at(leaf);
        bool isMade = instance.phase == Phase::Ended && instance.outcome == ir::Outcome::Ok;
        if (isMade && markOf(leaf) == Nothing && isLost(leaf)) mark(leaf, Rewound);
      }
    };
    forEach([&](InstanceId id) {
      if (markOf(id) == Nothing) return;
      const Where where = e_.whereOf(id);
      for (const Wait& wait : e_.plan.family(id.family).waits)
        if (readsFiles(m_, m_[wait.ref])) look(e_.termsOfWait(wait, where));
      for (ir::LoopId loop : m_.families[id.family].loops) {
        std::vector<ir::RefId> refs;
        if (!e_.plan.loop(loop.index()).isStatic) e_.setRefs(m_[loop].space, refs);
        for (ir::RefId ref : refs) look(e_.termsOf(m_[ref], where));
      }
    });
    return isNews_;
  }

  bool isLost(InstanceId id) {
    auto [known, isNew] = lost_.try_emplace(id, false);
    if (isNew) known->second = e_.state.at(id).isRemoved || isGone_(id);
    return known->second;
  }

  template <class Visit>
  void forEach(Visit visit) const {
    for (uint32_t f = 0; f < m_.families.size(); ++f) {
      if (m_.families[f].role == ir::Family::Hook) continue;
      for (uint32_t n = 0; n < marks_[f].size(); ++n)
        if (e_.state.at({f, n}).phase != Phase::Absent) visit(InstanceId{f, n});
    }
  }
  template <class Visit>
  void forUnmarked(Visit visit) const {
    forEach([&](InstanceId id) {
      if (markOf(id) == Nothing) visit(id);
    });
  }

  void collect(Reopening& result, const std::map<InstanceId, bool>& asked) {
    std::map<InstanceId, std::vector<InstanceId>> settled;
    forUnmarked([&](InstanceId id) { noteSettled(id, settled); });
    forEach([&](InstanceId id) {
      if (markOf(id) == Nothing) return;
      const Instance& instance = e_.state.at(id);
      auto choice = e_.chosen.lower_bound({id, 0});
      bool hasChosen = choice != e_.chosen.end() && choice->first.first == id;
      Reopening::Item& item = result.items.emplace_back();
      item.instance = id;
      item.isRewound = markOf(id) == Rewound;
      item.isRecorded = instance.phase > Phase::Ready || e_.lastOf(id).has_value() || hasChosen ||
                        asked.contains(id);
      item.settled = std::move(settled[id]);
      if (instance.phase == Phase::Running && m_.families[id.family].role == ir::Family::Work)
        result.running.push_back(id);
    });
  }

  /// One that goes on has settled on how a retried one had ended.
  void noteSettled(InstanceId id, std::map<InstanceId, std::vector<InstanceId>>& settled) const {
    if (e_.state.at(id).phase <= Phase::Ready) return;
    const FamilyPlan& plan = e_.plan.family(id.family);
    for (size_t n = 0; n < plan.waits.size(); ++n) {
      const Wait& wait = plan.waits[n];
      if (!isTolerant(m_[wait.ref]) && n >= plan.guardWaits) continue;
      for (const Term& term : e_.termsOfWait(wait, e_.whereOf(id)).list) {
        if (!hits(term, Retried)) continue;
        std::vector<InstanceId> leaves;
        e_.leavesOf(term, leaves);
        for (InstanceId leaf : leaves)
          if (markOf(leaf) != Nothing) settled[leaf].push_back(id);
      }
    }
  }

  const Impl& e_;
  const ir::Module& m_;
  const std::function<bool(InstanceId)>& isGone_;
  std::vector<std::vector<Mark>> marks_;
  /// By family, depth and iteration of the loop above: the most that is marked below.
  std::vector<std::vector<llvm::DenseMap<uint32_t, Mark>>> above_;
  std::map<InstanceId, bool> lost_;
  bool isNews_ = false;
};

Reopening Engine::reopening(const std::function<bool(InstanceId)>& isGone) const {
  return Closure(*impl_, isGone).of(impl_->asked);
}

Reopening Engine::reopening(const std::vector<InstanceId>& asked, bool isRewind,
                            const std::function<bool(InstanceId)>& isGone) const {
  std::map<InstanceId, bool> wishes = impl_->asked;
  for (InstanceId id : asked) wishes[id] = isRewind;
  return Closure(*impl_, isGone).of(wishes);
}

}  // namespace wfc::run
