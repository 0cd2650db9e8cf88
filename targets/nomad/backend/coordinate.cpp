// The coordinator. It may die at any instant and at any place: all it knows is in the run's folder.
// Nomad starts it again when it ended badly, so it ends well whenever it is done, and says in a
// file how the run stands. Nothing is done about a signal: to be ended is to die.
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include "fmt/format.h"

#include "runtime/control/loop.h"
#include "targets/nomad/backend/backend.h"
#include "targets/nomad/backend/dispatch.h"

namespace wfc::nomad {

namespace {

std::string leftFile(const std::string& run) {
  return fmt::format("{}/{}/coordinator.left", run, run::abi::kLedgerDir);
}

std::string optionsFile(const std::string& run) {
  return fmt::format("{}/{}/coordinator.options", run, run::abi::kLedgerDir);
}

/// The allocation that holds the lease of a run from another host is over.
bool isGone(const run::Lease::Holder& holder) {
  if (holder.job.empty()) return false;
  Answer answer = Api().get("/v1/allocation/" + Api::word(holder.job));
  if (answer.status == 404) return true;
  llvm::json::Value value = answer.json();
  const llvm::json::Object* allocation = answer.isGood() ? value.getAsObject() : nullptr;
  if (allocation == nullptr) return false;
  llvm::StringRef status = allocation->getString("ClientStatus").value_or("");
  return status == "complete" || status == "failed" || status == "lost";
}

/// The lease may still be held by the one that this one replaces.
std::unique_ptr<run::Controller> open(const std::string& run, int& exit) {
  const char* allocation = std::getenv("NOMAD_ALLOC_ID");
  run::ControlOptions options{30000, allocation == nullptr ? "" : allocation, isGone};
  std::string error, said;
  while (true) {
    std::unique_ptr<run::Controller> controller = run::Controller::open(run, options, error, exit);
    if (controller || exit != run::abi::Refused) {
      if (!controller) fmt::print(stderr, "wfr: {}\n", error);
      return controller;
    }
    if (error != said) fmt::print(stderr, "wfr: {}; it is waited for\n", error);
    said = error;
    ::sleep(2);
  }
}

/// Parameterized jobs wait for dispatches for ever.
void removeJobs(const std::string& run, const Jobs& jobs) {
  Api api(run);
  for (const Listed& job : listJobs(api, jobs.tag()).value_or(std::vector<Listed>()))
    if (job.isParameterized) api.remove("/v1/job/" + Api::word(job.id));
}

int dispatchAll(run::Controller& controller, const Jobs& jobs, const run::StartOptions& options) {
  Dispatch hands(controller, jobs, options.jobs);
  return run::runLoop(controller, options, hands);
}

/// Its words go where those of every controller go, so that `wfr start --wait` can show them.
void sayInLog(const std::string& run) {
  std::string path = fmt::format("{}/{}/controller.log", run, run::abi::kLogsDir);
  int log = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (log < 0) return;
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::close(log);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
}

}  // namespace

std::optional<int> readLeft(const std::string& run) {
  std::optional<std::string> text = run::readFile(leftFile(run));
  int exit = 0;
  if (!text || llvm::StringRef(*text).trim().getAsInteger(10, exit)) return std::nullopt;
  return exit;
}

bool writeLeft(const std::string& run, int exit) {
  return run::writeWhole(leftFile(run), fmt::format("{}\n", exit), true);
}

void forgetLeft(const std::string& run) { ::unlink(leftFile(run).c_str()); }

bool writeOptions(const run::StartOptions& options) {
  return run::writeWhole(optionsFile(options.run),
                         fmt::format("{} {}\n", options.jobs, options.stopAfter));
}

run::StartOptions readOptions(const std::string& run) {
  run::StartOptions options;
  options.run = run;
  std::optional<std::string> text = run::readFile(optionsFile(run));
  auto [jobs, stopAfter] = llvm::StringRef(text ? *text : "0 0").trim().split(' ');
  (void)jobs.getAsInteger(10, options.jobs);
  (void)stopAfter.getAsInteger(10, options.stopAfter);
  return options;
}

int coordinate(const std::string& run, llvm::ArrayRef<std::string> args) {
  if (args.size() != 1 || args[0] != "coordinate") return run::abi::WrongUse;
  // It has done so before, and Nomad did not hear that it ended well.
  if (readLeft(run)) return run::abi::Good;
  sayInLog(run);
  int exit = 0;
  std::unique_ptr<run::Controller> controller = open(run, exit);
  if (!controller) return writeLeft(run, exit) ? run::abi::Good : exit;
  Jobs jobs(controller->view(), run);
  if (!jobs.wrong().empty()) {
    fmt::print(stderr, "wfr: {}\n", jobs.wrong());
    return writeLeft(run, run::abi::WrongUse) ? run::abi::Good : run::abi::WrongUse;
  }
  run::StartOptions options = readOptions(run);
  exit = dispatchAll(*controller, jobs, options);
  std::fflush(nullptr);
  // Whoever took the run over writes how it ends.
  if (!controller->renew(run::nowMs() + 3600000)) return run::abi::Good;
  removeJobs(run, jobs);
  return writeLeft(run, exit) ? run::abi::Good : exit;
}

}  // namespace wfc::nomad
