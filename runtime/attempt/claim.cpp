// Who runs an attempt: its work folder appears with a file in it that names the
// wrapper, and later the body's process group, so that a later start can tell whether it still
// lives.
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
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

/// Asked for by each attempt, and the same while the process lives.
const ProcessName& self() {
  static ProcessName own;
  if (own.pid != ::getpid()) own = ownName();
  return own;
}

/// What the environment of a body holds, and of no other.
std::vector<std::string> bodyMark(const std::string& run, llvm::StringRef instance,
                                  uint32_t attempt) {
  return {fmt::format("{}={}", abi::kRun, run),
          fmt::format("{}={}", abi::kInstance, instance.str()),
          fmt::format("{}={}", abi::kAttempt, attempt)};
}

/// Leaders of sessions whose environment holds the mark.
std::vector<ProcessName> bodiesOf(const std::vector<std::string>& mark) {
  std::vector<ProcessName> found;
  DIR* dir = ::opendir("/proc");
  if (dir == nullptr) return found;
  while (dirent* entry = ::readdir(dir)) {
    int pid = 0;
    if (llvm::StringRef(entry->d_name).getAsInteger(10, pid) || ::getsid(pid) != pid) continue;
    std::string text = readFile(fmt::format("/proc/{}/environ", pid)).value_or("");
    llvm::SmallVector<llvm::StringRef> words;
    llvm::StringRef(text).split(words, '\0');
    bool isOne = llvm::all_of(
        mark, [&](const std::string& word) { return llvm::is_contained(words, word); });
    if (isOne) found.push_back(processName(pid));
  }
  ::closedir(dir);
  return found;
}

}  // namespace

std::string workFolder(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  return fmt::format("{}/{}/{}.{}", run, abi::kWorkDir, folderName(instance), attempt);
}

std::string takenBackMark(const std::string& work) { return work + "/.taken-back"; }

std::string logFile(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  return fmt::format("{}/{}/{}.{}.log", run, abi::kLogsDir, folderName(instance), attempt);
}

/// Made aside and renamed: whoever sees the folder can read in it whose it is.
bool claim(const Job& job) {
  const ProcessName& own = self();
  std::string family = job.work.substr(0, job.work.rfind('/')), aside = job.spare;
  int fd = aside.empty() ? -1 : ::open((aside + "/.claim").c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    aside = fmt::format("{}/.claim.{}.{}", family, own.host, own.pid);
    // One that is there is of a process of the same number that was killed here.
    bool isMade = ::mkdir(aside.c_str(), 0777) == 0 || errno == EEXIST;
    if (!isMade && errno == ENOENT)
      isMade = makeFolders(family) && (::mkdir(aside.c_str(), 0777) == 0 || errno == EEXIST);
    if (isMade) fd = ::open((aside + "/.claim").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  }
  std::string line = own.text() + "\n";
  auto size = static_cast<ssize_t>(line.size());
  // Cut after it is written: a file that was emptied first would go to the disk when it is closed.
  bool isWritten =
      fd >= 0 && ::write(fd, line.data(), line.size()) == size && ::ftruncate(fd, size) == 0;
  if (fd >= 0) ::close(fd);
  // A folder with something in it is not replaced.
  auto move = [&] { return ::rename(aside.c_str(), job.work.c_str()) == 0; };
  if (isWritten && (move() || (errno == ENOENT && makeFolders(family) && move()))) return true;
  int reason = errno;
  ::unlink((aside + "/.claim").c_str());
  ::rmdir(aside.c_str());
  errno = reason;
  return false;
}

bool hasOnlyClaim(const std::string& work) {
  DIR* dir = ::opendir(work.c_str());
  if (dir == nullptr) return false;
  bool isOnly = true;
  while (dirent* entry = ::readdir(dir)) {
    llvm::StringRef name(entry->d_name);
    isOnly &= name == "." || name == ".." || name == ".claim";
  }
  ::closedir(dir);
  return isOnly;
}

bool writeClaim(const std::string& work, int body) {
  std::string line = processName(body).text() + "\n";
  int fd = ::open((work + "/.claim").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  bool isWritten = fd >= 0 && ::write(fd, line.data(), line.size()) == ssize_t(line.size());
  if (fd >= 0) ::close(fd);
  return isWritten;
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
  if (!wrapper) return std::nullopt;
  Claim claim{*wrapper, ProcessName::parse(second), {}, {}, bodyMark(run, instance, attempt)};
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
  if (lives(claim.wrapper) < 0) return false;
  for (const ProcessName& check : claim.checks) {
    if (lives(check) == 1) killGroup(check.pid);
  }
  // Its wrapper may have been killed between starting the body and saying so.
  std::vector<ProcessName> bodies = claim.body ? std::vector{*claim.body} : bodiesOf(claim.mark);
  // The group may outlive its leader; a group's id is not reused while it has members, so the
  // leader's own name decides first.
  auto isAnyAlive = [&] {
    return llvm::any_of(bodies, [](const ProcessName& body) { return lives(body) == 1; });
  };
  for (const ProcessName& body : bodies) {
    if (lives(body) == 1) killGroup(body.pid);
  }
  for (int round = 0; round < 100 && isAnyAlive(); ++round) {
    timespec pause{0, 10000000};
    ::nanosleep(&pause, nullptr);
  }
  // A container's processes are not of the group.
  std::string ignored;
  if (!claim.containerEnd.empty())
    runForOutput({claim.containerEnd, {}, {}, {}, -1}, ignored, kContainerEndMs);
  return !isAnyAlive();
}

}  // namespace wfc::run
