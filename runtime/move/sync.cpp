// `wfr move sync`: once, or again and again while somebody works in the source.
//
// New versions of files are written in a hidden folder beside the destination (inside of it, where
// the destination is the top of a file system) and renamed over the old ones.
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/move/command.h"
#include "runtime/move/copy.h"
#include "runtime/move/given.h"
#include "runtime/move/mirror.h"
#include "runtime/move/transfer.h"

namespace wfc::move {

namespace {

constexpr const char* kInside = ".wfr-part";

/// The folder for new versions of files, on the file system of the destination.
class Area {
 public:
  bool open(Work& work, const Place& to, int top) {
    struct stat above{}, there{};
    bool isOne = ::fstat(to.folder(), &above) == 0 && ::fstat(top, &there) == 0 &&
                 above.st_dev == there.st_dev;
    folder_ = isOne ? to.folder() : top;
    name_ = isOne ? to.part() : kInside;
    if (::mkdirat(folder_, name_.c_str(), 0700) != 0 && errno != EEXIST)
      return work.failCall(to.path() + "/" + kInside, "cannot be made");
    fd_ = Fd(::openat(folder_, name_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd_) return work.failCall(to.partPath(), "cannot be opened");
    return true;
  }
  int fd() const { return fd_.get(); }
  void remove() const { removeAll(folder_, name_); }

 private:
  Fd fd_;
  int folder_ = -1;
  std::string name_;
};

bool syncTo(Work& work, const Tree& from, Place& to, Summary& summary) {
  if (!areApart(work, from, to)) return false;
  if (!to.exists() && ::mkdirat(to.folder(), to.name().c_str(), 0700) != 0)
    return work.failCall(to.path(), "cannot be made");
  Fd top(::openat(to.folder(), to.name().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top)
    return work.refuse(to.path(), "is no folder", "name the folder that is to be up to date");
  if (::flock(top.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return work.refuse(to.path(), "is being brought up to date by another `wfr move`",
                       "wait for it, or end it");
  Area area;
  if (!area.open(work, to, top.get())) return false;
  Mirror mirror(work, from, {to.folder(), to.name(), to.path(), true, area.fd(), kInside});
  bool isGood = mirror.run();
  if (isGood && work.options.isFlushed && ::syncfs(top.get()) != 0)
    return work.failCall(to.path(), "cannot be brought to the disk");
  if (isGood && work.options.verify == Verify::Disk) isGood = mirror.verifyFromDisk();
  if (isGood) area.remove();
  if (isGood && mirror.isHashed()) summary.hash = hashOf(from, mirror.digests());
  return isGood;
}

/// When a sync that repeats is to make its last pass.
class Until {
 public:
  explicit Until(const std::string& when) : when_(when) {
    if (when.starts_with("pid:")) pid_ = std::atoi(when.c_str() + 4);
  }
  bool isOver() const {
    if (Work::isStopped()) return true;
    if (pid_ > 0) return ::kill(pid_, 0) != 0 && errno == ESRCH;
    return !when_.empty() && ::access(when_.c_str(), F_OK) == 0;
  }
  /// Waits for the next pass, or for the end.
  void wait(double seconds) const {
    double until = secondsNow() + seconds;
    while (secondsNow() < until && !isOver()) ::usleep(100'000);
  }

 private:
  std::string when_;
  pid_t pid_ = 0;
};

Exit pass(const Options& options, const base::Given& given) {
  Work work(options);
  Summary summary{"sync", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "sync");
    Tree from;
    Place to;
    if (scan(work, given.words[0], from) && to.open(work, given.words[1])) {
      if (from.nodes[0].isFolder())
        syncTo(work, from, to, summary);
      else
        work.refuse(given.words[0], "is no folder", "`wfr move copy --replace` is for files");
    }
  }
  summary.seconds = secondsNow() - begun;
  print(work, summary, given.has("--json"));
  return work.status();
}

int repeat(Options options, const base::Given& given, double every) {
  Until until(given.get("--until"));
  options.isUnderWork = true;
  while (!until.isOver()) {
    Exit status = pass(options, given);
    // What failed may be mended until the next pass; what was refused is not.
    if (status == Refused || status == WrongUse) return status;
    until.wait(every);
  }
  Work::forgetSignal();
  options.isUnderWork = false;
  options.settle = 0;
  return pass(options, given);
}

}  // namespace

int syncCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  Work::catchSignals();
  if (!given.has("--every")) {
    if (given.has("--until")) return wrongUse("`--until` goes with `--every`");
    return pass(*options, given);
  }
  std::optional<double> every = readSeconds(given.get("--every"));
  if (!every) return wrongUse("`--every` is a time, as in 15min");
  return repeat(*options, given, *every);
}

}  // namespace wfc::move
