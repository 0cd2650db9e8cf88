// See pool.h.
#include "targets/slurm/backend/pool.h"

#include <csignal>
#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/ir/planned.h"

#include "runtime/control/loop.h"
#include "runtime/engine/retry.h"
#include "targets/slurm/backend/files.h"
#include "targets/slurm/backend/pool_hands.h"
#include "targets/slurm/backend/step.h"

namespace wfc::slurm {

namespace {

using run::Phase;

constexpr int64_t kPoolLeaseMs = 60000;

/// Set by TERM: the scheduler, or a person, ends this job.
volatile std::sig_atomic_t isPoolTold = 0;

/// Steps hold the lease for seconds. Null: the job is ended first, or the run is no more.
std::unique_ptr<run::Controller> openForLong(const std::string& run, int& exit) {
  while (true) {
    std::string error;
    auto controller =
        run::Controller::open(run, {kPoolLeaseMs, ownJob(), isHolderGone}, error, exit);
    bool isToWait = controller == nullptr && exit == run::abi::Refused && isPoolTold == 0;
    if (!isToWait) {
      if (controller == nullptr) std::printf("wfr: %s\n", error.c_str());
      return controller;
    }
    ::usleep(300000);
  }
}

/// All of it; how it ended.
AllocationEnd workOn(run::Controller& controller, Submitter& submitter, const std::string& pool,
                     int& exit) {
  PoolHands hands(controller, submitter, pool, submitter.calls().endOf(ownJob()),
                  [] { return isPoolTold != 0; });
  if (std::string wrong = hands.open(); !wrong.empty()) {
    std::printf("wfr: %s\n", wrong.c_str());
    return {ir::Outcome::Failed, false, wrong};
  }
  run::StartOptions options;
  options.run = controller.run();
  exit = run::runLoop(controller, options, hands);
  if (exit == run::abi::LostControl)
    return {ir::Outcome::NodeLost, true, "its controller lost the run"};
  exit = run::abi::Good;
  return hands.end();
}

void noteOwnEnd(Table& table, AllocationEnd end) {
  if (end.outcome != ir::Outcome::Ok) {
    end.why += fmt::format(" [job {}]", ownJob());
    std::printf("wfr: it ends %s, %s\n", ir::name(end.outcome).str().c_str(), end.why.c_str());
  }
  end.time = run::nowMs();
  table.ended(ownJob(), end);
  table.gone(ownJob());
}

/// What its allocations came to that count against its retries.
struct Past {
  llvm::SmallVector<ir::Outcome> counted;
  const AllocationEnd* last = nullptr;  ///< the last of all, if it counts
};

Past pastOf(const Table& table, llvm::StringRef pool) {
  Past past;
  uint32_t deaths = 0;
  for (const Entry& entry : table.entries()) {
    if (entry.kind != Entry::Pool || entry.family != pool || !entry.end) continue;
    const AllocationEnd& end = *entry.end;
    deaths = end.uncounted ? deaths + 1 : 0;
    bool isPeaceful = end.outcome == ir::Outcome::Ok;
    bool counts = !isPeaceful && (!end.uncounted || deaths > run::kDeathsInARow);
    past.last = counts ? &end : nullptr;
    if (counts) past.counted.push_back(end.outcome);
  }
  return past;
}

/// Its allocation ended for good with work left, which ends as it did.
void giveUp(run::Controller& controller, const ir::Pool& pool, const AllocationEnd& end,
            int64_t now) {
  run::Engine& engine = controller.engine();
  const ir::Module& module = engine.plan().module();
  bool isNamed = llvm::any_of(module[pool.task].retries, [&](const ir::Retry& retry) {
    return llvm::is_contained(retry.causes, end.outcome);
  });
  std::string why =
      fmt::format("the allocation of its pool ended {}, {}; the pool has no {} that",
                  ir::name(end.outcome).str(), end.why, isNamed ? "retry left for" : "retry on");
  for (uint32_t f = 0; f < module.families.size(); ++f) {
    if (module.families[f].pool != pool.name) continue;
    size_t count = engine.state().families[f].instances.size();
    for (uint32_t n = 0; n < count; ++n) {
      Phase phase = engine.state().families[f].instances[n].phase;
      if (phase != Phase::Ready && phase != Phase::Delayed) continue;
      std::string name = engine.idOf({f, n});
      run::Record settle;
      settle.kind = run::Record::Settle;
      settle.time = now;
      settle.instance = name;
      settle.outcome = end.outcome;
      settle.text = why;
      controller.take(settle);
    }
  }
}

}  // namespace

std::string jobOfPool(const Table& table, llvm::StringRef pool) {
  for (const Entry& entry : table.entries()) {
    bool isLive = entry.kind == Entry::Pool && !entry.isGone && !table.isGone(entry.id);
    if (isLive && entry.family == pool) return entry.id;
  }
  return {};
}

std::string earlierEndOf(const Table& table, llvm::StringRef pool) {
  for (const Entry& entry : llvm::reverse(table.entries())) {
    if (entry.kind != Entry::Pool || entry.family != pool || !entry.end) continue;
    if (entry.end->outcome == ir::Outcome::Ok) return {};
    return fmt::format("{}, {}", ir::name(entry.end->outcome).str(), entry.end->why);
  }
  return {};
}

bool isWithPool(const std::string& run) {
  Table table(run);
  for (const Entry& entry : table.entries()) {
    bool isLive = entry.kind == Entry::Pool && !entry.isGone && !table.isGone(entry.id);
    if (isLive && entry.hasBegun) return true;
  }
  return false;
}

std::string openPool(run::Controller& controller, Submitter& submitter, const ir::Pool& pool,
                     int64_t now) {
  for (const ir::Pool& other : controller.engine().plan().module().pools)
    if (!jobOfPool(submitter.table(), other.name).empty()) return {};
  const ir::Task& task = controller.engine().plan().module()[pool.task];
  int64_t at = 0;
  if (Past past = pastOf(submitter.table(), pool.name); past.last != nullptr) {
    std::optional<int64_t> delay = run::retryAfter(task, past.last->outcome, past.counted);
    if (!delay) {
      giveUp(controller, pool, *past.last, now);
      return {};
    }
    at = past.last->time + *delay;
  }
  // SLURM counts from the whole second that it is; nothing begins before its time.
  Submitted submitted = submitter.pool(pool, at <= now ? 0 : (at - now + now % 1000 + 999) / 1000);
  noteRefusal(controller.run(), pool.name,
              submitted.refusal == Refusal::None ? "" : submitted.error);
  if (submitted.refusal == Refusal::None || submitted.refusal == Refusal::Full) return {};
  return fmt::format("the pool `{}` was not submitted: {}", pool.name, submitted.error);
}

int holdPool(const std::string& run, const std::string& pool) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { isPoolTold = 1; });
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Table(run).begun(ownJob());
  int exit = 0;
  if (std::unique_ptr<run::Controller> controller = openForLong(run, exit)) {
    Calls calls(run);
    Table table(run);
    Submitter submitter(run, controller->view().header, controller->view().plan->module(), calls,
                        table);
    // Before the lease is left: whoever has it next knows.
    noteOwnEnd(table, workOn(*controller, submitter, pool, exit));
  } else {
    bool isStopped = run::readFile(fmt::format("{}/{}", run, run::abi::kStopFile)).has_value();
    Table table(run);
    noteOwnEnd(table, isStopped ? AllocationEnd()
                                : AllocationEnd{ir::Outcome::NodeLost, true,
                                                "its controller was not given the run"});
  }
  // What follows is for steps again.
  StepResult result = takeStep(run, StepKind::Sweep);
  if (!result.error.empty()) std::printf("wfr: %s\n", result.error.c_str());
  return exit == run::abi::Refused ? 0 : exit;
}

}  // namespace wfc::slurm
