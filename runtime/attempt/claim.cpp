// Who runs an attempt: its work folder is made by exclusive creation, and a file in it names the
// wrapper and the body's process group, so that a later start can tell whether it still lives.
#include <cerrno>
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/abi/abi.h"
#include "runtime/attempt/container.h"
#include "runtime/attempt/process.h"
#include "runtime/attempt/run.h"
#include "runtime/backend.h"

namespace wfc::run {

namespace {

/// `model/2025-03-02` of `model[2025-03-02]`, each component short enough for a file system.
std::string folderName(llvm::StringRef instance) {
  auto [family, key] = instance.split('[');
  key.consume_back("]");
  std::string name = family.str();
  if (key.empty()) return name + "/_";
  if (key.size() > 200)
    return fmt::format("{}/{}~{:08x}", name, key.take_front(180).str(), checksum(key));
  return fmt::format("{}/{}", name, key.str());
}

}  // namespace

std::string workFolder(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  return fmt::format("{}/{}/{}.{}", run, abi::kWorkDir, folderName(instance), attempt);
}

std::string logFile(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  return fmt::format("{}/{}/{}.{}.log", run, abi::kLogsDir, folderName(instance), attempt);
}

bool claim(const Job& job) {
  if (::mkdir(job.work.c_str(), 0777) == 0) return true;
  if (errno != ENOENT) return false;
  return makeFolders(job.work.substr(0, job.work.rfind('/'))) &&
         ::mkdir(job.work.c_str(), 0777) == 0;
}

bool writeClaim(const std::string& work, int body) {
  ProcessName own = ownName();
  ProcessName leader = processName(body);
  return createExclusive(work + "/.claim", own.text() + "\n" + leader.text() + "\n");
}

void noteChecks(const std::string& work, llvm::ArrayRef<int> checks) {
  std::string text;
  for (int pid : checks) text += processName(pid).text() + "\n";
  writeWhole(work + "/.checks", text);
}

bool noteContainer(const std::string& work, const std::vector<std::string>& end) {
  return createExclusive(work + "/.container", llvm::join(end, "\n"));
}

std::optional<Claim> readClaim(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  std::string work = workFolder(run, instance, attempt);
  std::optional<std::string> text = readFile(work + "/.claim");
  if (!text) return std::nullopt;
  auto [first, second] = llvm::StringRef(*text).split('\n');
  std::optional<ProcessName> wrapper = ProcessName::parse(first);
  std::optional<ProcessName> body = ProcessName::parse(second);
  if (!wrapper || !body) return std::nullopt;
  Claim claim{*wrapper, *body, {}, {}};
  std::string checks = readFile(work + "/.checks").value_or("");
  for (llvm::StringRef line : llvm::split(llvm::StringRef(checks), '\n')) {
    if (std::optional<ProcessName> check = ProcessName::parse(line)) claim.checks.push_back(*check);
  }
  std::string container = readFile(work + "/.container").value_or("");
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(container).split(words, '\n', -1, false);
  for (llvm::StringRef word : words) claim.containerEnd.push_back(word.str());
  return claim;
}

std::vector<Alive> askClaims(const std::string& run, llvm::ArrayRef<Asked> attempts) {
  std::vector<Alive> answers;
  for (const Asked& asked : attempts) {
    std::optional<Claim> claim = readClaim(run, asked.instance, asked.attempt);
    int alive = claim ? lives(claim->wrapper) : 0;
    answers.push_back(alive < 0 ? Alive::Unknown : alive == 1 ? Alive::Yes : Alive::No);
  }
  return answers;
}

bool endLeftovers(const Claim& claim) {
  // Another host's processes cannot be reached from here.
  if (lives(claim.body) < 0) return false;
  for (const ProcessName& check : claim.checks) {
    if (lives(check) == 1) killGroup(check.pid);
  }
  // The group may outlive its leader; a group's id is not reused while it has members, so the
  // leader's own name decides first.
  if (lives(claim.body) == 1) ::kill(-claim.body.pid, SIGKILL);
  for (int round = 0; round < 100 && lives(claim.body) == 1; ++round) {
    timespec pause{0, 10000000};
    ::nanosleep(&pause, nullptr);
  }
  // A container's processes are not of the group.
  std::string ignored;
  if (!claim.containerEnd.empty())
    runForOutput({claim.containerEnd, {}, {}, {}, -1}, ignored, kContainerEndMs);
  return lives(claim.body) != 1;
}

}  // namespace wfc::run
