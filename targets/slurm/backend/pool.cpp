// See pool.h.
#include "targets/slurm/backend/pool.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

#include "compiler/ir/planned.h"

#include "runtime/control/loop.h"
#include "targets/slurm/backend/files.h"
#include "targets/slurm/backend/pool_hands.h"
#include "targets/slurm/backend/step.h"

namespace wfc::slurm {

namespace {

using run::InstanceId;
using run::Phase;

constexpr int64_t kPoolLeaseMs = 60000;

/// Set by TERM: the scheduler, or a person, ends this job.
volatile std::sig_atomic_t isTold = 0;

bool isStopped(const std::string& run) {
  return run::readFile(fmt::format("{}/{}", run, run::abi::kStopFile)).has_value();
}

/// Steps hold the lease for seconds. Null: the job is ended first, or the run is no more.
std::unique_ptr<run::Controller> openForLong(const std::string& run, int& exit) {
  while (true) {
    std::string error;
    auto controller =
        run::Controller::open(run, {kPoolLeaseMs, ownJob(), isHolderGone}, error, exit);
    bool isToWait = controller == nullptr && exit == run::abi::Refused && isTold == 0;
    if (!isToWait) {
      if (controller == nullptr) std::printf("wfr: %s\n", error.c_str());
      return controller;
    }
    ::usleep(300000);
  }
}

int64_t endOfOwnJob() {
  int64_t seconds = 0;
  const char* text = std::getenv("SLURM_JOB_END_TIME");
  if (text == nullptr || llvm::StringRef(text).getAsInteger(10, seconds)) return INT64_MAX;
  return seconds * 1000;
}

/// True if it left in peace.
bool workOn(run::Controller& controller, Submitter& submitter, const std::string& pool) {
  PoolHands hands(controller, submitter, pool, endOfOwnJob(), [] { return isTold != 0; });
  if (std::string wrong = hands.open(); !wrong.empty()) {
    std::printf("wfr: %s\n", wrong.c_str());
    return false;
  }
  run::StartOptions options;
  options.run = controller.run();
  int exit = run::runLoop(controller, options, hands);
  return hands.hasLeftInPeace() || exit == run::abi::Stopped;
}

/// How often the pool was ended with work left.
int64_t timesBroken(const Table& table, const std::string& run, llvm::StringRef pool) {
  int64_t count = 0;
  for (const Entry& entry : table.entries()) {
    if (entry.kind != Entry::Pool || entry.family != pool || entry.id.empty()) continue;
    bool hasBegun = ::access(poolMark(run, entry.id, "begun").c_str(), F_OK) == 0;
    count += hasBegun && ::access(poolMark(run, entry.id, "left").c_str(), F_OK) != 0;
  }
  return count;
}

/// Its allocation ended for good with work left.
void giveUp(run::Controller& controller, const ir::Pool& pool, int64_t now) {
  run::Engine& engine = controller.engine();
  const ir::Module& module = engine.plan().module();
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
      settle.outcome = ir::Outcome::TimedOut;
      settle.text =
          "the allocation of its pool ended with work left, as often as its retries allow";
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

bool isWithPool(const std::string& run) {
  Table table(run);
  for (const Entry& entry : table.entries()) {
    bool isLive = entry.kind == Entry::Pool && !entry.isGone && !table.isGone(entry.id);
    if (isLive && ::access(poolMark(run, entry.id, "begun").c_str(), F_OK) == 0) return true;
  }
  return false;
}

std::string openPool(run::Controller& controller, Submitter& submitter, const ir::Pool& pool,
                     int64_t now) {
  for (const ir::Pool& other : controller.engine().plan().module().pools)
    if (!jobOfPool(submitter.table(), other.name).empty()) return {};
  const ir::Task& task = controller.engine().plan().module()[pool.task];
  int64_t most = 0;
  for (const ir::Retry& retry : task.retries) most += retry.count;
  if (timesBroken(submitter.table(), controller.run(), pool.name) > most) {
    giveUp(controller, pool, now);
    return {};
  }
  Submitted submitted = submitter.pool(pool);
  noteRefusal(controller.run(), pool.name,
              submitted.refusal == Refusal::None ? "" : submitted.error);
  if (submitted.refusal == Refusal::None || submitted.refusal == Refusal::Full) return {};
  return fmt::format("the pool `{}` was not submitted: {}", pool.name, submitted.error);
}

int holdPool(const std::string& run, const std::string& pool) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { isTold = 1; });
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  run::makeFolders(fmt::format("{}/{}/pools", run, run::abi::kLedgerDir));
  run::writeWhole(poolMark(run, ownJob(), "begun"), "", true);
  int exit = 0;
  bool isPeaceful = false;
  if (std::unique_ptr<run::Controller> controller = openForLong(run, exit)) {
    Calls calls(run);
    Table table(run);
    Submitter submitter(run, controller->view().header, controller->view().plan->module(), calls,
                        table);
    isPeaceful = workOn(*controller, submitter, pool);
    table.gone(ownJob());
  }
  if (isPeaceful || isStopped(run)) run::writeWhole(poolMark(run, ownJob(), "left"), "", true);
  // What follows is for steps again.
  StepResult result = takeStep(run, StepKind::Sweep);
  if (!result.error.empty()) std::printf("wfr: %s\n", result.error.c_str());
  return exit == run::abi::Refused ? 0 : exit;
}

}  // namespace wfc::slurm
