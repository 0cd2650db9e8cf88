// References: which instances one names from where its reader stands, and how it settles (the table
// of semantics §12).
//
// Trailing `*` are not expanded: a term stands for all instances below an iteration, and its tally
// answers for them.
#include <algorithm>

#include "compiler/ir/eval.h"
#include "compiler/ir/space.h"

#include "runtime/engine/impl.h"
#include "runtime/engine/members.h"

namespace wfc::run {

namespace {

/// True if every index from `depth` on is `*`.
bool isRestAll(const ir::Ref& ref, unsigned depth) {
  for (size_t n = depth; n < ref.indices.size(); ++n) {
    if (ref.indices[n].kind != ir::IndexPattern::All) return false;
  }
  return true;
}

}  // namespace

std::optional<uint32_t> Engine::Impl::positionIn(ir::LoopId loop, uint32_t parent,
                                                 const ir::Value& value) const {
  const Brood& brood = state.loops[loop.index()].broods[parent];
  if (plan.loop(loop.index()).isStatic) {
    std::optional<uint64_t> found = ir::findIn(m, m[loop].space, value);
    if (!found || *found >= (plan.loop(loop.index()).isOpen ? brood.count : UINT32_MAX))
      return std::nullopt;
    return static_cast<uint32_t>(*found);
  }
  const LoopState& l = state.loops[loop.index()];
  for (uint32_t n = 0; value.kind == ir::Value::File && n < brood.count; ++n) {
    auto element = l.elements.find(brood.first + n);
    if (element != l.elements.end() && element->second == value) return n;
  }
  std::string key = ir::keyText(m, value);
  std::optional<uint32_t> found = iterationNamed(loop, parent, key);
  if (!found) return std::nullopt;
  return *found - brood.first;
}

std::vector<uint32_t> Engine::Impl::positionsWhere(ir::ExprId condition, ir::LoopId loop,
                                                   const Brood& brood, Where where) const {
  std::vector<uint32_t> positions;
  for (uint32_t n = 0; n < brood.count; ++n) {
    ir::Scope scope = scopeAt(where, {}, 0);
    ir::Value element = elementOf(loop, brood.first + n);
    auto outer = scope.loopVar;
    scope.loopVar = [&](ir::LoopId id) { return id == loop ? &element : outer(id); };
    ir::Result holds = ir::evaluate(m, condition, scope);
    if (holds && holds.value->truth()) positions.push_back(n);
  }
  return positions;
}

std::vector<uint32_t> Engine::Impl::positionsOf(const ir::Ref& ref, unsigned depth, const Term& at,
                                                Where where, bool& isOutside) const {
  const ir::IndexPattern& pattern = ref.indices[depth];
  ir::LoopId loop = m.families[at.family].loops[depth];
  const Brood& brood = state.loops[loop.index()].broods[at.iteration];
  auto bound = [&](ir::ExprId expr, int64_t offset) -> std::optional<int64_t> {
    ir::Result value = evaluate(expr, where);
    if (!value) return std::nullopt;
    std::optional<uint32_t> position = positionIn(loop, at.iteration, *value.value);
    if (!position) return std::nullopt;
    return static_cast<int64_t>(*position) + offset;
  };
  int64_t from = 0, to = static_cast<int64_t>(brood.count) - 1;
  std::vector<uint32_t> positions;
  switch (pattern.kind) {
    case ir::IndexPattern::Same: {
      std::optional<uint32_t> iteration = iterationOf(where, loop);
      if (iteration)
        positions.push_back(state.loops[loop.index()].iterations[*iteration].position);
      else
        isOutside = true;
      return positions;
    }
    case ir::IndexPattern::At: {
      std::optional<int64_t> position = bound(pattern.a, pattern.offset);
      if (!position || *position < 0 || *position > to)
        isOutside = true;
      else
        positions.push_back(static_cast<uint32_t>(*position));
      return positions;
    }
    case ir::IndexPattern::Where:
      return positionsWhere(pattern.a, loop, brood, where);
    case ir::IndexPattern::All:
      break;
    case ir::IndexPattern::UpTo:
      to = std::min(to, bound(pattern.a, pattern.offset).value_or(-1));
      break;
    case ir::IndexPattern::From:
      from = std::max<int64_t>(0, bound(pattern.a, pattern.offset).value_or(to + 1));
      break;
    case ir::IndexPattern::Between:
      from = std::max<int64_t>(0, bound(pattern.a, pattern.offset).value_or(to + 1));
      to = std::min(to, bound(pattern.b, pattern.offsetB).value_or(-1));
      break;
  }
  for (int64_t n = from; n <= to; ++n) positions.push_back(static_cast<uint32_t>(n));
  return positions;
}

void Engine::Impl::expandTerm(const ir::Ref& ref, Where where, Term at, Terms& terms) const {
  const std::vector<ir::LoopId>& loops = m.families[at.family].loops;
  if (at.depth == loops.size() ||
      (at.depth < loops.size() && isRestAll(ref, at.depth) && at.depth < ref.indices.size())) {
    bool isLeaf = at.depth == loops.size();
    if (!isLeaf || state.at({at.family, at.iteration}).phase != Phase::Absent)
      terms.list.push_back(at);
    return;
  }
  ir::LoopId loop = loops[at.depth];
  const Brood& brood = state.loops[loop.index()].broods[at.iteration];
  bool isSame = ref.indices[at.depth].kind == ir::IndexPattern::Same;
  if (!isSame &&
      (brood.state == Brood::Unread ||
       (brood.state == Brood::Open && ref.indices[at.depth].kind != ir::IndexPattern::At &&
        ref.indices[at.depth].kind != ir::IndexPattern::UpTo))) {
    if (terms.unread.kind == Spot::None)
      terms.unread = {Spot::OnBrood, loop.index(), 0, at.iteration, false};
    return;
  }
  if (brood.state == Brood::Broken) {
    (isBad(brood.broken) ? terms.isBrokenBad : terms.isBrokenSkip) = true;
    return;
  }
  bool isOutside = false;
  std::vector<uint32_t> positions = positionsOf(ref, at.depth, at, where, isOutside);
  if (isOutside) terms.isOutside = true;
  for (uint32_t position : positions)
    expandTerm(ref, where, {at.family, at.depth + 1, brood.first + position}, terms);
}

Terms Engine::Impl::termsOf(const ir::Ref& ref, Where where) const {
  // A batch's or group's variable names the members that its iteration holds, not all of them.
  if (ref.loop.valid()) return termsOfMembers(ref.loop, where);
  Terms terms;
  for (ir::FamilyId family : ref.families) expandTerm(ref, where, {family.index(), 0, 0}, terms);
  return terms;
}

Terms Engine::Impl::termsOfWait(const Wait& wait, Where where) const {
  return wait.members.valid() ? termsOfMembers(wait.members, where) : termsOf(m[wait.ref], where);
}

Terms Engine::Impl::termsOfMembers(ir::LoopId loop, Where where) const {
  Terms terms;
  std::optional<uint32_t> iteration = iterationOf(where, loop);
  if (!iteration) return terms;
  const LoopState& l = state.loops[loop.index()];
  auto members = l.members.find(*iteration);
  if (members == l.members.end()) return terms;
  for (InstanceId id : members->second) {
    terms.list.push_back(
        {id.family, static_cast<uint32_t>(m.families[id.family].loops.size()), id.iteration});
  }
  return terms;
}

Tally Engine::Impl::countsOf(const Term& term) const {
  if (term.depth < m.families[term.family].loops.size())
    return state.families[term.family].tallies[term.depth][term.iteration];
  const Instance& instance = state.at({term.family, term.iteration});
  Tally tally;
  tally.total = 1;
  if (instance.phase != Phase::Ended) return tally;
  tally.ended = 1;
  tally.ok = instance.outcome == ir::Outcome::Ok;
  tally.bad = isBad(instance.outcome);
  tally.unchosen = instance.isUnchosen;
  return tally;
}

int64_t Engine::Impl::countOf(const ir::Ref& ref, Where where) const {
  if (!ref.count.valid()) return 1;
  ir::Result count = evaluate(ref.count, where);
  return count ? count.value->i : INT64_MAX;
}

Verdict Engine::Impl::judge(const ir::Ref& ref, const Terms& terms, Where where, Spot& spot) const {
  uint64_t total = 0, ended = 0, ok = 0, bad = terms.isBrokenBad, skipped = terms.isBrokenSkip;
  bool isOpen = terms.unread.kind != Spot::None;
  if (isOpen) spot = terms.unread;
  bool isEager = ref.demand == ir::Demand::First;
  for (const Term& term : terms.list) {
    Tally tally = countsOf(term);
    // A branch that was not chosen is not a member of a name bound in both.
    uint32_t left = ref.families.size() > 1 ? tally.unchosen : 0;
    total += tally.total - left;
    ended += tally.ended - left;
    ok += tally.ok;
    bad += tally.bad + tally.brokenBad;
    skipped += tally.brokenSkip;
    if (tally.isComplete()) continue;
    isOpen = true;
    // The last open one is watched: of things that end in order, it is the one that decides.
    if (terms.unread.kind == Spot::None) {
      bool isLeaf = term.depth == m.families[term.family].loops.size();
      spot = {isLeaf ? Spot::OnInstance : Spot::OnTally,
              term.family,
              term.depth,
              term.iteration,
              isEager,
              terms.list.size() == 1};
    }
  }
  if (terms.isOutside && !isOpen && total == 0)
    return ref.otherwise.valid() ? Verdict::Met : Verdict::Skip;
  if (ref.single && ref.otherwise.valid() && !ref.ifMade && total == 0 && !isOpen &&
      bad + skipped == 0)
    return Verdict::Met;
  auto unmet = [&]() { return bad > 0 ? Verdict::Cancel : isOpen ? Verdict::Open : Verdict::Skip; };
  switch (ref.demand) {
    case ir::Demand::All:
      if (ended > ok || skipped > 0 || bad > 0) {
        if (ref.ifMade && !isOpen && bad == 0) return Verdict::Met;
        return unmet();
      }
      if (ref.single && total == 0 && !isOpen) return ref.ifMade ? Verdict::Met : Verdict::Skip;
      return isOpen ? Verdict::Open : Verdict::Met;
    case ir::Demand::Ok:
    case ir::Demand::Ended:
      return isOpen ? Verdict::Open : Verdict::Met;
    case ir::Demand::AtLeast:
    case ir::Demand::First: {
      auto wanted = static_cast<uint64_t>(std::max<int64_t>(0, countOf(ref, where)));
      if (ok >= wanted && (ref.demand == ir::Demand::First || !isOpen)) return Verdict::Met;
      bool canStill = terms.unread.kind != Spot::None || ok + (total - ended) >= wanted;
      for (const Term& term : terms.list) canStill |= countsOf(term).unread > 0;
      if (canStill && isOpen) return Verdict::Open;
      return unmet();
    }
  }
  return Verdict::Open;
}

Verdict Engine::Impl::judgeOtherwise(const ir::Ref& ref, Where where, Spot& spot) const {
  std::vector<ir::RefId> refs;
  ir::collectRefs(m, ref.otherwise, refs);
  Verdict worst = Verdict::Met;
  for (ir::RefId id : refs) {
    Verdict verdict = judge(m[id], termsOf(m[id], where), where, spot);
    if (verdict == Verdict::Met) continue;
    if (verdict == Verdict::Cancel || worst == Verdict::Met || worst == Verdict::Skip)
      worst = verdict;
    if (worst == Verdict::Cancel) break;
  }
  return worst;
}

Verdict Engine::Impl::judgeWait(const Wait& wait, Where where, Spot& spot) const {
  const ir::Ref& ref = m[wait.ref];
  Terms terms = termsOfWait(wait, where);
  if (ref.fallback || wait.members.valid()) {
    ir::Ref plain = ref;
    plain.single = false;
    // What stands for another must have ended; whether it counts, the other says.
    if (ref.fallback) plain.demand = ir::Demand::Ended;
    return judge(plain, terms, where, spot);
  }
  Verdict verdict = judge(ref, terms, where, spot);
  bool isReplaced =
      verdict == Verdict::Met && ref.single && ref.otherwise.valid() && okOf(ref, terms, 1).empty();
  return isReplaced ? judgeOtherwise(ref, where, spot) : verdict;
}

void Engine::Impl::leavesOf(const Term& term, std::vector<InstanceId>& leaves) const {
  const std::vector<ir::LoopId>& loops = m.families[term.family].loops;
  if (term.depth == loops.size()) {
    if (state.at({term.family, term.iteration}).phase != Phase::Absent)
      leaves.push_back({term.family, term.iteration});
    return;
  }
  const Brood& brood = state.loops[loops[term.depth].index()].broods[term.iteration];
  for (uint32_t n = 0; n < brood.count; ++n)
    leavesOf({term.family, term.depth + 1, brood.first + n}, leaves);
}

std::vector<InstanceId> Engine::Impl::okOf(const ir::Ref& ref, const Terms& terms,
                                           int64_t most) const {
  std::vector<InstanceId> leaves, ok;
  for (const Term& term : terms.list) leavesOf(term, leaves);
  // A name bound in both branches is one list in key order, whichever branch made each.
  if (ref.families.size() > 1)
    std::stable_sort(leaves.begin(), leaves.end(), [&](InstanceId a, InstanceId b) {
      return orderOf(whereOf(a)) < orderOf(whereOf(b));
    });
  for (InstanceId id : leaves) {
    if (most >= 0 && static_cast<int64_t>(ok.size()) >= most) break;
    const Instance& instance = state.at(id);
    if (instance.phase == Phase::Ended && instance.outcome == ir::Outcome::Ok) ok.push_back(id);
  }
  return ok;
}

}  // namespace wfc::run
