// See adopt.h. RUN/.next is being written, RUN/next counts: it holds the new `run`, plan and
// journal, and `moves`, one line each: what goes where. A line is carried out if what it moves is
// there and, for what goes to the past, has not gone before; so all of them may be carried out
// twice.
#include "runtime/control/adopt.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"

namespace wfc::run {

namespace fs = std::filesystem;

namespace {

std::string nextFolder(const std::string& run) { return fmt::format("{}/{}", run, abi::kNextDir); }
std::string movesFile(const std::string& run) { return nextFolder(run) + "/moves"; }

bool isThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool syncFolder(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  bool isSynced = ::fsync(fd) == 0;
  ::close(fd);
  return isSynced;
}

std::vector<std::string> namesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// What of the run's folder belongs to the plan of before: all that a start makes anew.
std::vector<std::string> recordOf(const RunView& view, const Backend& backend) {
  std::set<std::string> names = {"bin", "jobs", "report.html", "ro-crate-metadata.json", "source"};
  for (const std::string& name : namesIn(view.header.artifacts)) names.insert(name);
  for (llvm::StringRef name : backend.ownFiles) names.insert(name.str());
  names.insert(std::string(abi::kPlanFile));
  for (std::string_view name : {abi::kHeaderFile, abi::kLedgerDir, abi::kFilesDir, abi::kWorkDir,
                                abi::kLogsDir, abi::kPublishedDir, abi::kPastDir, abi::kNextDir})
    names.erase(std::string(name));
  std::vector<std::string> record(names.begin(), names.end());
  static constexpr std::string_view kStaying[] = {"inbox", "inputs", "stop"};
  for (const std::string& name : namesIn(fmt::format("{}/{}", view.run, abi::kLedgerDir))) {
    bool isStaying = llvm::StringRef(name).starts_with("lease") || name.starts_with(".");
    for (std::string_view staying : kStaying) isStaying |= name == staying;
    if (!isStaying) record.push_back(fmt::format("{}/{}", abi::kLedgerDir, name));
  }
  std::erase_if(record, [&](const std::string& name) { return !isThere(view.run + "/" + name); });
  return record;
}

/// Attempts that are over leave their claims; an instance that comes back one day counts its own
/// from one on.
void forgetAttempts(const RunView& view, const Comparison& comparison) {
  for (const Comparison::Item& item : comparison.items()) {
    std::optional<InstanceId> id =
        item.fate == Fate::Orphaned ? view.engine->find(item.id) : std::nullopt;
    if (!id) continue;
    for (const Attempt& attempt : view.engine->attemptsOf(*id))
      if (attempt.n > 0) removeAll(workFolder(view.run, item.id, attempt.n));
  }
}

/// Everything aside and on the disk.
std::string stage(const RunView& view, const Backend& backend, const RunHeader& header,
                  const std::string& plan, const Comparison& comparison) {
  std::string folder = fmt::format("{}/.{}", view.run, abi::kNextDir);
  removeAll(folder);
  std::string past = fmt::format("{}/{}", abi::kPastDir, pastRecords(view.run).size() + 1);
  std::string moves;
  for (const std::string& name : recordOf(view, backend))
    moves += fmt::format("past\t{}\t{}/{}\n", name, past, name);
  std::string here(abi::kNextDir);
  moves += fmt::format("past\t{0}/old.{1}\t{2}/{1}\n", here, abi::kHeaderFile, past);
  moves += fmt::format("now\t{0}/{1}\t{1}\n", here, abi::kPlanFile);
  moves += fmt::format("now\t{}/journal.1\t{}/{}1\n", here, abi::kLedgerDir, abi::kJournalPrefix);
  moves += fmt::format("now\t{0}/{1}\t{1}\n", here, abi::kHeaderFile);
  std::optional<std::string> old = readFile(fmt::format("{}/{}", view.run, abi::kHeaderFile));
  bool isWritten =
      old && makeFolders(folder) &&
      makeFolders(fmt::format("{}/{}/{}", view.run, past, abi::kLedgerDir)) &&
      writeWhole(fmt::format("{}/{}", folder, abi::kPlanFile), plan, true) &&
      writeWhole(folder + "/journal.1", comparison.journal(), true) &&
      writeWhole(fmt::format("{}/{}", folder, abi::kHeaderFile), headerText(header), true) &&
      writeWhole(fmt::format("{}/old.{}", folder, abi::kHeaderFile), *old, true) &&
      writeWhole(folder + "/moves", moves, true) && syncFolder(view.run);
  return isWritten ? "" : fmt::format("cannot write in {}: {}", view.run, std::strerror(errno));
}

}  // namespace

std::string adopt(Controller& controller, const Backend& backend, const RunHeader& header,
                  const std::string& plan, const Comparison& comparison) {
  const RunView& view = controller.view();
  std::string wrong = stage(view, backend, header, plan, comparison);
  if (!wrong.empty()) return wrong;
  forgetAttempts(view, comparison);
  std::string aside = fmt::format("{}/.{}", view.run, abi::kNextDir);
  if (::rename(aside.c_str(), nextFolder(view.run).c_str()) != 0)
    return fmt::format("cannot write in {}: {}", view.run, std::strerror(errno));
  syncFolder(view.run);
  finishAdoption(view.run);
  return {};
}

bool isHalfAdopted(const std::string& run) { return isThere(nextFolder(run)); }

void finishAdoption(const std::string& run) {
  std::optional<std::string> text = readFile(movesFile(run));
  llvm::SmallVector<llvm::StringRef> lines;
  if (text) llvm::StringRef(*text).split(lines, '\n', -1, false);
  std::set<std::string> folders = {run, fmt::format("{}/{}", run, abi::kLedgerDir)};
  for (llvm::StringRef line : lines) {
    auto [kind, names] = line.split('\t');
    std::string from = run + "/" + names.split('\t').first.str();
    std::string to = run + "/" + names.split('\t').second.str();
    if (!isThere(from) || (kind == "past" && isThere(to))) continue;
    ::rename(from.c_str(), to.c_str());
    folders.insert(to.substr(0, to.rfind('/')));
  }
  for (const std::string& folder : folders) syncFolder(folder);
  std::string done = fmt::format("{}/.{}", run, abi::kNextDir);
  removeAll(done);
  ::rename(nextFolder(run).c_str(), done.c_str());
  removeAll(done);
}

std::vector<std::string> pastRecords(const std::string& run) {
  std::vector<std::string> found;
  while (true) {
    std::string folder = fmt::format("{}/{}/{}", run, abi::kPastDir, found.size() + 1);
    if (!isThere(fmt::format("{}/{}", folder, abi::kHeaderFile))) return found;
    found.push_back(std::move(folder));
  }
}

}  // namespace wfc::run
