// The one place where the compiler starts a process.
#include "compiler/driver/process.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

extern char** environ;

namespace wfc::driver {

std::optional<Ran> runProgram(llvm::ArrayRef<std::string> argv, bool showsErrors) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  if (!showsErrors) posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  int failure = posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Ran ran;
  char buffer[1 << 16];
  while (failure == 0) {
    ssize_t got = ::read(ends[0], buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    ran.output.append(buffer, static_cast<size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  if (failure != 0 || ::waitpid(child, &status, 0) != child) return std::nullopt;
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

std::string programOnPath(llvm::StringRef name) {
  const char* path = std::getenv("PATH");
  llvm::SmallVector<llvm::StringRef> folders;
  llvm::StringRef(path ? path : "").split(folders, ':', -1, false);
  for (llvm::StringRef folder : folders) {
    std::string file = (folder + "/" + name).str();
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

std::string become(llvm::ArrayRef<std::string> argv) {
  std::vector<const char*> words;
  for (const std::string& word : argv) words.push_back(word.c_str());
  words.push_back(nullptr);
  ::execvp(words[0], const_cast<char**>(words.data()));
  return std::strerror(errno);
}

std::string runtimePath() {
  namespace fs = std::filesystem;
  std::error_code error;
  // The link of the running program is what tells where that is.
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  // Where there is no /proc, the kernel still says by what path it was started.
  if (error) self = fs::absolute(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)), error);
  fs::path beside = self.parent_path() / "wfr";
  return fs::exists(beside, error) ? beside.string() : "wfr";
}

}  // namespace wfc::driver
