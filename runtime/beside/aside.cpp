// See aside.h.
#include "runtime/beside/aside.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/beside/problem.h"

namespace wfc::beside {

namespace {

namespace fs = std::filesystem;

/// What the folders aside of this program and machine are called: the locks of another one may not
/// be seen here.
std::string prefix() {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return std::string(".") + program_invocation_short_name + "-" + host + "-";
}

[[noreturn]] void failMissing(const std::string& folder) {
  fail(folder, "there is no such folder", "mkdir -p makes it");
}

}  // namespace

std::string folderOf(const std::string& path) {
  std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string madeFolder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
    if (errno == ENOENT) failMissing(folderOf(folder));
    failCall(folder, "cannot be made");
  }
  return folder;
}

Aside::Aside(std::string folder) : folder_(std::move(folder)) {
  struct stat info{};
  if (::stat(folder_.c_str(), &info) != 0) {
    if (errno == ENOENT) failMissing(folder_);
    failCall(folder_, "cannot be looked at");
  }
  if (!S_ISDIR(info.st_mode)) fail(folder_, "is no folder");
  removeStale();
  open();
}

Aside::~Aside() {
  std::error_code ignored;
  fs::remove_all(aside_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

void Aside::open() {
  // Between its making and its locking another process may have taken it for a stale one.
  for (int attempt = 0; attempt < 100; ++attempt) {
    aside_ = folder_ + "/" + prefix() + "XXXXXX";
    if (::mkdtemp(aside_.data()) == nullptr) failCall(folder_, "cannot be written to");
    lock_ = ::open(aside_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock_ < 0) continue;
    ::flock(lock_, LOCK_EX | LOCK_NB);
    if (::access(aside_.c_str(), F_OK) == 0) return;
    ::close(lock_);
    lock_ = -1;
  }
  fail(folder_, "somebody removes what is made there");
}

void Aside::removeStale() const {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().filename().string().rfind(prefix(), 0) != 0) continue;
    int held = ::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (held < 0) continue;
    // Where there are no locks nobody can know, and it stays.
    if (::flock(held, LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
    ::close(held);
  }
}

void Aside::publish(const std::string& name, const std::string& to) const {
  std::error_code error;
  fs::create_directories(folderOf(to), error);
  if (::rename(path(name).c_str(), to.c_str()) != 0) failCall(to, "cannot be put in its place");
}

void Aside::publishText(const std::string& text, const std::string& to) const {
  std::string name = "text-" + fs::path(to).filename().string();
  std::ofstream file(path(name), std::ios::binary);
  file << text;
  file.close();
  if (!file) failCall(to, "cannot be written");
  publish(name, to);
}

}  // namespace wfc::beside
