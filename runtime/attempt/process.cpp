// posix_spawn keeps starting a process as cheap as it can be (no copy of our pages); a pidfd lets
// one poll wait for its end, the controller and the clock at once.
#include "runtime/attempt/process.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

std::vector<std::string> environmentWith(
    const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> all;
  for (char** at = environ; *at != nullptr; ++at) {
    llvm::StringRef entry(*at);
    bool isReplaced = false;
    for (const auto& [name, value] : more)
      isReplaced |=
          entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
    if (!isReplaced) all.push_back(entry.str());
  }
  for (size_t n = 0; n < more.size(); ++n) {
    // The last of equal names counts.
    bool isLater = false;
    for (size_t later = n + 1; later < more.size(); ++later)
      isLater |= more[later].first == more[n].first;
    if (!isLater) all.push_back(more[n].first + "=" + more[n].second);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// A process as /proc/PID/stat has it.
struct Process {
  int pid = 0, parent = 0, group = 0, session = 0;
  int64_t pages = 0;
  int64_t ticks = 0;  ///< of CPU, with its reaped children's
};

std::vector<Process> processes() {
  std::vector<Process> all;
  DIR* dir = ::opendir("/proc");
  if (dir == nullptr) return all;
  while (dirent* entry = ::readdir(dir)) {
    if (!llvm::isDigit(entry->d_name[0])) continue;
    std::optional<std::string> text = readFile(fmt::format("/proc/{}/stat", entry->d_name));
    if (!text) continue;
    llvm::StringRef rest(*text);
    rest = rest.drop_front(std::min(rest.size(), rest.rfind(')') + 2));
    llvm::SmallVector<llvm::StringRef> fields;
    rest.split(fields, ' ');
    Process process;
    if (fields.size() < 22 || llvm::StringRef(entry->d_name).getAsInteger(10, process.pid) ||
        fields[1].getAsInteger(10, process.parent) || fields[2].getAsInteger(10, process.group) ||
        fields[3].getAsInteger(10, process.session) || fields[21].getAsInteger(10, process.pages))
      continue;
    for (size_t n : {11, 12, 13, 14}) {
      int64_t ticks = 0;
      if (!fields[n].getAsInteger(10, ticks)) process.ticks += ticks;
    }
    all.push_back(process);
  }
  ::closedir(dir);
  return all;
}

/// True if a signal does not do to a process what it does to those that know nothing of it.
bool catches(int pid, int signal) {
  std::string status = readFile(fmt::format("/proc/{}/status", pid)).value_or("");
  for (llvm::StringRef line : llvm::split(llvm::StringRef(status), '\n')) {
    uint64_t mask = 0;
    bool isOne = line.consume_front("SigCgt:") || line.consume_front("SigIgn:");
    if (isOne && !line.trim().getAsInteger(16, mask) && (mask >> (signal - 1) & 1) != 0)
      return true;
  }
  return false;
}

/// Where the kernel counts what it killed for memory in our group of processes; empty: nowhere.
std::string fileOfKills() {
  std::string own = readFile("/proc/self/cgroup").value_or("");
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(own).split(lines, '\n');
  std::string file;
  for (llvm::StringRef line : lines) {
    auto [controllers, path] = line.split(':').second.split(':');
    // The root's counts are everybody's.
    if (path == "/" || path.empty()) continue;
    if (controllers == "memory")
      file = fmt::format("/sys/fs/cgroup/memory{}/memory.oom_control", path.str());
    else if (controllers.empty() && file.empty())
      file = fmt::format("/sys/fs/cgroup{}/memory.events", path.str());
  }
  return file;
}

}  // namespace

const std::string& ownPath() {
  static const std::string path = [] {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).string();
  }();
  return path;
}

int spawn(const Spawn& what) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  if (what.input >= 0)
    posix_spawn_file_actions_adddup2(&actions, what.input, 0);
  else
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  const char* log = what.log.empty() ? "/dev/null" : what.log.c_str();
  if (what.output >= 0)
    posix_spawn_file_actions_adddup2(&actions, what.output, 1);
  else
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (what.errors >= 0)
    posix_spawn_file_actions_adddup2(&actions, what.errors, 2);
  else if (what.output >= 0)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0666);
  else
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
  if (!what.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, what.folder.c_str());
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  short own = what.isInSession ? POSIX_SPAWN_SETPGROUP : POSIX_SPAWN_SETSID;
  posix_spawnattr_setflags(
      &attributes, static_cast<short>(own | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  std::vector<std::string> argv = what.argv, env = environmentWith(what.env);
  int pid = -1;
  int error = posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(),
                           pointers(env).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? pid : -error;
}

int openPid(int pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

bool waitEnded(int pidfd, int64_t ms, llvm::ArrayRef<int> others) {
  llvm::SmallVector<pollfd, 4> polls{{pidfd, POLLIN, 0}};
  for (int other : others) polls.push_back({other, POLLIN, 0});
  int limit = ms < 0 ? -1 : static_cast<int>(std::min<int64_t>(ms, 1 << 30));
  ::poll(polls.data(), polls.size(), limit);
  return (polls[0].revents & POLLIN) != 0;
}

int reap(int pid, Used& used) {
  // Read while it is a zombie: with its reaped children's.
  if (std::optional<std::string> io = readFile(fmt::format("/proc/{}/io", pid))) {
    llvm::SmallVector<llvm::StringRef> lines;
    llvm::StringRef(*io).split(lines, '\n');
    for (llvm::StringRef line : lines) {
      auto [key, value] = line.split(": ");
      if (key == "rchar") value.getAsInteger(10, used.read);
      if (key == "wchar") value.getAsInteger(10, used.written);
    }
  }
  int status = 0;
  rusage usage{};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  used.cpuMs = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
               (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
  // A process begins with the peak of the one that started it: of a smaller one this says only that
  // it was smaller, which is worth telling where we are small ourselves.
  constexpr int64_t kSmall = 32 << 20;
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  int64_t peak = usage.ru_maxrss * 1024;
  used.isBound = usage.ru_maxrss <= own.ru_maxrss && used.rss == 0;
  if (usage.ru_maxrss > own.ru_maxrss || (used.isBound && peak <= kSmall))
    used.rss = std::max(used.rss, peak);
  return status;
}

int64_t residentOf(int group) {
  int64_t pages = 0;
  for (const Process& process : processes()) {
    if (process.group == group || process.session == group) pages += process.pages;
  }
  return pages * ::sysconf(_SC_PAGESIZE);
}

int64_t cpuMsOf(llvm::ArrayRef<int> groups) {
  int64_t ticks = 0;
  for (const Process& process : processes()) {
    if (llvm::is_contained(groups, process.group)) ticks += process.ticks;
  }
  return ticks * 1000 / ::sysconf(_SC_CLK_TCK);
}

void askToSave(int group) {
  std::vector<Process> members;
  for (const Process& process : processes()) {
    if (process.group == group) members.push_back(process);
  }
  for (const Process& member : members) {
    bool isWaiting =
        llvm::any_of(members, [&](const Process& other) { return other.parent == member.pid; });
    if (!isWaiting || catches(member.pid, SIGUSR1)) ::kill(member.pid, SIGUSR1);
  }
}

int64_t memoryKills() {
  static const std::string file = fileOfKills();
  std::string text = file.empty() ? "" : readFile(file).value_or("");
  llvm::SmallVector<llvm::StringRef> counts;
  llvm::StringRef(text).split(counts, '\n');
  int64_t kills = 0;
  for (llvm::StringRef count : counts)
    if (count.consume_front("oom_kill ")) (void)count.getAsInteger(10, kills);
  return kills;
}

void killGroup(int group) { ::kill(-group, SIGKILL); }

int runForOutput(const Spawn& what, std::string& output, int64_t ms) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  Spawn piped = what;
  piped.output = ends[1];
  int pid = spawn(piped);
  ::close(ends[1]);
  int64_t until = nowMs() + ms;
  bool isLate = false;
  char block[4096];
  while (pid > 0) {
    pollfd news{ends[0], POLLIN, 0};
    int64_t left = until - nowMs();
    if (left <= 0) {
      isLate = true;
      break;
    }
    if (::poll(&news, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30))) <= 0) continue;
    ssize_t got = ::read(ends[0], block, sizeof block);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
    if (got > 0) output.append(block, static_cast<size_t>(got));
  }
  ::close(ends[0]);
  if (pid < 0) return -1;
  // It may have closed its output and go on.
  int pidfd = openPid(pid);
  while (!isLate && !waitEnded(pidfd, std::max<int64_t>(0, until - nowMs()), {}))
    isLate = nowMs() >= until;
  if (isLate) killGroup(pid);
  ::close(pidfd);
  Used used;
  int status = reap(pid, used);
  if (isLate) return kTimedOut;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace wfc::run
