// Who runs an attempt: its work folder is made by exclusive creation, and a file in it names the
// wrapper and the body's process group, so that a later start can tell whether it still lives.
#include <cerrno>
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/abi/abi.h"
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

std::optional<Claim> readClaim(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  std::optional<std::string> text = readFile(workFolder(run, instance, attempt) + "/.claim");
  if (!text) return std::nullopt;
  auto [first, second] = llvm::StringRef(*text).split('\n');
  std::optional<ProcessName> wrapper =
      ProcessName::parse(std::string_view(first.data(), first.size()));
  std::optional<ProcessName> body =
      ProcessName::parse(std::string_view(second.data(), second.size()));
  if (!wrapper || !body) return std::nullopt;
  return Claim{*wrapper, *body};
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
  // The group may outlive its leader; a group's id is not reused while it has members, so the
  // leader's own name decides first.
  if (lives(claim.body) == 1) ::kill(-claim.body.pid, SIGKILL);
  for (int round = 0; round < 100 && lives(claim.body) == 1; ++round) {
    timespec pause{0, 10000000};
    ::nanosleep(&pause, nullptr);
  }
  return lives(claim.body) != 1;
}

}  // namespace wfc::run
