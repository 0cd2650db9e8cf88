// See wish.h.
#include "targets/slurm/backend/wish.h"

#include <cstdio>
#include <set>
#include <unistd.h>

#include <fmt/format.h>

#include "targets/slurm/backend/pool.h"
#include "targets/slurm/backend/step.h"

namespace wfc::slurm {

namespace {

using run::InstanceId;
using run::Phase;

/// A body is given its grace; then the next steps go on looking.
constexpr int64_t kPatienceMs = 60000;

std::string ownerOf(run::Controller& controller, Submitter& submitter, InstanceId id) {
  const ir::Module& module = controller.engine().plan().module();
  return submitter.table().owner(module.families[id.family].name, id.iteration);
}

void cancel(Submitter& submitter, const std::vector<std::string>& jobs) {
  if (jobs.empty()) return;
  for (const std::string& job : jobs) submitter.table().gone(job);
  submitter.calls().cancel(jobs);
}

/// Holds what is to be held and releases what was; a job that has begun meanwhile refuses, rightly.
void sayHolds(run::Controller& controller, Submitter& submitter) {
  run::Engine& engine = controller.engine();
  Table& table = submitter.table();
  std::vector<std::string> hold = {"hold"}, release = {"release"};
  engine.forEach([&](InstanceId id) {
    const run::Instance& instance = engine.state().at(id);
    if (instance.phase == Phase::Ended || instance.isStarted) return;
    std::string job = ownerOf(controller, submitter, id);
    if (job.empty()) return;
    bool isHeld = !engine.mayStart(id);
    if (isHeld == table.held().contains(job)) return;
    table.noteHeld(job, isHeld);
    (isHeld ? hold : release).push_back(job);
  });
  if (hold.size() > 1) submitter.calls().scontrol(hold);
  if (release.size() > 1) submitter.calls().scontrol(release);
}

/// Arrays whose family has one limit of its own carry it themselves.
void sayLimits(run::Controller& controller, Submitter& submitter) {
  const run::Engine& engine = controller.engine();
  const ir::Module& module = engine.plan().module();
  std::vector<std::string> lines;
  for (const Entry& entry : submitter.table().entries()) {
    std::optional<uint32_t> family = engine.plan().familyNamed(entry.family);
    bool isLive = entry.kind == Entry::Work && !entry.isSingle && !entry.id.empty() &&
                  !entry.isGone && entry.isHeld && family;
    if (!isLive) continue;
    for (uint32_t n : engine.plan().family(*family).limits) {
      const ir::Limit& limit = module.limits[n];
      bool isOwn = !limit.loop.valid() && limit.families.size() == 1 && limit.perMs == 0;
      if (isOwn)
        lines.push_back(
            fmt::format("update JobId={} ArrayTaskThrottle={}", entry.id, engine.limitCount(n)));
    }
  }
  // Ended arrays complain.
  if (!lines.empty()) submitter.calls().control(lines);
}

}  // namespace

void cancelReopened(run::Controller& controller, Submitter& submitter,
                    const run::Reopening& reopening) {
  std::vector<std::string> jobs;
  std::set<std::string> pools;
  const ir::Module& module = controller.engine().plan().module();
  for (const run::Reopening::Item& item : reopening.items) {
    const std::string& pool = module.families[item.instance.family].pool;
    if (!pool.empty()) pools.insert(pool);
    std::string job = ownerOf(controller, submitter, item.instance);
    // Ended ones have left by themselves; the job that asks does so in a moment.
    if (job.empty()) continue;
    bool hasEnded = controller.engine().state().at(item.instance).phase == Phase::Ended;
    if (hasEnded || job == ownJob())
      submitter.table().gone(job);
    else
      jobs.push_back(job);
  }
  cancel(submitter, jobs);
  for (const std::string& pool : pools) submitter.table().past(pool);
}

bool endQueued(run::Controller& controller, Submitter& submitter, const run::Decisions& decisions,
               int64_t now) {
  std::vector<std::string> jobs;
  bool isAny = false;
  for (InstanceId id : decisions.ends) {
    if (controller.engine().state().at(id).isStarted) continue;
    std::string job = ownerOf(controller, submitter, id);
    if (!job.empty()) jobs.push_back(job);
    isAny = true;
  }
  cancel(submitter, jobs);
  // Its body may have begun in this very moment; then it has left its start.
  controller.ingest();
  for (InstanceId id : decisions.ends) {
    const run::Instance& instance = controller.engine().state().at(id);
    if (instance.phase == Phase::Running && !instance.isStarted) controller.endUnstarted(id, now);
  }
  return isAny;
}

void sayWishes(run::Controller& controller, Submitter& submitter) {
  sayHolds(controller, submitter);
  sayLimits(controller, submitter);
}

int wish(const std::string& run) {
  int64_t end = run::nowMs() + kPatienceMs;
  StepResult result;
  while (true) {
    result = takeStep(run, StepKind::Wish);
    // A step that holds the run takes the wish in.
    bool isRefused = !result.hadLease && result.exit == run::abi::Refused;
    if (isRefused && isWithPool(run)) return run::abi::Good;
    bool isDone = !isRefused && (!result.isWaiting || result.exit != 0);
    if (isDone || run::nowMs() > end) break;
    ::usleep(1000000);
  }
  if (!result.error.empty()) std::fprintf(stderr, "wfr: %s\n", result.error.c_str());
  return result.exit;
}

}  // namespace wfc::slurm
