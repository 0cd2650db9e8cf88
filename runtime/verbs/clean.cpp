// clean and purge: what a run leaves lying, and a run altogether.
#include <filesystem>
#include <set>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/backend.h"
#include "runtime/control/adopt.h"
#include "runtime/control/controller.h"
#include "runtime/control/outside.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

namespace fs = std::filesystem;

uint64_t sizeOf(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(path, error)))
    return fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  uint64_t bytes = 0;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && !it->is_symlink(ignored)) bytes += it->file_size(ignored);
  }
  return bytes;
}

/// Nobody needs these any more: work folders of attempts that have ended, checkpoints of instances
/// that have, temporaries that the ledger says are removed.
std::vector<std::string> leftoversOf(const RunView& view) {
  const Engine& engine = *view.engine;
  const ir::Module& module = view.plan->module();
  std::vector<std::string> found;
  auto add = [&](const std::string& path) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(path, error))) found.push_back(path);
  };
  engine.forEach([&](InstanceId id) {
    const Instance& instance = engine.state().at(id);
    const ir::Family& family = module.families[id.family];
    std::string name = engine.idOf(id);
    for (const Attempt& attempt : engine.attemptsOf(id)) {
      std::string work = workFolder(view.run, name, attempt.n);
      if (attempt.n > 0 && attempt.hasEnded) add(work), add(work + ".vars");
    }
    std::string first = workFolder(view.run, name, 1);
    if (instance.phase == Phase::Ended) add(first.substr(0, first.rfind('.')) + ".checkpoint");
    for (uint32_t n = 0; instance.isRemoved && n < module[family.task].outputs.size(); ++n) {
      if (module[family.task].outputs[n].small) continue;
      std::string path = engine.pathOf(id, n);
      add(path.starts_with("/") ? path : view.run + "/" + path);
    }
  });
  return found;
}

/// Records of before the run was given other artifacts, with what they made and nothing of the run
/// of now goes by.
std::vector<std::string> pastOf(const RunView& view) {
  std::set<std::string> own;
  std::vector<std::string> found;
  std::vector<std::string> records = pastRecords(view.run);
  if (records.empty()) return found;
  auto visit = [&](const RunView& of, const std::function<void(const std::string&)>& take) {
    const ir::Module& module = of.plan->module();
    of.engine->forEach([&](InstanceId id) {
      const ir::Family& family = module.families[id.family];
      for (uint32_t n = 0; family.task.valid() && n < module[family.task].outputs.size(); ++n) {
        if (module[family.task].outputs[n].small) continue;
        std::string path = of.engine->pathOf(id, n);
        std::string whole = path.starts_with("/") ? path : of.run + "/" + path;
        // What the flow wrote elsewhere stays, as when a run is purged.
        if (llvm::StringRef(whole).starts_with(of.run + "/")) take(whole);
      }
    });
  };
  visit(view, [&](const std::string& path) { own.insert(path); });
  for (const std::string& record : records) {
    std::string error;
    std::unique_ptr<RunView> past = RunView::readPast(view.run, record, error);
    // What cannot be read any more stays.
    if (!past) continue;
    visit(*past, [&](const std::string& path) {
      std::error_code ignored;
      if (own.insert(path).second && fs::exists(fs::symlink_status(path, ignored)))
        found.push_back(path);
    });
    found.push_back(record);
  }
  return found;
}

/// What a run's folder may hold of its own: the runtime's files, what starting copied from the
/// artifacts, and what the scheduler leaves there.
std::set<std::string> ownNames(const RunView& view, const Backend& backend) {
  std::set<std::string> names = {"bin", "report.html", "ro-crate-metadata.json", "source",
                                 fmt::format(".{}", abi::kNextDir)};
  for (std::string_view name :
       {abi::kPlanFile, abi::kLedgerDir, abi::kFilesDir, abi::kWorkDir, abi::kLogsDir,
        abi::kPublishedDir, abi::kPastDir, abi::kNextDir, abi::kPlansDir})
    names.insert(std::string(name));
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(view.header.artifacts, error))
    names.insert(entry.path().filename().string());
  for (llvm::StringRef name : backend.ownFiles) names.insert(name.str());
  return names;
}

bool isHeld(const std::string& run) {
  std::optional<std::string> lease = readFile(fmt::format("{}/{}", run, abi::kLeaseFile));
  std::optional<ProcessName> holder =
      lease ? ProcessName::parse(lease->substr(0, lease->find('\n'))) : std::nullopt;
  return holder && lives(*holder) != 0;
}

bool isAgreed(const std::string& question) {
  if (!::isatty(0)) return false;
  fmt::print("{} [y/N] ", question);
  std::fflush(stdout);
  return std::getchar() == 'y';
}

/// Ends what runs of it, by own ids. The exit status.
int endAll(const RunView& view, const Backend& backend) {
  if (!writeWhole(fmt::format("{}/{}", view.run, abi::kStopFile), fmt::format("{}\n", nowMs()),
                  true))
    return cannotWrite(view.run);
  if (int exit = backend.stop(view.run); exit != abi::Good) return exit;
  for (int round = 0; round < 600 && isHeld(view.run); ++round) ::usleep(200000);
  if (!isHeld(view.run)) return abi::Good;
  fmt::print(stderr, "wfr: its controller does not let go; try again later\n");
  return abi::Refused;
}

/// Links that the run has published elsewhere; what others put there stays.
void removeLinks(const RunView& view) {
  const std::string& root = view.plan->module().publishRoot;
  if (root.empty()) return;
  std::error_code error;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    std::string target = fs::read_symlink(it->path(), ignored).string();
    if (!ignored && llvm::StringRef(target).starts_with(view.run + "/"))
      ::unlink(it->path().c_str());
  }
}

}  // namespace

int verbClean(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  uint64_t bytes = 0;
  std::vector<std::string> found = leftoversOf(*view), past = pastOf(*view);
  found.insert(found.end(), past.begin(), past.end());
  for (const std::string& path : found) {
    bytes += sizeOf(path);
    if (!given.has("--dry-run")) removeAll(path);
  }
  // Empty by now, or not ours to remove.
  ::rmdir(fmt::format("{}/{}", view->run, abi::kPastDir).c_str());
  fmt::print("{} {} {}, {} KiB\n", found.size(), found.size() == 1 ? "leftover" : "leftovers",
             given.has("--dry-run") ? "would be removed" : "removed", bytes >> 10);
  return abi::Good;
}

int verbPurge(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  const Backend* backend = findBackend(view->header.target);
  if (backend == nullptr)
    return wrongUse(fmt::format("this wfr knows no target `{}`", view->header.target));
  bool isAtWork = isHeld(view->run) || view->engine->counts().running > 0;
  std::string what = fmt::format("{}{} goes, with its ledger, logs and outputs", view->run,
                                 isAtWork ? ", at work, is ended and" : "");
  if (!given.has("--yes") && !isAgreed(what + "; shall it?"))
    return wrongUse(what + "; say --yes if it shall");
  bool isOpen = !view->engine->state().isClosed;
  if (isAtWork || isOpen) {
    if (int exit = endAll(*view, *backend); exit != abi::Good) return exit;
  }
  removeLinks(*view);
  if (backend->forget != nullptr)
    if (std::string left = backend->forget(view->run); !left.empty()) fmt::print("{}\n", left);
  std::string run = view->run;
  // The header last: what is cut off in between is still a run, and can be purged again.
  for (const std::string& name : ownNames(*view, *backend))
    if (name != abi::kHeaderFile) removeAll(run + "/" + name);
  ::unlink(fmt::format("{}/{}", run, abi::kHeaderFile).c_str());
  if (::rmdir(run.c_str()) == 0) return fmt::print("{} is gone\n", run), abi::Good;
  std::string left;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(run, ignored))
    left += (left.empty() ? "" : ", ") + entry.path().filename().string();
  fmt::print("{} is no run any more; others' files are left in it: {}\n", run, left);
  return abi::Good;
}

}  // namespace wfc::run
