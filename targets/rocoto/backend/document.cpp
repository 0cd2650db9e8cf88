// See document.h.
#include "targets/rocoto/backend/document.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "compiler/ir/eval.h"

#include "runtime/attempt/process.h"
#include "runtime/control/account.h"
#include "runtime/control/hold.h"
#include "runtime/engine/first_needs.h"
#include "targets/rocoto/resources.h"

namespace wfc::rocoto {

namespace fs = std::filesystem;
using run::InstanceId;
using run::Phase;
using targets::rocoto::Shape;

namespace {

std::string accountsPath(const std::string& run) {
  return fmt::format("{}/{}/accounts", run, run::abi::kLedgerDir);
}

std::map<std::string, std::string> keptAccounts(const std::string& run) {
  std::map<std::string, std::string> accounts;
  std::optional<std::string> text = run::readFile(accountsPath(run));
  for (llvm::StringRef rest = text ? llvm::StringRef(*text) : ""; !rest.empty();) {
    auto [line, more] = rest.split('\n');
    rest = more;
    auto [reference, account] = line.split('\t');
    accounts[reference.str()] = account.str();
  }
  return accounts;
}

/// Names of a folder's files below it: `2025-03-02`; of a family without an index its own.
std::set<std::string> filesIn(const std::string& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    names.insert(entry.path().filename().string());
  return names;
}

}  // namespace

bool mayStart(const run::Instance& instance) {
  return instance.phase == Phase::Ready ||
         (instance.phase == Phase::Running && instance.isSubmitted && !instance.isStarted);
}

bool hasEndedWell(const run::Instance& instance) {
  return instance.phase == Phase::Ended &&
         (instance.outcome == ir::Outcome::Ok || instance.outcome == ir::Outcome::NoData ||
          instance.outcome == ir::Outcome::Skipped);
}

bool isTakenBack(const run::Engine& engine, InstanceId id) {
  Phase phase = engine.state().at(id).phase;
  if (phase != Phase::Waiting && phase != Phase::Ready && phase != Phase::Delayed) return false;
  std::vector<run::Attempt> attempts = engine.attemptsOf(id);
  if (attempts.empty() || !attempts.back().isPast) return false;
  ir::Outcome outcome = attempts.back().outcome;
  return outcome == ir::Outcome::Ok || outcome == ir::Outcome::NoData ||
         outcome == ir::Outcome::Skipped;
}

std::string program(const std::string& name) {
  const char* home = std::getenv("ROCOTO_HOME");
  return home == nullptr || *home == '\0' ? name : fmt::format("{}/bin/{}", home, name);
}

std::string keepAccounts(const std::string& run, const ir::Module& module) {
  std::map<std::string, std::string> kept = keptAccounts(run);
  std::string text;
  for (uint32_t f = 0; f < module.families.size(); ++f) {
    if (module.families[f].role != ir::Family::Work) continue;
    std::string reference = targets::rocoto::accountOf(module, f), account;
    std::string wrong;
    if (!run::resolveAccount(reference, account, wrong)) {
      auto known = kept.find(reference);
      if (known == kept.end()) return wrong;
      account = known->second;
    }
    if (account.find_first_of("\"%&<>\n\t") != std::string::npos)
      return fmt::format("the account `{}` holds characters that XML takes for its own", account);
    std::string line = fmt::format("{}\t{}\n", reference, account);
    if (!reference.empty() && text.find(line) == std::string::npos) text += line;
  }
  return run::writeWhole(accountsPath(run), text) ? "" : "cannot write " + accountsPath(run);
}

// ---- markers and entities

bool RunDocument::hasOtherNeeds(InstanceId id) const {
  if (!outline_.shapes[id.family].isVarying) return false;
  const run::Engine& engine = c_.engine();
  const run::Plan& plan = engine.plan();
  run::Needs own = engine.needsOf(id, engine.attemptOf(id));
  run::Needs plain = run::firstNeeds(engine, id.family);
  return targets::rocoto::needsText(plan, id.family, own) !=
         targets::rocoto::needsText(plan, id.family, plain);
}

std::vector<RunDocument::Group> RunDocument::groups() const {
  std::vector<Group> all;
  std::map<std::pair<uint32_t, std::string>, size_t> known;
  const run::Engine& engine = c_.engine();
  engine.forEach([&](InstanceId id) {
    if (!mayStart(engine.state().at(id)) || !engine.mayStart(id) || !hasOtherNeeds(id)) return;
    run::Needs needs = engine.needsOf(id, engine.attemptOf(id));
    std::string text = targets::rocoto::needsText(engine.plan(), id.family, needs);
    auto [at, isNew] = known.try_emplace({id.family, text}, all.size());
    if (isNew) all.push_back({id.family, needs, {}});
    all[at->second].members.insert(id);
  });
  return all;
}

bool RunDocument::write(const Group* only) const {
  for (uint32_t f = 0; f < outline_.shapes.size(); ++f)
    if (outline_.shapes[f].isTask && !writeMarkers(f, only)) return false;
  return writeEntities(only);
}

/// A marker is only taken away where it is certain that no job has just set it.
bool RunDocument::writeMarkers(uint32_t f, const Group* only) const {
  const Shape& shape = outline_.shapes[f];
  const run::Engine& engine = c_.engine();
  bool isAlone = engine.plan().module().families[f].loops.empty();
  std::set<std::string> there[3];
  const char* kinds[] = {"ok", "go", "held"};
  for (int n = 0; n < 3; ++n)
    there[n] = filesIn(fmt::format("{}/{}{}", c_.run(), kinds[n], isAlone ? "" : "/" + shape.file));
  bool isGood = true;
  uint32_t size = static_cast<uint32_t>(engine.state().families[f].instances.size());
  for (uint32_t i = 0; i < size; ++i) {
    InstanceId id{f, i};
    const run::Instance& instance = engine.state().at(id);
    if (instance.phase == Phase::Absent) continue;
    bool isReady = mayStart(instance), isWell = hasEndedWell(instance);
    bool isOurs = only != nullptr && only->family == f;
    bool isOther = isReady && (isOurs ? !only->members.contains(id) : hasOtherNeeds(id));
    bool isHeld = (instance.phase == Phase::Ended && !isWell) || instance.phase == Phase::Delayed ||
                  isOther || (isReady && !engine.mayStart(id));
    bool isLet = isReady && (!shape.isChosen || instance.phase == Phase::Running);
    std::string marker = targets::rocoto::markerOf(engine, shape, id);
    std::string name = isAlone ? marker : marker.substr(marker.find('/') + 1);
    auto set = [&](int kind, bool isWanted, bool isGone) {
      std::string path = fmt::format("{}/{}/{}", c_.run(), kinds[kind], marker);
      if (isWanted && !there[kind].contains(name)) isGood &= touch(path);
      if (isGone && !isWanted && there[kind].contains(name)) ::unlink(path.c_str());
    };
    set(0, isWell, isTakenBack(engine, id));
    // Told to the attempt before this one.
    if (isReady) ::unlink(fmt::format("{}/late/{}", c_.run(), marker).c_str());
    if (!shape.gate.empty()) set(1, isLet, true);
    set(2, isHeld, isReady);
  }
  return isGood;
}

/// Cycles with an end are all open to Rocoto at once; of those without, the ones that some failure
/// keeps active for ever must not use up the places of those to come.
uint64_t RunDocument::throttle() const {
  std::set<int64_t> closed, stuck;
  for (const targets::rocoto::Cycles& cycles : outline_.groups)
    if (!cycles.isOpen) closed.insert(cycles.starts.begin(), cycles.starts.end());
  bool isOpen = false;
  const run::Engine& engine = c_.engine();
  const ir::Module& module = engine.plan().module();
  for (uint32_t f = 0; f < outline_.shapes.size(); ++f) {
    const Shape& shape = outline_.shapes[f];
    if (!shape.isTask || !shape.isOpen) continue;
    isOpen = true;
    ir::LoopId loop = module.families[f].loops[static_cast<size_t>(shape.cycle)];
    const std::vector<run::Instance>& instances = engine.state().families[f].instances;
    for (uint32_t n = 0; n < instances.size(); ++n) {
      bool isDone = instances[n].phase == Phase::Ended && instances[n].outcome == ir::Outcome::Ok;
      if (instances[n].phase == Phase::Absent || isDone) continue;
      stuck.insert(engine.scopeOf({f, n}, 0).loopVar(loop)->i);
    }
  }
  return closed.size() + stuck.size() + (isOpen ? 3 : 0);
}

bool RunDocument::writeEntities(const Group* only) const {
  targets::rocoto::Entities entities;
  entities.run = c_.run();
  entities.wfr = c_.run() + "/bin/wfr";
  entities.accounts = keptAccounts(c_.run());
  entities.throttle = throttle();
  if (only != nullptr) entities.needs[only->family] = only->needs;
  std::string path = c_.run() + "/run.ent";
  std::string text = targets::rocoto::entitiesText(c_.engine(), outline_, entities);
  return run::readFile(path) == text || run::writeWhole(path, text);
}

// ---- Rocoto's programs

int64_t millisecondsOf(const char* variable, int64_t seconds) {
  if (const char* text = std::getenv(variable); text != nullptr)
    (void)llvm::StringRef(text).getAsInteger(10, seconds);
  return std::max<int64_t>(1, seconds) * 1000;
}

namespace {

/// A person who stops the run is not kept for so long.
constexpr int64_t kStopMs = 30000;

/// Runs a program to its end, or to the end of our patience. Exit status; -1: not started.
int runToEnd(const run::Spawn& what) {
  int pid = run::spawn(what);
  if (pid < 0) return -1;
  int pidfd = run::openPid(pid);
  // A database that is locked, a file system that hangs: what takes longer does not come to an end.
  int64_t end = run::nowMs() + millisecondsOf("WFR_ROCOTO_PATIENCE_SECONDS", 600);
  bool hasEnded = false;
  while (!(hasEnded = run::waitEnded(pidfd, 500, {})) && run::nowMs() < end)
    if (run::isInterrupted()) end = std::min(end, run::nowMs() + kStopMs);
  if (!hasEnded) run::killGroup(pid);
  ::close(pidfd);
  run::Used used;
  int status = run::reap(pid, used);
  if (!hasEnded) return run::kTimedOut;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int rocotorun(const std::string& run, std::string& said) {
  // It leaves servers behind that keep its outputs open: a file, never a pipe.
  run::Spawn what;
  what.argv = {program("rocotorun"), "-w", run + "/workflow.xml", "-d", run + "/rocoto.db"};
  what.folder = run;
  what.log = fmt::format("{}/{}/rocotorun.log", run, run::abi::kLogsDir);
  std::error_code error;
  uint64_t from = fs::exists(what.log, error) ? fs::file_size(what.log, error) : 0;
  int status = runToEnd(what);
  std::optional<std::string> text = run::readFile(what.log);
  if (text && text->size() > from) said = llvm::StringRef(*text).drop_front(from).trim().str();
  return status;
}

namespace {

/// One of Rocoto's programs over the run's document, to its end; what it printed.
std::string askRocoto(const std::string& run, const std::string& name,
                      const std::vector<std::string>& more) {
  std::string path = fmt::format("{}/{}/{}", run, run::abi::kWorkDir, name);
  run::Spawn what;
  what.argv = {program(name), "-w", run + "/workflow.xml", "-d", run + "/rocoto.db"};
  what.argv.insert(what.argv.end(), more.begin(), more.end());
  what.folder = run;
  what.log = path;
  run::makeFolders(path.substr(0, path.rfind('/')));
  ::unlink(path.c_str());
  if (runToEnd(what) == -1) return {};
  std::string text = run::readFile(path).value_or("");
  ::unlink(path.c_str());
  return text;
}

/// A name as rocotorewind takes it: in its lists a comma stands between names.
std::string selected(const std::string& task) {
  if (task.find(',') == std::string::npos) return task;
  std::string pattern = task;
  for (char& c : pattern)
    if (c == ',' || c == '+') c = '.';
  return fmt::format("/^{}$/", pattern);
}

}  // namespace

std::vector<KnownJob> knownJobs(const std::string& run) {
  std::vector<KnownJob> jobs;
  std::string text = askRocoto(run, "rocotostat", {});
  for (llvm::StringRef rest(text); !rest.empty();) {
    auto [line, more] = rest.split('\n');
    rest = more;
    llvm::SmallVector<llvm::StringRef> fields;
    line.split(fields, ' ', -1, false);
    if (fields.size() < 4 || fields[0].size() != 12) continue;
    jobs.push_back({fields[0].str(), fields[1].str(), fields[2].str(), fields[3].str()});
  }
  return jobs;
}

void takeBack(const run::Controller& controller, const targets::rocoto::Outline& outline) {
  const run::Engine& engine = *controller.view().engine;
  std::set<std::pair<std::string, std::string>> wanted;
  engine.forEach([&](InstanceId id) {
    if (!outline.shapes[id.family].isTask || !isTakenBack(engine, id)) return;
    targets::rocoto::Place place = targets::rocoto::placeOf(engine, outline, id);
    wanted.insert({place.cycle, place.task});
  });
  if (wanted.empty()) return;
  // Only what has succeeded: it ends what runs, and asks on a terminal when there are more than
  // ten.
  for (const KnownJob& job : knownJobs(controller.run()))
    if (job.state == "SUCCEEDED" && wanted.contains({job.cycle, job.task}))
      askRocoto(controller.run(), "rocotorewind", {"-c", job.cycle, "-t", selected(job.task)});
}

bool touch(const std::string& path) {
  return run::makeFolders(path.substr(0, path.rfind('/'))) && run::writeWhole(path, "");
}

}  // namespace wfc::rocoto
