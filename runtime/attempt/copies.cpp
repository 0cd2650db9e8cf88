// See copies.h. One reads the shared disk, the others on the node wait for it.
#include "runtime/attempt/copies.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/process.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

/// Of a body without a limit of time.
constexpr int64_t kUnlimitedMs = int64_t(24) * 3600 * 1000;

bool isThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

/// `wfr move`, which verifies what it writes and puts it there whole.
std::string bring(const Job& job, const JobCopy& copy) {
  Spawn command;
  command.argv = {ownPath(), "move", copy.isPacked ? "unpack" : "copy", "--replace", "--",
                  copy.from, copy.to};
  command.folder = job.project;
  command.log = job.log;
  std::string ignored;
  makeFolders(job.log.substr(0, job.log.rfind('/')));
  int status = runForOutput(command, ignored, job.timeMs > 0 ? job.timeMs : kUnlimitedMs);
  if (status == 0) return {};
  return fmt::format("{} could not be brought to this node: see {}", copy.from, job.log);
}

std::string bringOnce(const Job& job, const JobCopy& copy) {
  if (isThere(copy.to)) return {};
  makeFolders(copy.to.substr(0, copy.to.rfind('/')));
  int lock = ::open((copy.to + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  int locked = -1;
  while (lock >= 0 && (locked = ::flock(lock, LOCK_EX)) != 0 && errno == EINTR) {
  }
  if (locked != 0) return fmt::format("cannot lock {}: {}", copy.to, std::strerror(errno));
  std::string wrong = isThere(copy.to) ? "" : bring(job, copy);
  ::close(lock);
  return wrong;
}

}  // namespace

std::string bringCopies(const Job& job) {
  for (const JobCopy& copy : job.copies) {
    std::string wrong = bringOnce(job, copy);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace wfc::run
