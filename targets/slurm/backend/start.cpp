// The login node's part: it leaves nothing running but, with --wait, itself, which may be ended
// without harm.
#include "targets/slurm/backend/start.h"

#include <csignal>
#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

#include "compiler/ir/text.h"

#include "runtime/control/hold.h"
#include "targets/slurm/backend/ahead.h"
#include "targets/slurm/backend/files.h"
#include "targets/slurm/backend/pool.h"
#include "targets/slurm/backend/reconcile.h"
#include "targets/slurm/backend/step.h"
#include "targets/slurm/backend/submit_ahead.h"
#include "targets/slurm/backend/wish.h"

namespace wfc::slurm {

namespace {

constexpr int64_t kStartLeaseMs = 120000;
/// A step holds the lease for seconds; a start waits so long for it.
constexpr int64_t kStartPatienceMs = 20000;

std::string prepare(const run::StartOptions& options) {
  std::string folders[] = {fmt::format("{}/{}/jobs", options.run, run::abi::kLogsDir),
                           jobsFolder(options.run), callsFolder(options.run)};
  for (const std::string& folder : folders) {
    if (!run::makeFolders(folder)) return "cannot make " + folder;
  }
  return run::copyOnce(options, {});
}

int complain(int exit, const std::string& error) {
  std::fprintf(stderr, "wfr: %s\n", error.c_str());
  return exit;
}

std::unique_ptr<run::Controller> openPatiently(const std::string& run, std::string& error,
                                               int& exit) {
  int64_t end = run::nowMs() + kStartPatienceMs;
  while (true) {
    auto controller =
        run::Controller::open(run, {kStartLeaseMs, ownJob(), isHolderGone}, error, exit);
    bool isOver = exit != run::abi::Refused || run::nowMs() > end || isWithPool(run);
    if (controller != nullptr || isOver) return controller;
    ::usleep(300000);
  }
}

/// Flows that need steps were refused when they were built; this is for a plan that was changed
/// since.
std::string refusedHere(const run::Engine& engine, const Facts& facts) {
  if (facts.maySubmitFromCompute()) return {};
  Ahead ahead = planAhead(engine, {facts.arraySize(), UINT64_MAX, {}});
  for (const auto& [family, reason] : ahead.bySteps) {
    const ir::Family& f = engine.plan().module().families[family];
    if (f.role != ir::Family::Hook)
      return fmt::format("`{}` needs steps ({}), and the site's compute nodes may not submit",
                         f.name, reason);
  }
  return {};
}

/// The submission and one step, under the lease.
int begin(const run::StartOptions& options) {
  std::string error;
  int exit = 0;
  std::unique_ptr<run::Controller> controller = openPatiently(options.run, error, exit);
  if (controller == nullptr && exit == run::abi::Refused && isWithPool(options.run))
    return run::abi::Good;
  if (controller == nullptr) return complain(exit, error);
  Calls calls(options.run);
  Table table(options.run);
  Submitter submitter(options.run, controller->view().header, controller->view().plan->module(),
                      calls, table);
  std::string account;
  if (!submitter.facts().account({}, account, error)) return complain(run::abi::WrongUse, error);
  controller->onReopen = [&](const run::Reopening& reopening) {
    cancelReopened(*controller, submitter, reopening);
  };
  // Sets of files are read here, once, so families over them can go ahead too.
  controller->advance(run::nowMs());
  if (!controller->commit()) return complain(run::abi::LostControl, "the ledger cannot be written");
  if (error = refusedHere(controller->engine(), submitter.facts()); !error.empty())
    return complain(run::abi::WrongUse, error);
  if (!submitter.findCutOff())
    return complain(run::abi::LostControl, "SLURM does not answer; start again when it does");
  bool isKnown = !table.hasBegun() || reconcile(*controller, submitter);
  if (!isKnown)
    return complain(run::abi::LostControl, "SLURM does not answer; start again when it does");
  controller->advance(run::nowMs());
  if (error = submitAhead(*controller, submitter); !error.empty())
    return complain(run::abi::LostControl, error);
  StepResult result;
  if (error = advanceOnce(*controller, submitter, StepKind::Start, result); !error.empty())
    return complain(run::abi::LostControl, error);
  return run::abi::Good;
}

/// Watches the ledger; where nothing of the run is in the queue any more and it is not over, it
/// takes a step itself.
int attach(const std::string& run) {
  std::string before, error;
  int64_t lookedAt = run::nowMs();
  while (true) {
    int64_t began = run::nowMs();
    std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
    if (view == nullptr) return complain(run::abi::LostControl, error);
    if (run::readFile(fmt::format("{}/{}", run, run::abi::kStopFile)))
      return complain(run::abi::Stopped, "the run was stopped");
    std::string text = run::countsText(*view->engine);
    if (text != before) std::printf("%s\n", text.c_str());
    std::fflush(stdout);
    before = text;
    if (view->engine->state().isClosed) return view->engine->exitStatus();
    if (began - lookedAt > sweepSeconds() * 2000) {
      StepResult result = takeStep(run, StepKind::Sweep);
      if (result.exit == run::abi::LostControl) return complain(result.exit, result.error);
      lookedAt = run::nowMs();
    }
    ::usleep(static_cast<useconds_t>(std::max<int64_t>(1000, (run::nowMs() - began) * 20) * 1000));
  }
}

}  // namespace

int start(const run::StartOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  if (std::string error = prepare(options); !error.empty())
    return complain(run::abi::LostControl, error);
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(options.run, error);
  if (view == nullptr) return complain(run::abi::WrongUse, error);
  if (view->engine->state().isClosed) return view->engine->exitStatus();
  // Who starts takes back the wish to stop.
  ::unlink(fmt::format("{}/{}", options.run, run::abi::kStopFile).c_str());
  if (int exit = begin(options); exit != run::abi::Good) return exit;
  return options.wait ? attach(options.run) : static_cast<int>(run::abi::Good);
}

int planSubmission(const std::string& artifacts) {
  std::optional<std::string> text =
      run::readFile(fmt::format("{}/{}", artifacts, run::abi::kPlanFile));
  if (!text)
    return complain(run::abi::WrongUse,
                    fmt::format("{} holds no {}", artifacts, run::abi::kPlanFile));
  ir::ParseResult parsed = ir::parse(*text);
  if (!parsed.module)
    return complain(run::abi::WrongUse,
                    fmt::format("{}:{}: {}", run::abi::kPlanFile, parsed.line, parsed.error));
  run::Plan plan(std::move(*parsed.module));
  run::Engine engine(plan);
  engine.settle(0);
  Facts facts(plan.module());
  std::string description =
      describe(engine, planAhead(engine, {facts.arraySize(), facts.workJobs(), {}}));
  std::fputs(description.c_str(), stdout);
  return run::abi::Good;
}

}  // namespace wfc::slurm
