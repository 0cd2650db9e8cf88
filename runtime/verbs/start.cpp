// start, stop, step, task: what changes a run.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>

#include "compiler/ir/text.h"

#include "runtime/attempt/run.h"
#include "runtime/backend.h"
#include "runtime/control/controller.h"
#include "runtime/control/saved.h"
#include "runtime/control/wish.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

/// Reads a manifest into a header. Empty, or what is wrong.
std::string readManifest(const std::string& out, RunHeader& header) {
  std::string path = fmt::format("{}/{}", out, abi::kManifestFile);
  std::optional<std::string> text = readFile(path);
  if (!text) return fmt::format("{} holds no artifacts: it has no {}", out, abi::kManifestFile);
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(*text);
  if (!value) return fmt::format("{}: {}", path, llvm::toString(value.takeError()));
  const llvm::json::Object* object = value->getAsObject();
  auto field = [&](llvm::StringRef name) {
    return object == nullptr ? std::string() : object->getString(name).value_or("").str();
  };
  header.target = field("target");
  header.flow = field("flow");
  header.artifact = field("hash");
  header.artifacts = out;
  header.project = absolute(out + "/" + field("project"));
  header.created = nowMs();
  if (header.target.empty() || header.artifact.empty())
    return fmt::format("{} says neither target nor hash", path);
  return {};
}

/// Makes the run's folder. Empty, or why not.
std::string makeRun(const std::string& run, const RunHeader& header) {
  std::string planPath = fmt::format("{}/{}", header.artifacts, abi::kPlanFile);
  std::optional<std::string> text = readFile(planPath);
  if (!text) return fmt::format("cannot read {}: {}", planPath, std::strerror(errno));
  ir::ParseResult parsed = ir::parse(*text);
  if (!parsed.module) return fmt::format("{}:{}: {}", planPath, parsed.line, parsed.error);
  std::string refused;
  for (const std::string& line : Plan(std::move(*parsed.module)).unsupported())
    refused += (refused.empty() ? "" : "\n") + line;
  if (!refused.empty()) return refused;
  return createRun(run, header, *text);
}

/// The backend of a run, or null with a word.
const Backend* backendOf(const std::string& run) {
  Outcomes<RunHeader> header = readHeader(run);
  if (!header) return wrongUse(header.error), nullptr;
  const Backend* backend = findBackend(header->target);
  if (backend == nullptr) wrongUse(fmt::format("this wfr knows no target `{}`", header->target));
  return backend;
}

/// `--only`, `--until`, `--skip`: which part this start runs; without them all of it. The ledger is
/// told before anything starts.
int leavePart(const Given& given, const std::string& run) {
  Record part;
  part.kind = Record::Part;
  std::string kinds, file = fmt::format("{}/{}", run, abi::kPartFile);
  std::vector<std::string> selectors;
  for (const char* kind : {"only", "until", "skip"}) {
    if (!given.has(fmt::format("--{}", kind))) continue;
    if (!kinds.empty()) return wrongUse("one of --only, --until and --skip, please");
    kinds = kind;
    selectors = splitSelectors(given.get(fmt::format("--{}", kind)));
  }
  bool hadPart = ::access(file.c_str(), F_OK) == 0;
  if (kinds.empty() && !hadPart) return abi::Good;
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(run, error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  std::vector<InstanceId> found;
  error = selectors.empty() ? "" : select(*view->engine, selectors, {}, found);
  if (!error.empty()) return wrongUse(error);
  std::optional<std::string> lease = readFile(fmt::format("{}/{}", run, abi::kLeaseFile));
  std::optional<ProcessName> holder =
      lease ? ProcessName::parse(lease->substr(0, lease->find('\n'))) : std::nullopt;
  if (holder && lives(*holder) == 1)
    return fmt::print(stderr, "wfr: {} is held by process {} on {}\n", run, holder->pid,
                      holder->host),
           abi::Refused;
  part.text = kinds;
  for (const std::string& selector : selectors) part.members.push_back(selector);
  if (!leaveWishes(run, {part})) return cannotWrite(run);
  if (kinds.empty())
    ::unlink(file.c_str());
  else
    writeWhole(file, kinds + "\n", true);
  return abi::Good;
}

/// Proves a saved plan, and that the run is as it saw it, and unpacks it into the run; `given` is
/// then what starts that.
int takePlan(Given& given, const std::string& run) {
  SavedPlan plan;
  if (std::string wrong = readSavedPlan(absolute(given.words[0]), plan); !wrong.empty())
    return wrongUse(wrong);
  if (given.has("--dry-run") || given.has("--adopt"))
    return wrongUse("a saved plan was looked at already; `wfc plan` tells what it would do");
  std::string state = stateOf(run);
  if (state != plan.seen && plan.seen == "new")
    return wrongUse(
        fmt::format("{} was made for a new run, and {} is one already; plan again with "
                    "--run {}",
                    plan.name, run, run));
  if (state == "new" && plan.seen != "new")
    return wrongUse(fmt::format("{} was made for a run, and {} is none", plan.name, run));
  if (state != plan.seen)
    return wrongUse(fmt::format("{} has moved since {} saw it; plan again", run, plan.name));
  std::string folder;
  if (std::string wrong = unpack(plan, run, folder); !wrong.empty())
    return fmt::print(stderr, "wfr: {}\n", wrong), abi::LostControl;
  given.words[0] = folder;
  if (!given.has("--project")) given.flags["--project"] = plan.project;
  // What it changes was shown when it was made.
  if (state != "new") given.flags["--adopt"] = "";
  return abi::Good;
}

}  // namespace

int verbStart(const Given& asked) {
  if (!asked.has("--run")) return wrongUse("where should it run? --run DIR");
  Given given = asked;
  StartOptions options;
  options.run = absolute(given.get("--run"));
  if (isSavedPlan(absolute(given.words[0])))
    if (int exit = takePlan(given, options.run); exit != abi::Good) return exit;
  options.artifacts = absolute(given.words[0]);
  options.wait = given.has("--wait");
  options.cron = given.has("--cron");
  bool isWrong =
      (given.has("--jobs") &&
       (llvm::StringRef(given.get("--jobs")).getAsInteger(10, options.jobs) || options.jobs < 1)) ||
      (given.has("--stop-after") &&
       (llvm::StringRef(given.get("--stop-after")).getAsInteger(10, options.stopAfter) ||
        options.stopAfter < 1));
  if (isWrong) return wrongUse("--jobs and --stop-after take a number from 1 on");
  RunHeader header;
  std::string wrong = readManifest(options.artifacts, header);
  if (!wrong.empty()) return wrongUse(wrong);
  if (given.has("--project")) header.project = absolute(given.get("--project"));
  const Backend* backend = findBackend(header.target);
  if (backend == nullptr)
    return wrongUse(fmt::format("this wfr knows no target `{}`", header.target));
  if (options.cron && !backend->hasCron)
    return wrongUse(fmt::format("--cron: a run of `{}` needs no cron to go on", header.target));
  if (options.cron && options.wait)
    return wrongUse("--cron and --wait: either cron goes on with it, or this command does");
  if (::access(fmt::format("{}/{}", options.run, abi::kHeaderFile).c_str(), F_OK) == 0) {
    bool mayStart = false;
    int exit = changeRun(given, options.run, header, mayStart);
    if (!mayStart) return exit;
  } else {
    if (given.has("--dry-run") || given.has("--json"))
      return wrongUse(fmt::format("{} is no run yet: nothing could differ", options.run));
    wrong = makeRun(options.run, header);
    if (!wrong.empty()) return wrongUse(wrong);
  }
  if (int exit = leavePart(given, options.run); exit != abi::Good) return exit;
  return backend->start(options);
}

int verbStop(const Given& given) {
  std::string run = absolute(given.words[0]);
  const Backend* backend = backendOf(run);
  if (backend == nullptr) return abi::WrongUse;
  if (!writeWhole(fmt::format("{}/{}", run, abi::kStopFile), fmt::format("{}\n", nowMs()), true))
    return cannotWrite(run);
  return backend->stop(run);
}

int verbStep(const Given& given) {
  std::string run = absolute(given.words[0]);
  const Backend* backend = backendOf(run);
  if (backend == nullptr) return abi::WrongUse;
  if (backend->step == nullptr)
    return wrongUse(fmt::format("the target `{}` has no steps", backend->name.str()));
  std::vector<std::string> rest(given.words.begin() + 1, given.words.end());
  rest.insert(rest.end(), given.rest.begin(), given.rest.end());
  return backend->step(run, rest);
}

int verbPlanSubmission(const Given& given) {
  RunHeader header;
  std::string wrong = readManifest(absolute(given.words[0]), header);
  if (!wrong.empty()) return wrongUse(wrong);
  const Backend* backend = findBackend(header.target);
  if (backend == nullptr || backend->planSubmission == nullptr)
    return wrongUse(fmt::format("the target `{}` submits nothing", header.target));
  return backend->planSubmission(header.artifacts);
}

int verbTask(const Given& given) {
  const char* known = ::getenv(std::string(abi::kRun).c_str());
  bool isNamed = !given.words.empty() && (known == nullptr || given.words[0].starts_with('/'));
  std::string run = isNamed ? absolute(given.words[0]) : known == nullptr ? "" : known;
  if (run.empty()) return wrongUse("usage: wfr task RUN INSTANCE");
  const Backend* backend = backendOf(run);
  if (backend == nullptr) return abi::WrongUse;
  if (backend->task != nullptr) {
    std::vector<std::string> args = given.words;
    if (isNamed) args[0] = run;
    args.push_back("--");
    args.insert(args.end(), given.rest.begin(), given.rest.end());
    return backend->task(args);
  }
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(run, error);
  if (!view) return wrongUse(error);
  std::optional<InstanceId> id = view->engine->find(given.words.back());
  if (!id) return wrongUse(fmt::format("there is no instance `{}`", given.words.back()));
  view->engine->settle(nowMs());
  Phase phase = view->engine->state().at(*id).phase;
  if (phase != Phase::Ready)
    return wrongUse(fmt::format("{} is {}", given.words.back(),
                                stateName(view->engine->state().at(*id)).str()));
  uint32_t attempt = view->engine->attemptOf(*id);
  Launch launch{*id, attempt, view->engine->needsOf(*id, attempt)};
  Job job;
  error = makeJob(*view->engine, run, view->header.project, launch, job);
  if (!error.empty()) return wrongUse(error);
  if (!claim(job))
    return wrongUse(fmt::format("attempt {} of {} is claimed already", attempt, job.instance));
  Ending ending = runAttempt(job, {});
  if (!leaveInInbox(run, job.instance, attempt, "end", linesOf(job, ending)))
    return abi::LostControl;
  fmt::print("{}: {}{}{}\n", job.instance, ir::name(ending.outcome).str(),
             ending.why.empty() ? "" : ", ", ending.why);
  return ending.outcome == ir::Outcome::Ok || ending.outcome == ir::Outcome::NoData
             ? abi::Good
             : abi::SomeFailed;
}

}  // namespace wfc::run
