// `wfr start`: copies what the run needs, registers its jobs and its coordinator, and follows that
// with --wait. A coordinator that lives is attached to. `wfr stop`: the coordinator hears of it by
// the file; where none runs, Nomad is told to stop what is this run's.
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "fmt/format.h"

#include "runtime/control/hold.h"
#include "targets/nomad/backend/backend.h"
#include "targets/nomad/backend/jobs.h"
#include "targets/nomad/backend/verdict.h"

namespace wfc::nomad {

namespace {

using llvm::json::Object;

/// So long is waited for a coordinator that leaves.
constexpr int kLeavingSeconds = 60;

int fail(const std::string& why) {
  fmt::print(stderr, "wfr: {}\n", why);
  return run::abi::LostControl;
}

/// How the coordinator's job stands.
struct Standing {
  bool isKnown = false, isAlive = false, isRunning = false;
  std::string wrong;  ///< Nomad was not reached
};

Standing standingOf(const Api& api, const std::string& coordinator) {
  Answer answer = api.get(fmt::format("/v1/job/{}/summary", Api::word(coordinator)));
  if (answer.status == 404) return {true, false, false, {}};
  llvm::json::Value value = answer.json();
  const Object* summary = answer.isGood() ? value.getAsObject() : nullptr;
  const Object* groups = summary == nullptr ? nullptr : summary->getObject("Summary");
  const Object* counts = groups == nullptr ? nullptr : groups->getObject("coordinator");
  if (counts == nullptr) return {false, false, false, answer.text};
  auto count = [&](const char* key) { return counts->getInteger(key).value_or(0); };
  bool isRunning = count("Running") > 0;
  Answer job = api.get("/v1/job/" + Api::word(coordinator));
  llvm::json::Value jobValue = job.json();
  const Object* object = job.isGood() ? jobValue.getAsObject() : nullptr;
  if (object == nullptr) return {false, false, false, job.text};
  bool isAlive = object->getString("Status").value_or("") != "dead" &&
                 !object->getBoolean("Stop").value_or(false);
  return {true, isAlive, isRunning, {}};
}

class Start {
 public:
  Start(const run::StartOptions& options, const run::RunView& view)
      : options_(options), jobs_(view, options.run), api_(options.run) {}

  int work() {
    if (!jobs_.wrong().empty()) return fail(jobs_.wrong());
    seen_ = logSize();
    Standing standing = standingOf(api_, jobs_.coordinator());
    if (!standing.isKnown) return fail("Nomad is not reached: " + standing.wrong);
    // One that is about to leave is waited for; then its stop is taken back.
    while (standing.isAlive && (isStopAsked() || readLeft(options_.run))) {
      ::sleep(1);
      standing = standingOf(api_, jobs_.coordinator());
    }
    if (standing.isAlive) {
      fmt::print("its coordinator {} is at work\n", jobs_.coordinator());
    } else {
      std::string wrong = registerAll();
      if (!wrong.empty()) return fail(wrong);
    }
    std::fflush(stdout);
    return options_.wait || options_.stopAfter > 0 ? follow() : run::abi::Good;
  }

 private:
  bool isStopAsked() const {
    std::string path = fmt::format("{}/{}", options_.run, run::abi::kStopFile);
    return ::access(path.c_str(), F_OK) == 0;
  }

  std::string registerAll() {
    ::unlink(fmt::format("{}/{}", options_.run, run::abi::kStopFile).c_str());
    forgetLeft(options_.run);
    if (!writeOptions(options_)) return "cannot write in " + options_.run;
    for (Object& job : jobs_.artifactJobs()) {
      std::string id = job.getString("ID").value_or("").str();
      Answer answer = registerJob(api_, std::move(job));
      if (!answer.isGood()) return fmt::format("Nomad does not take {}: {}", id, answer.text);
    }
    Object coordinator = jobs_.coordinatorJob();
    // A job that has ended is run again only if something in it is new.
    Object& meta = *coordinator.getObject("Meta");
    meta["started"] = std::to_string(run::nowMs());
    if (const char* address = std::getenv("NOMAD_ADDR")) meta["address"] = address;
    Answer answer = registerJob(api_, std::move(coordinator));
    if (!answer.isGood())
      return fmt::format("Nomad does not take {}: {}", jobs_.coordinator(), answer.text);
    fmt::print("registered {}-*; its coordinator is {}; see `wfr status {}`\n", jobs_.tag(),
               jobs_.coordinator(), options_.run);
    return {};
  }

  /// Shows the coordinator's words until it has left. Nomad is asked now and then whether it can
  /// still be waited for.
  int follow() {
    int64_t askedAt = run::nowMs(), deadSince = 0;
    while (true) {
      std::optional<int> left = readLeft(options_.run);
      showLog();
      if (left) return *left;
      ::usleep(200000);
      int64_t now = run::nowMs();
      if (now - askedAt < 5000) continue;
      askedAt = now;
      Standing standing = standingOf(api_, jobs_.coordinator());
      if (standing.isKnown && !standing.isRunning) tellWhyQueued();
      if (!standing.isKnown || standing.isAlive) deadSince = 0;
      if (!standing.isKnown || standing.isAlive) continue;
      if (deadSince == 0) deadSince = now;
      if (now - deadSince < 5000 || readLeft(options_.run)) continue;
      return fail(
          fmt::format("its coordinator {} is no more; start again to go on", jobs_.coordinator()));
    }
  }

  void tellWhyQueued() {
    std::string why = whyQueued(api_, jobs_.coordinator()), text;
    if (!why.empty())
      text = fmt::format("the coordinator waits in Nomad's queue: {}", why);
    else if (why = whyNotStarted(api_, jobs_.coordinator()); !why.empty())
      text = fmt::format("the coordinator does not start, and Nomad tries it again: {}", why);
    if (text.empty() || text == told_) return;
    told_ = text;
    fmt::print("{}\n", text);
    std::fflush(stdout);
  }

  std::string logPath() const {
    return fmt::format("{}/{}/controller.log", options_.run, run::abi::kLogsDir);
  }

  size_t logSize() const {
    std::optional<std::string> text = run::readFile(logPath());
    return text ? text->size() : 0;
  }

  void showLog() {
    FILE* log = std::fopen(logPath().c_str(), "re");
    if (log == nullptr) return;
    if (std::fseek(log, static_cast<long>(seen_), SEEK_SET) == 0) {
      char bytes[65536];
      size_t count = 0;
      while ((count = std::fread(bytes, 1, sizeof(bytes), log)) > 0) {
        std::fwrite(bytes, 1, count, stdout);
        seen_ += count;
      }
      std::fflush(stdout);
    }
    std::fclose(log);
  }

  const run::StartOptions& options_;
  Jobs jobs_;
  Api api_;
  size_t seen_ = 0;
  std::string told_;
};

}  // namespace

int start(const run::StartOptions& options) {
  if (options.run.find("${") != std::string::npos)
    return fail(options.run +
                " cannot be named in a job of Nomad, for it would read `${` as its own");
  std::string wrong = run::copyOnce(
      options, {std::string("coordinator.nomad.json"), std::string("coordinator.nomad.hcl")});
  if (!wrong.empty()) return fail(wrong);
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(options.run, error);
  if (!view) return fail(error);
  return Start(options, *view).work();
}

std::string leftOutside(const std::string& run) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (!view) return error;
  Jobs jobs(*view, run);
  Api api;
  // One that has said its last word is gone from Nomad in a moment.
  for (int round = 0;; ++round) {
    Standing standing = standingOf(api, jobs.coordinator());
    if (!standing.isKnown) return "Nomad is not reached: " + standing.wrong;
    if (!standing.isAlive) return {};
    if (!readLeft(run) || round >= kLeavingSeconds)
      return fmt::format("its coordinator {} is at work", jobs.coordinator());
    ::sleep(1);
  }
}

int stop(const std::string& run) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (!view) return fail(error);
  Jobs jobs(*view, run);
  Api api(run);
  Standing standing = standingOf(api, jobs.coordinator());
  if (!standing.isKnown)
    return fail("the wish is written, but Nomad is not reached: " + standing.wrong);
  if (standing.isRunning) return run::abi::Good;
  std::optional<std::vector<Listed>> all = listJobs(api, jobs.tag());
  if (!all) return fail("the wish is written, but Nomad is not reached");
  for (const Listed& job : *all) api.remove("/v1/job/" + Api::word(job.id));
  return run::abi::Good;
}

}  // namespace wfc::nomad
