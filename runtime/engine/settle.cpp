// The cascade: everything that follows from what is known. Each reader whose watch fired is looked
// at again, and may settle others, until nothing moves. What is decided here is applied at once and
// handed out as records.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/ir/space.h"

#include "runtime/engine/impl.h"

namespace wfc::run {

void Engine::Impl::mark(const Reader& reader) {
  if (reader.kind == Reader::OfBrood) return dirtyBroods.push_back({reader.a, reader.iteration});
  if (reader.kind == Reader::OfInstance) {
    // Its turn comes anyway.
    if (InstanceId{reader.a, reader.iteration} < sweepAt) return;
    Instance& instance = state.at({reader.a, reader.iteration});
    if (instance.isDirty || instance.phase != Phase::Waiting) return;
    instance.isDirty = true;
  }
  dirty.push_back(reader);
}

void Engine::Impl::wake(uint32_t& head) {
  for (uint32_t at = head; at != kNone;) {
    mark(watches[at].reader);
    uint32_t next = watches[at].next;
    watches[at].next = freeWatch;
    freeWatch = at;
    at = next;
  }
  head = kNone;
}

void Engine::Impl::wakeReaders(InstanceId id) {
  FamilyState& family = state.families[id.family];
  if (family.watch.get(id.iteration) != kNone) wake(family.watch.at(id.iteration));
  auto found = followers.find(id.family);
  if (found == followers.end()) return;
  for (const Follower& follower : found->second) {
    uint32_t at = id.iteration + follower.distance;
    if (at < state.families[follower.family].instances.size())
      mark({Reader::OfInstance, follower.family, at});
  }
}

bool Engine::Impl::follow(const Reader& reader, const Spot& spot) {
  if (!spot.isAlone || reader.kind != Reader::OfInstance) return false;
  Follower follower{reader.a, reader.iteration - spot.iteration};
  std::vector<Follower>& list = followers[spot.a];
  if (std::find(list.begin(), list.end(), follower) != list.end()) return true;
  // More are no rule.
  if (list.size() >= 8) return false;
  list.push_back(follower);
  return true;
}

void Engine::Impl::watch(const Reader& reader, const Spot& spot) {
  uint32_t* head = nullptr;
  switch (spot.kind) {
    case Spot::None:
      return;
    case Spot::OnInstance:
      if (follow(reader, spot)) return;
      head = &state.families[spot.a].watch.at(spot.iteration);
      break;
    case Spot::OnTally: {
      Tally& tally = state.families[spot.a].tallies[spot.depth][spot.iteration];
      tally.isEager |= spot.isEager;
      head = &tally.watch;
      break;
    }
    case Spot::OnBrood:
      head = &state.loops[spot.a].broods[spot.iteration].watch;
      break;
  }
  uint32_t at = freeWatch;
  if (at == kNone) {
    at = static_cast<uint32_t>(watches.size());
    watches.push_back({});
  } else {
    freeWatch = watches[at].next;
  }
  watches[at] = {reader, *head};
  *head = at;
}

Verdict Engine::Impl::judgeRepeat(InstanceId id, Spot& spot) {
  ir::LoopId loop = plan.family(id.family).repeat;
  uint32_t iteration = *iterationOf(whereOf(id), loop);
  const Iteration own = state.loops[loop.index()].iterations[iteration];
  if (own.position == 0) return Verdict::Met;
  uint32_t before = iteration - 1;
  for (auto [family, depth] : plan.loop(loop.index()).below) {
    Term term{family.index(), depth + 1, before};
    bool isLeaf = term.depth == m[family].loops.size();
    if (isLeaf && state.at({term.family, before}).phase == Phase::Absent) continue;
    if (countsOf(term).isComplete()) continue;
    spot = {isLeaf ? Spot::OnInstance : Spot::OnTally, term.family, term.depth, before, false};
    return Verdict::Open;
  }
  auto [entry, isNew] = repeats.try_emplace({loop.index(), before}, Verdict::Met);
  if (!isNew) return entry->second;
  auto earlier = own.position > 1 ? repeats.find({loop.index(), before - 1}) : repeats.end();
  if (earlier != repeats.end() && earlier->second != Verdict::Met)
    return entry->second = earlier->second;
  if (!m[loop].until.valid()) return Verdict::Met;
  std::vector<ir::RefId> refs;
  ir::collectRefs(m, m[loop].until, refs);
  for (ir::RefId ref : refs) {
    Verdict verdict = judgeWait({ref, {}}, {loop, before}, spot);
    if (verdict == Verdict::Open) {
      repeats.erase(entry);
      return verdict;
    }
    if (verdict != Verdict::Met) return entry->second = verdict;
  }
  ir::Result until = evaluate(m[loop].until, {loop, before});
  if (until && until.value->truth()) entry->second = Verdict::Skip;
  if (!until) entry->second = Verdict::Cancel;
  return entry->second;
}

Verdict Engine::Impl::judgeGates(InstanceId id, Spot& spot, std::string& why) {
  const FamilyPlan& fp = plan.family(id.family);
  if (fp.repeat.valid()) {
    Verdict verdict = judgeRepeat(id, spot);
    if (verdict != Verdict::Met) {
      why = "the repetition had ended before";
      return verdict;
    }
  }
  if (!fp.hasGuards) return Verdict::Met;
  Where where = whereOf(id);
  unsigned n = 0, at = 0;
  for (const ir::Guard& guard : m.families[id.family].guards) {
    if (guard.isStatic) continue;
    for (unsigned end = fp.guardEnds[at++]; n < end; ++n) {
      Verdict verdict = judgeWait(fp.waits[n], where, spot);
      if (verdict == Verdict::Met) continue;
      why = "its condition could not be read";
      return verdict;
    }
    ir::Result result = evaluate(guard.condition, where);
    if (result && result.value->truth() == guard.wanted) continue;
    why = result ? fmt::format("its condition ({}) is {}", place(m, guard.loc),
                               guard.wanted ? "false" : "true")
                 : fmt::format("its condition could not be evaluated: {}", result.error);
    state.at(id).isUnchosen = static_cast<bool>(result);
    return result ? Verdict::Skip : Verdict::Cancel;
  }
  return Verdict::Met;
}

bool Engine::Impl::isCutByStop(InstanceId id) const {
  for (uint32_t stop : plan.family(id.family).stops) {
    if (stopCounts[stop] >= m.stops[stop].count) return true;
  }
  return false;
}

void Engine::Impl::settleAs(InstanceId id, ir::Outcome outcome, const std::string& why,
                            Decisions& out) {
  llvm::StringSaver saver(*out.arena);
  Record record;
  record.kind = Record::Settle;
  record.time = now;
  record.instance = saver.save(idOf(id));
  record.outcome = outcome;
  record.number = state.at(id).isUnchosen;
  record.text = saver.save(why);
  dequeue(id);
  apply(record);
  out.records.push_back(std::move(record));
}

void Engine::Impl::examine(InstanceId id, Decisions& out) {
  Instance& instance = state.at(id);
  instance.isDirty = false;
  if (instance.phase != Phase::Waiting) return;
  if (isCutByStop(id))
    return settleAs(id, ir::Outcome::Cancelled, "the block was stopped after failures", out);
  const Reader reader{Reader::OfInstance, id.family, id.iteration};
  Spot spot;
  std::string why;
  Verdict gate = judgeGates(id, spot, why);
  if (gate == Verdict::Open) return watch(reader, spot);
  if (gate != Verdict::Met)
    return settleAs(id, gate == Verdict::Cancel ? ir::Outcome::Cancelled : ir::Outcome::Skipped,
                    why, out);
  const FamilyPlan& fp = plan.family(id.family);
  const Where where = whereOf(id);
  bool isOpen = false;
  std::optional<size_t> skipped;
  std::vector<Spot> spots;
  FamilyState& family = state.families[id.family];
  uint64_t met = family.met.get(id.iteration);
  for (size_t n = fp.guardWaits; n < fp.waits.size(); ++n) {
    if ((met >> n & 1) != 0) continue;
    Spot at;
    Verdict verdict = judgeWait(fp.waits[n], where, at);
    if (verdict == Verdict::Cancel)
      return settleAs(
          id, ir::Outcome::Cancelled,
          fmt::format("{} failed or was cancelled", m[m[fp.waits[n].ref].families.front()].name),
          out);
    if (verdict == Verdict::Met) met |= uint64_t(1) << n;
    if (verdict == Verdict::Skip && !skipped) skipped = n;
    if (verdict != Verdict::Open) continue;
    isOpen = true;
    spots.push_back(at);
  }
  if (isOpen) {
    if (met != 0) family.met.at(id.iteration) = met;
    for (const Spot& at : spots) watch(reader, at);
    return;
  }
  if (skipped)
    return settleAs(
        id, ir::Outcome::Skipped,
        fmt::format("{} was not made", m[m[fp.waits[*skipped].ref].families.front()].name), out);
  becomeReady(id, out);
}

std::string Engine::Impl::choiceNeeded(InstanceId id, Decisions& out) {
  const ir::Family& family = m.families[id.family];
  const Where where = whereOf(id);
  llvm::StringSaver saver(*out.arena);
  for (const Wait& wait : plan.family(id.family).waits) {
    const ir::Ref& ref = m[wait.ref];
    if (ref.demand != ir::Demand::First || ref.valueless || chosen.contains({id, wait.ref.index()}))
      continue;
    Record record;
    record.kind = Record::Chosen;
    record.time = now;
    record.instance = saver.save(idOf(id));
    record.number = wait.ref.index();
    for (InstanceId member : okOf(ref, termsOfWait(wait, where), countOf(ref, where)))
      record.members.push_back(saver.save(idOf(member)));
    apply(record);
    out.records.push_back(std::move(record));
  }
  if (!family.task.valid()) return {};
  const std::vector<ir::Input>& inputs = m[family.task].inputs;
  for (size_t n = 0; n < inputs.size() && n < family.args.size(); ++n) {
    if (!inputs[n].some || !family.args[n].valid()) continue;
    ir::Result value = evaluate(family.args[n], where, id);
    if (value && value.value->kind == ir::Value::List && value.value->size() == 0)
      return inputs[n].name;
  }
  return {};
}

void Engine::Impl::becomeReady(InstanceId id, Decisions& out) {
  std::string empty = choiceNeeded(id, out);
  if (!empty.empty()) {
    // An empty list for an input of one or more is an unmet reference; a failure among what it
    // names makes it a cancel.
    bool isCancel = false;
    for (const Wait& wait : plan.family(id.family).waits) {
      for (const Term& term : termsOfWait(wait, whereOf(id)).list)
        isCancel |= countsOf(term).bad + countsOf(term).brokenBad > 0;
    }
    return settleAs(id, isCancel ? ir::Outcome::Cancelled : ir::Outcome::Skipped,
                    fmt::format("nothing for its input `{}`", empty), out);
  }
  Instance& instance = state.at(id);
  if (m.families[id.family].role == ir::Family::Wait) {
    llvm::StringSaver saver(*out.arena);
    Record record;
    record.kind = Record::Start;
    record.time = now;
    record.instance = saver.save(idOf(id));
    record.attempt = numberOf(id) + 1;
    apply(record);
    out.records.push_back(std::move(record));
    return;
  }
  if (std::string spent = spentBudget(id); !spent.empty())
    return settleAs(id, ir::Outcome::Cancelled, spent, out);
  instance.phase = Phase::Ready;
  enqueue(id);
}

void Engine::Impl::examinePublish(uint32_t index, uint32_t iteration) {
  const ir::Publish& publish = m.publishes[index];
  Where where{publish.loops.empty() ? ir::LoopId{} : publish.loops.back(), iteration};
  const ir::Ref& ref = m[publish.ref];
  Terms terms = termsOf(ref, where);
  Spot spot;
  Verdict verdict = judge(ref, terms, where, spot);
  if (verdict == Verdict::Open) return watch({Reader::OfPublish, index, iteration}, spot);
  std::vector<InstanceId> made =
      okOf(ref, terms, ref.demand == ir::Demand::First ? countOf(ref, where) : -1);
  ir::Result at = evaluate(publish.at, where);
  if (verdict != Verdict::Met || made.empty() || !at) return;
  Link link{index, iteration, orderOf(where), {}};
  auto [known, isNew] = wanted.try_emplace(at.value->s, link);
  if (!isNew && link.order < known->second.order) return;
  known->second = link;
  MoveLink move{index, iteration, made.back(), at.value->s, {}, !ref.single, publish.shared};
  for (InstanceId id : made) {
    std::optional<ir::Value> value = outputValue(id, ref.output);
    if (value) move.targets.push_back(value->s);
  }
  moves[at.value->s] = std::move(move);
}

void Engine::Impl::timers(Decisions& out) {
  auto consider = [&](int64_t at) { out.next = out.next == 0 ? at : std::min(out.next, at); };
  while (!delays.empty() && delays.begin()->first <= now) {
    InstanceId id = delays.begin()->second;
    delays.erase(delays.begin());
    Instance& instance = state.at(id);
    if (instance.phase != Phase::Delayed) continue;
    // What it waited for is judged again: after a crash its end may be known and its producer's
    // lost.
    instance.phase = Phase::Waiting;
    mark({Reader::OfInstance, id.family, id.iteration});
  }
  if (!delays.empty()) consider(delays.begin()->first);
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    InstanceId id = deadlines.begin()->second;
    deadlines.erase(deadlines.begin());
    Instance& instance = state.at(id);
    if (instance.phase == Phase::Ended || instance.phase == Phase::Absent) continue;
    instance.isLate = true;
    if (instance.phase == Phase::Running)
      late.insert(id);
    else
      settleAs(id, ir::Outcome::TimedOut, "its deadline passed", out);
  }
  if (!deadlines.empty()) consider(deadlines.begin()->first);
  for (ir::LoopId loop : plan.outermost()) {
    if (!plan.loop(loop.index()).isOpen) continue;
    uint32_t count = state.loops[loop.index()].broods[0].count;
    consider(ir::elementAt(m, m[loop].space, count).i * 1000);
  }
  for (uint32_t n = 0; n < limits.size(); ++n) {
    const ir::Limit& limit = m.limits[n];
    bool isWanted = limits[n].isWanted || !parked[n].empty();
    if (limit.perMs > 0 && isWanted && !limits[n].starts.empty())
      consider(limits[n].starts.front() + limit.perMs);
  }
}

}  // namespace wfc::run
