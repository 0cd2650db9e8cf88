// Making and opening a run's folder, small files that appear whole, and the names of processes.
#include "runtime/ledger/folder.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::run {

namespace {

bool writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

void syncFolderOf(const std::string& path) {
  std::string folder = path.substr(0, path.rfind('/'));
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

/// Values are one line each: what would break the line is escaped as in the journal.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + "\"";
}

std::string unquoted(llvm::StringRef text) {
  std::string result;
  text = text.trim();
  if (text.consume_front("\"")) text.consume_back("\"");
  for (size_t n = 0; n < text.size(); ++n) {
    if (text[n] != '\\' || n + 1 == text.size())
      result += text[n];
    else if (text[++n] == 'n')
      result += '\n';
    else
      result += text[n];
  }
  return result;
}

/// Neither changes while a process lives, and each attempt asks.
const std::string& bootId() {
  static const std::string id =
      llvm::StringRef(readFile("/proc/sys/kernel/random/boot_id").value_or("unknown")).trim().str();
  return id;
}

const std::string& hostName() {
  static const std::string host = [] {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return std::string(name);
  }();
  return host;
}

/// Field 22 of /proc/PID/stat; 0 if there is no such process or it is a zombie.
uint64_t startOf(int pid) {
  std::optional<std::string> text = readFile(fmt::format("/proc/{}/stat", pid));
  if (!text) return 0;
  llvm::StringRef rest(*text);
  rest = rest.drop_front(std::min(rest.size(), rest.rfind(')') + 2));
  llvm::SmallVector<llvm::StringRef> fields;
  rest.split(fields, ' ');
  uint64_t started = 0;
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X" ||
      fields[19].getAsInteger(10, started))
    return 0;
  return started;
}

}  // namespace

std::optional<std::string> readFile(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  char block[16384];
  while (true) {
    ssize_t got = ::read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      ::close(fd);
      if (got < 0) return std::nullopt;
      return text;
    }
    text.append(block, static_cast<size_t>(got));
  }
}

std::vector<std::string> visibleIn(const std::string& folder) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr) return names;
  while (dirent* entry = ::readdir(dir)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

bool writeWhole(const std::string& path, std::string_view text, bool isDurable) {
  size_t slash = path.rfind('/');
  // Nobody else's: not of another thread, nor of a process of the same number on another node.
  static std::atomic<unsigned> count = 0;
  std::string temporary = fmt::format("{}/.{}.{}.{}", path.substr(0, slash), hostName(), ::getpid(),
                                      count.fetch_add(1));
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  bool isWritten = writeAll(fd, text) && (!isDurable || ::fsync(fd) == 0);
  isWritten = ::close(fd) == 0 && isWritten && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!isWritten) ::unlink(temporary.c_str());
  if (isWritten && isDurable) syncFolderOf(path);
  return isWritten;
}

bool createExclusive(const std::string& path, std::string_view text) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  bool isWritten = writeAll(fd, text);
  ::close(fd);
  return isWritten;
}

bool isDiskFull(const std::string& folder) {
  struct statvfs room{};
  if (::statvfs(folder.c_str(), &room) != 0) return false;
  constexpr uint64_t kLeast = 64 << 10;  // less is no use to anybody
  bool hasInodes = room.f_files == 0 || room.f_favail > 0;
  return room.f_bavail * room.f_frsize < kLeast || !hasInodes;
}

bool makeFolders(const std::string& path) {
  if (path.empty() || ::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return true;
  if (errno != ENOENT) return false;
  size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0 || !makeFolders(path.substr(0, slash))) return false;
  return ::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST;
}

int64_t nowMs() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

std::string headerText(const RunHeader& header) {
  std::string text = fmt::format(
      "flow = {}\ntarget = {}\nartifact = {}\nproject = {}\nartifacts = {}\ncreated = \"{}\"\n",
      quoted(header.flow), quoted(header.target), quoted(header.artifact), quoted(header.project),
      quoted(header.artifacts), header.created);
  return header.adopted == 0 ? text : text + fmt::format("adopted = \"{}\"\n", header.adopted);
}

std::string createRun(const std::string& run, const RunHeader& header, std::string_view plan) {
  for (std::string_view folder :
       {abi::kInboxDir, abi::kFilesDir, abi::kWorkDir, abi::kLogsDir, abi::kPublishedDir}) {
    if (!makeFolders(fmt::format("{}/{}", run, folder)))
      return fmt::format("cannot make {}/{}: {}", run, folder, std::strerror(errno));
  }
  bool isMade = writeWhole(fmt::format("{}/{}", run, abi::kPlanFile), plan, true) &&
                writeWhole(fmt::format("{}/{}", run, abi::kHeaderFile), headerText(header), true);
  return isMade ? "" : fmt::format("cannot write in {}: {}", run, std::strerror(errno));
}

Outcomes<RunHeader> readHeader(const std::string& run) {
  std::optional<std::string> text = readFile(fmt::format("{}/{}", run, abi::kHeaderFile));
  if (!text)
    return {std::nullopt, fmt::format("{} is no run: it has no file `{}`", run, abi::kHeaderFile)};
  RunHeader header;
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(*text).split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    auto [key, value] = line.split('=');
    std::string plain = unquoted(value);
    key = key.trim();
    if (key == "flow") header.flow = plain;
    if (key == "target") header.target = plain;
    if (key == "artifact") header.artifact = plain;
    if (key == "project") header.project = plain;
    if (key == "artifacts") header.artifacts = plain;
    if (key == "adopted") llvm::StringRef(plain).getAsInteger(10, header.adopted);
    if (key == "created") llvm::StringRef(plain).getAsInteger(10, header.created);
  }
  return {header, {}};
}

std::string ProcessName::text() const {
  return fmt::format("{} {} {} {}", host, pid, started, boot);
}

std::optional<ProcessName> ProcessName::parse(std::string_view text) {
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(text).trim().split(words, ' ', -1, false);
  ProcessName name;
  if (words.size() < 4 || words[1].getAsInteger(10, name.pid) ||
      words[2].getAsInteger(10, name.started))
    return std::nullopt;
  name.host = words[0].str();
  name.boot = words[3].str();
  return name;
}

ProcessName processName(int pid) { return {hostName(), bootId(), pid, startOf(pid)}; }

ProcessName ownName() { return processName(::getpid()); }

int lives(const ProcessName& name) {
  if (name.host != hostName()) return -1;
  if (name.boot != bootId()) return 0;
  uint64_t started = startOf(name.pid);
  return started != 0 && started == name.started ? 1 : 0;
}

}  // namespace wfc::run
