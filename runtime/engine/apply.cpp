// The fold: what each record changes. A record that tells what is already known changes nothing, so
// the same history may be folded from a journal and an inbox that overlap.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/engine/impl.h"
#include "runtime/engine/retry.h"

namespace wfc::run {

Attempt& Engine::Impl::attemptFor(InstanceId id, uint32_t n) {
  expand(id);
  uint32_t last = headOf(id);
  for (uint32_t at = last; at != kNone; at = state.attempts[at].previous) {
    // Without an attempt it ends once in each of its lives.
    if (n == 0 && state.attempts[at].isPast) break;
    if (state.attempts[at].n == n) return state.attempts[at];
  }
  Attempt& attempt = addAttempt(id);
  attempt.n = n;
  attempt.previous = last;
  return attempt;
}

std::string Engine::Impl::apply(const Record& record) {
  std::string wrong = fold(record);
  examineBroods();
  return wrong;
}

std::string Engine::Impl::fold(const Record& record) {
  if (record.kind == Record::Run) {
    if (runStarted == 0) runStarted = record.time;
    // A later start takes back a wish to stop.
    state.isStopped = state.isClosed = false;
    return {};
  }
  if (record.kind == Record::Stop) return state.isStopped = true, "";
  if (record.kind == Record::Close) return state.isClosed = true, "";
  if (record.kind == Record::Set && record.instance.empty()) return applySet(record), "";
  if (record.kind == Record::Hold || record.kind == Record::Change || record.kind == Record::Part)
    return applyWish(record);
  extendOpen(record.time);
  if (record.kind == Record::Publish) {
    std::optional<InstanceId> producer = find(record.instance);
    auto made = wanted.find(record.text.str());
    Link link{record.number, producer ? producer->iteration : 0, {}, {}};
    if (made != wanted.end() && made->second.publish == record.number) link = made->second;
    if (!record.job.empty()) link.iteration = static_cast<uint32_t>(std::stoul(record.job.str()));
    for (llvm::StringRef target : record.members) link.targets.push_back(target.str());
    hasReopened |= record.number == kNone;
    if (link.targets.empty())
      links.erase(record.text.str());
    else
      links[record.text.str()] = std::move(link);
    return {};
  }
  std::optional<InstanceId> id = find(record.instance);
  if (!id) {
    // It may be of a set that was read when this was written: what is known now gives it again.
    growKnown();
    id = find(record.instance);
  }
  // Members of a set leave when it is to be read again.
  if (!id && left.contains(record.instance)) return {};
  if (!id)
    return fmt::format("the ledger names `{}`, which the plan does not know",
                       record.instance.str());
  foldOn(*id, record);
  compact(*id);
  return {};
}

void Engine::Impl::foldOn(InstanceId id, const Record& record) {
  Instance& instance = state.at(id);
  switch (record.kind) {
    case Record::Submit:
    case Record::Start:
      applyStart(id, record, record.kind == Record::Submit);
      break;
    case Record::End:
      applyEnd(id, record);
      break;
    case Record::Settle:
      if (instance.phase == Phase::Ended) break;
      instance.isUnchosen = record.number != 0;
      attemptFor(id, 0).line = keep(record);
      endInstance(id, record.outcome);
      break;
    case Record::Set:
      applySet(record);
      break;
    case Record::Chosen: {
      std::vector<InstanceId> members;
      for (llvm::StringRef member : record.members) {
        if (std::optional<InstanceId> found = find(member)) members.push_back(*found);
      }
      chosen[{id, record.number}] = std::move(members);
      break;
    }
    case Record::Ask:
      if (seen.insert(record.job).second) asked[id] = record.text == "rewind";
      break;
    case Record::Reopen:
      applyReopen(id, record);
      break;
    case Record::Removed:
      instance.isRemoved = true;
      removalsDue.erase(id);
      releaseBudgets(id);
      break;
    case Record::Hook:
      instance.phase = Phase::Ended;
      instance.outcome = record.outcome;
      hooksDue.erase(id);
      break;
    default:
      break;
  }
}

void Engine::Impl::applySet(const Record& record) {
  std::vector<std::string> members;
  for (llvm::StringRef member : record.members) members.push_back(member.str());
  if (!record.instance.empty()) {
    std::optional<InstanceId> id = find(record.instance);
    if (id && !isVoid(*id, record.attempt))
      sets.try_emplace({*id, record.number}, std::move(members));
    return;
  }
  if (!files.try_emplace(record.number, std::move(members)).second) return;
  growKnown();
}

void Engine::Impl::growKnown() {
  for (bool isGrowing = true; isGrowing;) {
    uint64_t before = unreadBroods;
    for (uint32_t loop = 0; loop < m.loops.size(); ++loop) {
      if (plan.loop(loop).isStatic) continue;
      for (uint32_t n = 0; n < state.loops[loop].broods.size(); ++n)
        examineBrood(ir::LoopId{loop}, n);
    }
    isGrowing = unreadBroods < before;
  }
}

void Engine::Impl::applyStart(InstanceId id, const Record& record, bool isSubmit) {
  Instance& instance = state.at(id);
  if (instance.phase == Phase::Ended || isVoid(id, record.attempt)) return;
  Attempt& attempt = attemptFor(id, record.attempt);
  if (attempt.hasEnded) return;
  if (!isSubmit || attempt.line == 0) attempt.line = keep(record);
  if (!isSubmit) noteFirst(attempt.started = record.time);
  bool isCounted = instance.phase == Phase::Running;
  if (instance.phase == Phase::Ready) dequeue(id);
  instance.phase = Phase::Running;
  if (isSubmit)
    instance.isSubmitted = true;
  else
    instance.isStarted = true;
  if (!isCounted) noteStarted(id, record.time);
  if (m.families[id.family].role == ir::Family::Wait) waits.insert(id);
}

llvm::SmallVector<ir::Outcome> Engine::Impl::countedBefore(InstanceId id, uint32_t n) const {
  llvm::SmallVector<ir::Outcome> ends;
  for (uint32_t at = headOf(id); at != kNone; at = state.attempts[at].previous) {
    const Attempt& attempt = state.attempts[at];
    if (attempt.isPast) break;
    bool counts = attempt.n < n && attempt.n != 0 && attempt.hasEnded && !attempt.slice;
    if (counts && !attempt.uncounted) ends.push_back(attempt.outcome);
  }
  return ends;
}

std::optional<int64_t> Engine::Impl::retryAfter(InstanceId id, ir::Outcome outcome) const {
  const ir::Family& family = m.families[id.family];
  if (!family.task.valid() || state.at(id).isLate) return std::nullopt;
  return run::retryAfter(m[family.task], outcome, countedBefore(id, UINT32_MAX));
}

namespace {

/// Its wrapper died, or it never began.
bool hasDied(ir::Outcome outcome, int64_t started) {
  return outcome == ir::Outcome::NodeLost || started == 0;
}

/// One more attempt died, after as many in a row as count against no limit.
bool diesAgain(const State& state, uint32_t last, const Record& record) {
  if (!hasDied(record.outcome, record.started)) return false;
  uint32_t deaths = 0;
  for (uint32_t at = last; at != kNone; at = state.attempts[at].previous) {
    const Attempt& earlier = state.attempts[at];
    if (earlier.n == record.attempt) continue;
    if (earlier.isPast || !earlier.uncounted || !hasDied(earlier.outcome, earlier.started)) break;
    ++deaths;
  }
  return deaths >= kDeathsInARow;
}

}  // namespace

void Engine::Impl::applyEnd(InstanceId id, const Record& record) {
  Instance& instance = state.at(id);
  bool isPast = isVoid(id, record.attempt);
  Attempt& attempt = attemptFor(id, record.attempt);
  if (attempt.hasEnded || (instance.phase == Phase::Ended && !isPast)) return;
  attempt.isPast = isPast;
  attempt.hasEnded = true;
  attempt.outcome = record.outcome;
  attempt.slice = record.slice;
  attempt.uncounted = record.uncounted && !diesAgain(state, headOf(id), record);
  attempt.exit = static_cast<int16_t>(record.exit);
  attempt.signal = static_cast<int16_t>(record.signal);
  noteFirst(attempt.started = record.started);
  attempt.ended = record.ended;
  attempt.line = keep(record);
  // Only for who asks what happened.
  if (isPast) return;
  int64_t ended = attempt.ended;
  if (instance.phase == Phase::Running) {
    noteStopped(id);
    // It holds nothing any more: what follows must not give it back a second time.
    instance.phase = Phase::Waiting;
  }
  spendHours(id, record);
  waits.erase(id);
  late.erase(id);
  instance.isSubmitted = instance.isStarted = false;
  if (record.outcome == ir::Outcome::Ok || record.outcome == ir::Outcome::NoData) {
    if (!record.slice) return endInstance(id, record.outcome);
  }
  if (attempt.uncounted || record.slice) {
    instance.phase = Phase::Waiting;
    if (isBegun) mark({Reader::OfInstance, id.family, id.iteration});
    return;
  }
  std::optional<int64_t> delay = retryAfter(id, record.outcome);
  if (!delay || isCutByStop(id)) return endInstance(id, record.outcome);
  instance.phase = Phase::Delayed;
  delays.insert({ended + *delay, id});
}

void Engine::Impl::countEnd(InstanceId id, ir::Outcome outcome) {
  const ir::Family& f = m.families[id.family];
  uint32_t at = id.iteration;
  for (size_t d = f.loops.size(); d-- > 0;) {
    at = state.loops[f.loops[d].index()].iterations[at].parent;
    Tally& tally = state.families[id.family].tallies[d][at];
    ++tally.ended;
    tally.ok += outcome == ir::Outcome::Ok;
    tally.bad += isBad(outcome);
    tally.unchosen += state.at(id).isUnchosen;
    bool isNews = tally.isComplete() || tally.isEager || (isBad(outcome) && tally.bad == 1);
    if (isNews) wake(tally.watch);
  }
}

void Engine::Impl::endInstance(InstanceId id, ir::Outcome outcome) {
  Instance& instance = state.at(id);
  if (instance.phase == Phase::Ready) dequeue(id);
  if (instance.phase == Phase::Running) noteStopped(id);
  instance.phase = Phase::Ended;
  instance.outcome = outcome;
  waits.erase(id);
  late.erase(id);
  --liveInstances;
  countEnd(id, outcome);
  wakeReaders(id);
  if (!m.families[id.family].temp || outcome != ir::Outcome::Ok) releaseBudgets(id);
  const FamilyPlan& fp = plan.family(id.family);
  for (uint32_t stop : fp.stops) {
    ir::Outcome counted = m.stops[stop].outcome;
    if (outcome != counted && !(counted == ir::Outcome::Failed && isFailure(outcome))) continue;
    if (++stopCounts[stop] == m.stops[stop].count) stopsHit.insert(stop);
  }
  closeIterations(fp, whereOf(id));
  noteHooks(id, outcome);
  noteTemps(id);
  noteChanged(id, outcome);
}

void Engine::Impl::closeIterations(const FamilyPlan& family, Where where) {
  for (uint32_t limit : family.limits) {
    ir::LoopId loop = m.limits[limit].loop;
    if (!loop.valid() || m.limits[limit].perMs > 0) continue;
    std::optional<uint32_t> iteration = iterationOf(where, loop);
    LimitState& l = limits[limit];
    if (!iteration || !l.iterations.contains(*iteration) || !isIterationOver(loop, *iteration))
      continue;
    l.iterations.erase(*iteration);
    --l.open;
    if (static_cast<int64_t>(l.open) <= m.limits[limit].refill) l.isDraining = false;
  }
}

void Engine::Impl::noteRead(ir::LoopId loop, uint32_t parent) {
  const Where where{m[loop].parent, parent};
  for (auto [family, depth] : plan.loop(loop.index()).below) {
    closeIterations(plan.family(family.index()), where);
    checkTempsOf(family.index(), where, depth);
  }
}

void Engine::Impl::noteHooks(InstanceId id, ir::Outcome outcome) {
  for (ir::FamilyId hook : plan.family(id.family).hooks) {
    const ir::Family& h = m[hook];
    bool isMeant = h.hook.event == "ended" && h.hook.outcomes.empty();
    for (ir::Outcome wanted : h.hook.outcomes)
      isMeant |= wanted == outcome || (wanted == ir::Outcome::Failed && isFailure(outcome));
    if (!isMeant) continue;
    std::optional<uint32_t> iteration =
        h.loops.empty() ? std::optional<uint32_t>(0) : iterationOf(whereOf(id), h.loops.back());
    if (!iteration) continue;
    InstanceId due{hook.index(), *iteration};
    if (state.at(due).phase == Phase::Ended) continue;
    state.at(due).phase = Phase::Ready;
    hooksDue.insert(due);
  }
}

bool Engine::Impl::isIterationOver(ir::LoopId loop, uint32_t iteration) const {
  for (auto [family, depth] : plan.loop(loop.index()).below) {
    Term term{family.index(), depth + 1, iteration};
    bool isLeaf = term.depth == m[family].loops.size();
    if (isLeaf && state.at({term.family, iteration}).phase == Phase::Absent) continue;
    if (!countsOf(term).isComplete()) return false;
  }
  return true;
}

void Engine::Impl::noteStarted(InstanceId id, int64_t time) {
  ++runningCount;
  for (uint32_t limit : plan.family(id.family).limits) {
    const ir::Limit& l = m.limits[limit];
    LimitState& s = limits[limit];
    if (l.loop.valid()) {
      uint32_t iteration = *iterationOf(whereOf(id), l.loop);
      if (!s.iterations.insert(iteration).second) continue;
      unpark(limit, iteration);
    }
    ++s.open;
    if (l.refill >= 0 && static_cast<int64_t>(s.open) >= s.count) s.isDraining = true;
    if (l.perMs <= 0) continue;
    s.starts.push_back(time);
    if (static_cast<int64_t>(s.starts.size()) > s.count) s.starts.pop_front();
  }
  // What a temp's first attempt took is held until the temp is gone.
  std::optional<Attempt> last = lastOf(id);
  bool isAgain = last && last->previous != kNone && !state.attempts[last->previous].isPast;
  bool isHeld = m.families[id.family].temp && last && (last->hasEnded || isAgain);
  for (uint32_t n = 0; !isHeld && n < m.budgets.size(); ++n) budgetHeld[n] += budgetNeed(id, n);
  takeHours(id);
}

void Engine::Impl::noteFirst(int64_t started) {
  if (started != 0 && (firstStarted == 0 || started < firstStarted)) firstStarted = started;
}

void Engine::Impl::noteStopped(InstanceId id) {
  --runningCount;
  for (uint32_t limit : plan.family(id.family).limits) {
    if (m.limits[limit].loop.valid()) continue;
    LimitState& s = limits[limit];
    --s.open;
    if (static_cast<int64_t>(s.open) <= m.limits[limit].refill) s.isDraining = false;
  }
  // An attempt that is not the last gives back what it held; the next one takes it again.
  bool isKept = m.families[id.family].temp;
  for (uint32_t n = 0; !isKept && n < m.budgets.size(); ++n) budgetHeld[n] -= budgetNeed(id, n);
  giveHours(id);
}

void Engine::Impl::releaseBudgets(InstanceId id) {
  std::optional<Attempt> last = lastOf(id);
  if (!m.families[id.family].temp || !last || last->n == 0) return;
  for (uint32_t n = 0; n < m.budgets.size(); ++n) budgetHeld[n] -= budgetNeed(id, n);
}

unsigned Engine::Impl::sharedLoops(uint32_t reader, uint32_t producer, ir::RefId ref) const {
  const std::vector<ir::LoopId>&own = m.families[reader].loops, &other = m.families[producer].loops;
  unsigned shared = 0;
  while (ref.valid() && shared < own.size() && shared < other.size() &&
         own[shared] == other[shared] && m[ref].indices[shared].kind == ir::IndexPattern::Same)
    ++shared;
  return shared;
}

bool Engine::Impl::hasFailedReader(const Term& below, ir::RefId ref, InstanceId producer) const {
  std::vector<InstanceId> leaves;
  leavesOf(below, leaves);
  return std::any_of(leaves.begin(), leaves.end(), [&](InstanceId leaf) {
    if (!isBad(state.at(leaf).outcome)) return false;
    std::vector<InstanceId> named;
    for (const Wait& wait : plan.family(leaf.family).waits) {
      if (wait.ref != ref) continue;
      for (const Term& term : termsOfWait(wait, whereOf(leaf)).list) leavesOf(term, named);
    }
    return !ref.valid() || std::find(named.begin(), named.end(), producer) != named.end();
  });
}

bool Engine::Impl::areReadersDone(InstanceId id, bool& hasFailed) const {
  for (auto [reader, ref] : plan.readers(id.family)) {
    const ir::Family& r = m[reader];
    if (r.role == ir::Family::Hook || (ref.valid() && !readsFiles(m, m[ref]))) continue;
    // What it shares with the producer, index by index; below that, all of it must have ended.
    unsigned shared = sharedLoops(reader.index(), id.family, ref);
    uint32_t at = shared == 0 ? 0 : *iterationOf(whereOf(id), r.loops[shared - 1]);
    if (shared == r.loops.size() && state.at({reader.index(), at}).phase == Phase::Absent) continue;
    Tally tally = countsOf({reader.index(), shared, at});
    if (!tally.isComplete()) return false;
    hasFailed |= tally.bad > 0 && hasFailedReader({reader.index(), shared, at}, ref, id);
  }
  return true;
}

void Engine::Impl::checkTemp(InstanceId id) {
  const ir::Family& family = m.families[id.family];
  const Instance& instance = state.at(id);
  if (!family.temp || family.keep || instance.isRemoved || instance.phase != Phase::Ended ||
      instance.outcome != ir::Outcome::Ok)
    return;
  bool hasFailed = false;
  if (!areReadersDone(id, hasFailed) || (hasFailed && family.keepOnFailed)) return;
  removalsDue.insert(id);
}

void Engine::Impl::checkTempsOf(uint32_t reader, Where where, unsigned depth) {
  for (auto [producer, ref] : plan.family(reader).temps) {
    unsigned shared = std::min(depth, sharedLoops(reader, producer.index(), ref));
    uint32_t at = shared == 0 ? 0 : *iterationOf(where, m.families[reader].loops[shared - 1]);
    if (!isBegun || !countsOf({reader, shared, at}).isComplete()) continue;
    std::vector<InstanceId> leaves;
    leavesOf({producer.index(), shared, at}, leaves);
    for (InstanceId leaf : leaves) checkTemp(leaf);
  }
}

void Engine::Impl::noteTemps(InstanceId id) {
  if (!isBegun) return;
  checkTemp(id);
  checkTempsOf(id.family, whereOf(id), static_cast<unsigned>(m.families[id.family].loops.size()));
}

}  // namespace wfc::run
