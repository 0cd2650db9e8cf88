// See live.h.
#include "runtime/move/live.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/move/transfer.h"

namespace wfc::move {

bool Live::open(Work& work, const Place& to, bool isFolder) {
  int top = to.folder();
  if (isFolder) {
    const char* name = to.name().c_str();
    if (!to.exists() && ::mkdirat(to.folder(), name, 0700) != 0)
      return work.failCall(to.path(), "cannot be made");
    top_ = Fd(::openat(to.folder(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    top = top_.get();
    if (!top_)
      return work.refuse(to.path(), "is no folder", "name the folder that is to be up to date");
  }
  struct stat above{}, there{};
  bool isOne = ::fstat(to.folder(), &above) == 0 && ::fstat(top, &there) == 0 &&
               above.st_dev == there.st_dev;
  folder_ = isOne ? to.folder() : top;
  name_ = isOne ? to.part() : kInside;
  if (::mkdirat(folder_, name_.c_str(), 0700) != 0 && errno != EEXIST)
    return work.failCall(to.partPath(), "cannot be made");
  area_ = Fd(::openat(folder_, name_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!area_) return work.failCall(to.partPath(), "cannot be opened");
  endInheritance(area_.get());
  // Where a file system has no locks, nothing keeps two apart.
  if (::flock(isFolder ? top : area_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return work.refuse(to.path(), "is being worked on by another `wfr move`",
                       "wait for it, or end it");
  return true;
}

bool Live::flush(Work& work, const Place& to) const {
  return !work.options.isFlushed || ::syncfs(area_.get()) == 0 ||
         work.failCall(to.path(), "cannot be brought to the disk");
}

void Live::close(bool isGood) const {
  if (isGood)
    removeAll(folder_, name_);
  else
    ::unlinkat(folder_, name_.c_str(), AT_REMOVEDIR);
}

}  // namespace wfc::move
