// The questions of backend.h that need no file of their own: stop, ask, whose.
#include "targets/slurm/backend/backend.h"

#include <cstdio>
#include <map>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/calls.h"
#include "targets/slurm/backend/drift.h"
#include "targets/slurm/backend/files.h"
#include "targets/slurm/backend/pool.h"
#include "targets/slurm/backend/scheduler.h"
#include "targets/slurm/backend/spread.h"
#include "targets/slurm/backend/start.h"
#include "targets/slurm/backend/step.h"
#include "targets/slurm/backend/table.h"
#include "targets/slurm/backend/task.h"
#include "targets/slurm/backend/wish.h"

namespace wfc::slurm {

namespace {

/// Ids of the run's own submissions that may still be in the queue.
std::vector<std::string> ownJobs(const Table& table) {
  std::vector<std::string> jobs;
  for (const Entry& entry : table.entries()) {
    if (!entry.id.empty() && !entry.isGone && !table.isGone(entry.id)) jobs.push_back(entry.id);
  }
  return jobs;
}

/// Bodies that were told to end leave their records within their grace; the step at the end takes
/// them in.
int stop(const std::string& run) {
  Calls calls(run);
  Table table(run);
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (view == nullptr) {
    std::fprintf(stderr, "wfr: %s\n", error.c_str());
    return run::abi::WrongUse;
  }
  Submitter submitter(run, view->header, view->plan->module(), calls, table);
  std::vector<std::string> jobs =
      submitter.findCutOff() ? ownJobs(table) : std::vector<std::string>();
  Reply reply = jobs.empty() ? Reply{0, {}, {}} : calls.cancel(jobs);
  if (!reply.isGood()) {
    std::fprintf(stderr, "wfr: scancel: %s\n", reply.complaint().c_str());
    return run::abi::LostControl;
  }
  for (int round = 0; round < 60; ++round) {
    std::optional<std::vector<QueueRow>> rows = calls.queue(table.commentPrefix());
    bool isAlive = false;
    if (rows) {
      for (const QueueRow& row : *rows) isAlive |= isAliveState(row.state);
    }
    if (!isAlive) break;
    ::usleep(1000000);
  }
  StepResult result = takeStep(run, StepKind::Sweep);
  return result.exit == run::abi::Refused ? run::abi::Good : result.exit;
}

std::vector<run::Alive> ask(const std::string& run, llvm::ArrayRef<run::Asked> attempts) {
  Calls calls(run);
  Table table(run);
  std::optional<std::vector<QueueRow>> rows = calls.queue(table.commentPrefix());
  if (!rows) return std::vector<run::Alive>(attempts.size(), run::Alive::Unknown);
  std::map<std::string, std::string> states;
  for (const QueueRow& row : *rows) states[row.job] = row.state;
  std::vector<run::Alive> answers;
  for (const run::Asked& asked : attempts) {
    auto found = states.find(asked.job);
    answers.push_back(found != states.end() && isAliveState(found->second) ? run::Alive::Yes
                                                                           : run::Alive::No);
  }
  return answers;
}

std::string whose(const std::string& run, llvm::StringRef job) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (view == nullptr) return {};
  view->engine->settle(0);
  Table table(run);
  for (const Entry& entry : table.entries()) {
    std::optional<uint32_t> family = view->plan->familyNamed(entry.family);
    if (!family) continue;
    for (uint32_t index : entry.indices) {
      uint32_t iteration = entry.offset + index;
      bool isKnown = iteration < view->engine->state().families[*family].instances.size();
      if (isKnown && entry.jobOf(iteration) == job) return view->engine->idOf({*family, iteration});
    }
  }
  return {};
}

std::string runOf(llvm::StringRef job) {
  if (job.empty() || job.find_first_not_of("0123456789_") != llvm::StringRef::npos) return {};
  // Every job of a run writes its log there.
  std::string log = Calls("").outputOf(job);
  size_t at = log.rfind(fmt::format("/{}/jobs/", run::abi::kLogsDir));
  return at == std::string::npos ? "" : log.substr(0, at);
}

/// What runs in a pool waits for it, or for room on its nodes.
std::string standingInPool(const std::string& run, const std::string& family) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  std::optional<uint32_t> index = view ? view->plan->familyNamed(family) : std::nullopt;
  if (!index) return {};
  const std::string& pool = view->plan->module().families[*index].pool;
  Table table(run);
  std::string job = pool.empty() ? "" : jobOfPool(table, pool);
  std::string refused = refusalOf(run, pool.empty() ? family : pool);
  if (job.empty() && !refused.empty())
    return fmt::format("{} was not submitted: {}", pool.empty() ? "it" : "the pool `" + pool + "`",
                       refused);
  if (job.empty()) return {};
  std::string word = Calls("").standingOf(job), before = earlierEndOf(table, pool);
  return fmt::format("for a node of the pool `{}`, job {}{}{}", pool, job,
                     word.empty() ? "" : ": " + word,
                     before.empty() ? "" : "; the allocation before ended " + before);
}

std::string standing(const std::string& run, const std::string& family, uint32_t iteration) {
  std::string job = Table(run).owner(family, iteration);
  if (job.empty()) return standingInPool(run, family);
  // Looking is no call of the run's own.
  std::string word = Calls("").standingOf(job);
  return fmt::format("in the queue as job {}{}", job, word.empty() ? "" : ": " + word);
}

std::string leftOutside(const std::string& run) {
  std::optional<std::vector<QueueRow>> rows = Calls("").queue(Table(run).commentPrefix());
  if (!rows) return "SLURM does not answer";
  for (const QueueRow& row : *rows)
    if (isAliveState(row.state)) return fmt::format("job {} of it is in the queue", row.job);
  return {};
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend slurm = [] {
    run::Backend all = {"slurm", start, step, stop, ask, nullptr, task, planSubmission};
    all.whose = whose;
    all.runOf = runOf;
    all.standing = standing;
    all.scheduler = &scheduler();
    all.wish = wish;
    all.drift = drift;
    all.leftOutside = leftOutside;
    all.spread = spread;
    all.hasNodeDisks = true;
    return all;
  }();
  return slurm;
}

}  // namespace wfc::slurm
