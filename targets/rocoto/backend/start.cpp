// start, step and stop: who holds the lease, and for how long.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/control/hold.h"
#include "targets/rocoto/backend/backend.h"
#include "targets/rocoto/backend/cron.h"
#include "targets/rocoto/backend/document.h"
#include "targets/rocoto/backend/pass.h"

namespace wfc::rocoto {

namespace {

namespace fs = std::filesystem;
using run::Controller;

/// News is taken in sooner, but not so soon that the batch system does not yet know a job that was
/// just submitted.
constexpr int64_t kSoonestMs = 10000;

/// Rocoto or sbatch would read these as their own.
std::string checkPath(const std::string& run) {
  for (char c : run) {
    bool isPlain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   llvm::StringRef("/._-+=,:~").contains(c);
    if (!isPlain)
      return fmt::format(
          "{} holds `{}`, which Rocoto or sbatch would read as its own; choose another "
          "folder with --run",
          run, c);
  }
  return {};
}

/// What Rocoto reads is copied once: what is built later does not change a run, and what a person
/// changes in the run's copy stays.
std::string prepare(const run::StartOptions& options) {
  std::vector<std::string> files = {"workflow.xml"};
  std::error_code error;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(options.artifacts + "/found", error))
    files.push_back("found/" + entry.path().filename().string());
  std::string wrong = checkPath(options.run);
  if (wrong.empty()) wrong = run::copyOnce(options, files);
  if (wrong.empty()) wrong = writeStepScript(options.run);
  return wrong;
}

int waitFor(Controller& controller) {
  Pass pass(controller);
  while (true) {
    Pass::Went went = pass.once();
    if (went != Pass::Went::On) return pass.exit();
    // Rocoto is made to be run once a minute.
    int64_t usual = millisecondsOf("WFR_ROCOTO_SECONDS", 60);
    int64_t begun = run::nowMs(), interval = pass.isStopping() ? 500 : usual;
    int64_t soonest = begun + std::min(interval, kSoonestMs), end = begun + interval;
    if (pass.next() > 0) end = std::min(end, std::max(soonest, pass.next()));
    while (run::nowMs() < end && !(run::nowMs() >= soonest && pass.hasNews())) {
      ::usleep(200000);
      if (run::isInterrupted() && !pass.isStopping()) break;
    }
  }
}

/// One pass, by cron or by `wfr start`. -1: somebody else is at it.
int passOnce(const std::string& run, std::string& error) {
  int exit = 0;
  run::ControlOptions options;
  options.leaseMs = 900000;
  // A holder on another host that let its lease run out has died with its host, or was cut off.
  options.isGone = [](const run::Lease::Holder&) { return true; };
  std::unique_ptr<Controller> controller = Controller::open(run, options, error, exit);
  if (!controller) return exit == run::abi::Refused ? -1 : exit;
  Pass pass(*controller);
  return pass.once() == Pass::Went::On ? static_cast<int>(run::abi::Good) : pass.exit();
}

int startAndLeave(const run::StartOptions& options) {
  std::string error;
  std::unique_ptr<Controller> controller;
  ::unlink(fmt::format("{}/{}", options.run, run::abi::kStopFile).c_str());
  int exit = passOnce(options.run, error);
  if (exit < 0) {
    fmt::print(stderr, "wfr: {}\n", error);
    return run::abi::Refused;
  }
  if (exit != run::abi::Good) return exit;
  if (!options.cron) {
    fmt::print("begun; it goes on with each step. For cron, or again with --cron or --wait:\n{}\n",
               cronLine(options.run));
    return run::abi::Good;
  }
  std::string wrong = installCron(options.run);
  if (!wrong.empty()) {
    fmt::print(stderr, "wfr: {}\n", wrong);
    return run::abi::LostControl;
  }
  fmt::print("begun; cron goes on with it, by the line\n{}\n", cronLine(options.run));
  return run::abi::Good;
}

}  // namespace

int start(const run::StartOptions& options) {
  auto prepareAll = [&]() -> std::string {
    std::string wrong = prepare(options);
    if (!wrong.empty()) return wrong;
    std::string error;
    std::unique_ptr<run::RunView> view = run::RunView::read(options.run, error);
    return view ? keepAccounts(options.run, view->plan->module()) : error;
  };
  if (options.wait) return run::hold(options, {false, prepareAll, waitFor});
  if (std::string wrong = prepareAll(); !wrong.empty()) {
    fmt::print(stderr, "wfr: {}\n", wrong);
    return run::abi::LostControl;
  }
  return startAndLeave(options);
}

int step(const std::string& run, llvm::ArrayRef<std::string>) {
  // A stopped run starts nothing more until somebody starts it again.
  if (::access(fmt::format("{}/{}", run, run::abi::kStopFile).c_str(), F_OK) == 0)
    return run::abi::Stopped;
  std::string error;
  int exit = passOnce(run, error);
  if (exit >= 0) return exit;
  say(error);
  return run::abi::Good;
}

/// Whoever holds the run hears of the wish by its file, and so do the attempts.
int stop(const std::string& run) {
  std::string error;
  int exit = passOnce(run, error);
  return exit == run::abi::Stopped || exit < 0 ? static_cast<int>(run::abi::Good) : exit;
}

}  // namespace wfc::rocoto
