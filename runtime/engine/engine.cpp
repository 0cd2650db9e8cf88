// The public side: one pass of settling, and the answers to questions.
#include "runtime/engine/engine.h"

#include <fmt/format.h>

#include "compiler/ir/space.h"

#include "runtime/abi/abi.h"
#include "runtime/engine/impl.h"

namespace wfc::run {

Engine::Engine(const Plan& plan) : impl_(std::make_unique<Impl>(plan)) { impl_->begin(); }
Engine::~Engine() = default;

std::string Engine::apply(const Record& record) { return impl_->apply(record); }

void Engine::setLines(std::function<std::string(uint64_t)> lines) {
  impl_->lines = std::move(lines);
}

void Engine::setFolders(const std::string& run, const std::string& project,
                        const std::string& onNode) {
  impl_->runFolder = run + "/";
  impl_->projectFolder = project + "/";
  impl_->nodeFolder = onNode.empty() ? fmt::format("{}/{}", run, abi::kNodeDir) : onNode;
}

const std::string& Engine::nodeFolder() const { return impl_->nodeFolder; }

void Engine::Impl::addDeadline(InstanceId id) {
  int64_t wait = m.families[id.family].deadlineMs;
  const std::vector<ir::LoopId>& loops = m.families[id.family].loops;
  if (wait <= 0 || state.at(id).phase == Phase::Absent) return;
  int64_t from = runStarted;
  if (auto again = reopenedAt.find(id); again != reopenedAt.end()) from = again->second;
  // Of a cycle that comes with time, from its own instant.
  for (ir::LoopId loop : loops) {
    if (plan.loop(loop.index()).isOpen)
      from = std::max(from, elementOf(loop, *iterationOf(whereOf(id), loop)).i * 1000);
  }
  deadlines.insert({from + wait, id});
}

void Engine::Impl::beginSettling() {
  isBegun = true;
  recountLimits();
  sweepAt = {static_cast<uint32_t>(m.families.size()), 0};
  for (uint32_t family = 0; family < m.families.size(); ++family) {
    for (uint32_t n = 0; n < state.families[family].instances.size(); ++n) {
      InstanceId id{family, n};
      if (m.families[family].deadlineMs > 0) addDeadline(id);
      if (m.families[family].temp) checkTemp(id);
    }
  }
  for (uint32_t loop = 0; loop < m.loops.size(); ++loop) {
    if (plan.loop(loop).isStatic) continue;
    for (uint32_t n = 0; n < state.loops[loop].broods.size(); ++n) mark({Reader::OfBrood, loop, n});
  }
  for (uint32_t p = 0; p < m.publishes.size(); ++p) {
    const ir::Publish& publish = m.publishes[p];
    size_t count =
        publish.loops.empty() ? 1 : state.loops[publish.loops.back().index()].iterations.size();
    for (uint32_t n = 0; n < count; ++n) {
      if (publish.loops.empty() || !hasLeft({publish.loops.back(), n}))
        dirty.push_back({Reader::OfPublish, p, n});
    }
  }
}

void Engine::Impl::cutStopped(Decisions& out) {
  for (uint32_t stop : std::exchange(stopsHit, {})) {
    for (ir::FamilyId family : m.stops[stop].families) {
      for (uint32_t n = 0; n < state.families[family.index()].instances.size(); ++n) {
        const Instance& instance = state.at({family.index(), n});
        Phase phase = instance.phase;
        // What lies in a scheduler's queue does not run.
        bool isQueued = phase == Phase::Running && instance.isSubmitted && !instance.isStarted;
        if (phase == Phase::Waiting || phase == Phase::Ready || phase == Phase::Delayed || isQueued)
          settleAs({family.index(), n}, ir::Outcome::Cancelled,
                   fmt::format("stopped after {} failed ({})", m.stops[stop].count,
                               place(m, m.stops[stop].loc)),
                   out);
      }
    }
  }
}

void Engine::Impl::finishHooks(Decisions& out) {
  bool isAllOver = liveInstances == 0 && unreadBroods == 0;
  if (!isAllOver) return;
  bool isGood = true;
  for (uint32_t f = 0; f < m.families.size(); ++f) {
    if (m.families[f].role == ir::Family::Hook) continue;
    for (const Instance& instance : state.families[f].instances)
      isGood &= instance.phase == Phase::Absent || !isBad(instance.outcome);
  }
  for (uint32_t f = 0; f < m.families.size(); ++f) {
    const ir::Family& hook = m.families[f];
    if (hook.role != ir::Family::Hook || !hook.hook.of.empty()) continue;
    bool isMeant = hook.hook.event == "ended" || hook.hook.event == (isGood ? "ok" : "failed");
    for (uint32_t n = 0; isMeant && n < state.families[f].instances.size(); ++n) {
      if (state.at({f, n}).phase == Phase::Absent)
        state.at({f, n}).phase = Phase::Ready, hooksDue.insert({f, n});
    }
  }
  bool isOpen = false;
  for (ir::LoopId loop : plan.outermost()) isOpen |= plan.loop(loop.index()).isOpen;
  out.isOver = !isOpen;
}

Watch Engine::Impl::watchOf(InstanceId id) const {
  const ir::Family::WaitFor& wait = m.families[id.family].wait;
  Watch watch{id, {}, 0, wait.timeoutIsNoData};
  for (const std::vector<ir::Family::Awaited>& all : wait.any) {
    std::vector<Sight>& sights = watch.any.emplace_back();
    for (const ir::Family::Awaited& awaited : all) {
      Sight sight{{}, INT64_MAX, awaited.ageMs, awaited.bytes, awaited.freeBytes};
      ir::Result what = evaluate(awaited.what, whereOf(id));
      if (what && what.value->kind == ir::Value::Instant)
        sight.instant = what.value->i * 1000;
      else if (what)
        sight.path = what.value->s;
      sights.push_back(std::move(sight));
    }
  }
  std::optional<Attempt> attempt = lastOf(id);
  if (wait.timeoutMs > 0) watch.timeoutAt = (!attempt ? now : attempt->started) + wait.timeoutMs;
  return watch;
}

void Engine::Impl::gather(Decisions& out) {
  for (uint32_t n = 0; n < m.spaces.size(); ++n) {
    if (m.spaces[n].kind == ir::Space::Files && !files.contains(n))
      out.reads.push_back({ir::SpaceId{n}, m.spaces[n].text});
  }
  for (auto& [link, wish] : wanted) {
    auto has = links.find(link);
    bool isDone = has != links.end() && has->second.publish == wish.publish &&
                  has->second.iteration == wish.iteration &&
                  has->second.targets == moves[link].targets;
    if (!isDone) out.publishes.push_back(moves[link]);
  }
  gatherLost(out);
  out.removals.assign(removalsDue.begin(), removalsDue.end());
  for (InstanceId id : waits) out.watches.push_back(watchOf(id));
  for (InstanceId id : hooksDue) out.hooks.push_back({id, m.families[id.family].hook.event});
  out.kills.assign(late.begin(), late.end());
  out.hasAsked = !asked.empty();
  out.isOver = out.isOver && !out.hasAsked && out.publishes.empty() && out.removals.empty() &&
               out.hooks.empty();
}

void Engine::Impl::drain(Decisions& out) {
  while (!dirty.empty()) {
    Reader reader = dirty.back();
    dirty.pop_back();
    if (reader.kind == Reader::OfInstance)
      examine({reader.a, reader.iteration}, out);
    else
      examinePublish(reader.a, reader.iteration);
  }
}

void Engine::Impl::sweep(Decisions& out) {
  for (uint32_t family = sweepAt.family; family-- > 0;) {
    // What is examined may make others: they are marked.
    for (size_t n = state.families[family].instances.size(); n-- > 0;) {
      sweepAt = {family, static_cast<uint32_t>(n)};
      if (state.at(sweepAt).phase == Phase::Waiting) examine(sweepAt, out);
      drain(out);
    }
  }
  sweepAt = {0, 0};
}

Decisions Engine::settle(int64_t now) {
  Impl& e = *impl_;
  Decisions out;
  e.now = now;
  if (e.runStarted == 0) e.runStarted = now;
  e.extendOpen(now);
  if (!e.isBegun)
    e.beginSettling();
  else if (e.needsRecheck)
    e.recheck();
  e.needsRecheck = false;
  do {
    e.timers(out);
    e.examineBroods();
    e.drain(out);
    e.sweep(out);
    e.cutStopped(out);
    e.cutSpent(out);
  } while (!e.dirty.empty());
  out.next = 0;
  e.timers(out);
  e.finishHooks(out);
  e.gather(out);
  return out;
}

std::vector<Launch> Engine::choose(int64_t now, const std::function<Fit(const Launch&)>& take) {
  return impl_->choose(now, take);
}

const Plan& Engine::plan() const { return impl_->plan; }
const State& Engine::state() const { return impl_->state; }
std::optional<InstanceId> Engine::find(llvm::StringRef id) const { return impl_->find(id); }
std::optional<InstanceId> Engine::locate(llvm::StringRef id) {
  std::optional<InstanceId> found = impl_->find(id);
  if (found) return found;
  impl_->growKnown();
  return impl_->find(id);
}
std::string Engine::idOf(InstanceId id) const { return impl_->idOf(id); }
std::vector<std::string> Engine::keysOf(InstanceId id) const { return impl_->keysOf(id); }
Needs Engine::needsOf(InstanceId id, uint32_t attempt) const { return impl_->needsOf(id, attempt); }
std::string Engine::pathOf(InstanceId id, uint32_t output) const {
  return impl_->pathOf(id, output);
}
Details Engine::detailsOf(const Attempt& attempt) const { return impl_->detailsOf(attempt); }

ir::Scope Engine::scopeOf(InstanceId id, uint32_t attempt) const {
  return impl_->scopeAt(impl_->whereOf(id), id, attempt);
}

std::optional<int64_t> Engine::retryAfter(InstanceId id, ir::Outcome outcome) const {
  return impl_->retryAfter(id, outcome);
}

Counts Engine::counts() const {
  Counts counts;
  forEach([&](InstanceId id) {
    const Instance& instance = impl_->state.at(id);
    if (plan().module().families[id.family].role == ir::Family::Hook) return;
    ++counts.total;
    switch (instance.phase) {
      case Phase::Absent:
        break;
      case Phase::Waiting:
        ++counts.waiting;
        break;
      case Phase::Ready:
        ++counts.ready;
        break;
      case Phase::Running:
        ++counts.running;
        break;
      case Phase::Delayed:
        ++counts.delayed;
        break;
      case Phase::Ended:
        ++counts.ended[static_cast<size_t>(instance.outcome)];
        break;
    }
  });
  return counts;
}

void Engine::forEach(const std::function<void(InstanceId)>& visit) const {
  const ir::Module& m = plan().module();
  for (bool areHooks : {false, true}) {
    for (uint32_t f = 0; f < m.families.size(); ++f) {
      if ((m.families[f].role == ir::Family::Hook) != areHooks) continue;
      for (uint32_t n = 0; n < impl_->state.families[f].instances.size(); ++n) {
        if (impl_->state.at({f, n}).phase != Phase::Absent) visit({f, n});
      }
    }
  }
}

int Engine::exitStatus() const {
  Counts counts = this->counts();
  uint64_t bad = 0;
  for (size_t n = 0; n < 9; ++n) bad += isBad(static_cast<ir::Outcome>(n)) ? counts.ended[n] : 0;
  return bad == 0 ? abi::Good : abi::SomeFailed;
}

}  // namespace wfc::run
