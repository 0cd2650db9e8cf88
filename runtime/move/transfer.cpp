// See transfer.h.
#include "runtime/move/transfer.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace wfc::move {

namespace {

class Transfer {
 public:
  Transfer(Work& work, const FileMove& move, Hashes& hashes, Digest& digest)
      : work_(work), move_(move), hashes_(hashes), digest_(digest) {}

  Moved run() {
    in_ = isPacked() ? Fd(::fcntl(move_.packed, F_DUPFD_CLOEXEC, 0))
                     : Fd(::openat(move_.fromFolder, move_.from.name.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!in_ && (errno == ENOENT || errno == ELOOP)) return changed();
    if (!in_) return call(move_.fromPath(), "cannot be read");
    if (!openOut()) return call(move_.toPath(), "cannot be written");
    Moved moved = clone() ? cloned() : move_.from.size <= kBlock ? small() : large();
    if (moved != Moved::Yes && moved != Moved::Same) return moved;
    if (!isPacked() && hasChanged()) return changed();
    if (!stamp(out_.get(), move_.from, hasMode_))
      return call(move_.toPath(), "cannot be given its mode");
    if (!out_.reset()) return call(move_.toPath(), "cannot be written");
    return moved;
  }

 private:
  bool isPacked() const { return move_.packed >= 0; }

  bool hasChanged() const {
    struct stat now{};
    return ::fstat(in_.get(), &now) != 0 || static_cast<uint64_t>(now.st_size) != move_.from.size ||
           now.st_mtim.tv_sec != move_.from.mtime.tv_sec ||
           now.st_mtim.tv_nsec != move_.from.mtime.tv_nsec;
  }

  Moved call(const std::string& path, const char* doing) {
    work_.failCall(path, doing);
    return Moved::No;
  }

  Moved changed() {
    noteChanged(work_, move_.fromPath());
    return Moved::Changed;
  }

  Moved differs() {
    work_.fail(move_.toPath(), "what was read back is not what was written",
               "do not trust the memory or the disk of this machine; nothing was published");
    return Moved::No;
  }

  bool create() {
    out_ = Fd(::openat(move_.toFolder, move_.toName.c_str(),
                       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, move_.from.mode & 0777));
    return static_cast<bool>(out_);
  }

  bool openOut() {
    if (create()) return true;
    if (errno != EEXIST || !move_.mayExist) return false;
    const char* name = move_.toName.c_str();
    struct stat there{};
    if (::fstatat(move_.toFolder, name, &there, AT_SYMLINK_NOFOLLOW) != 0) return false;
    // Another name of it would change too, and holes are not compared.
    bool isOwn =
        S_ISREG(there.st_mode) && there.st_nlink == 1 && (isPacked() || !move_.from.isSparse());
    if (isOwn && (there.st_mode & 0600) != 0600) ::fchmodat(move_.toFolder, name, 0600, 0);
    if (isOwn) out_ = Fd(::openat(move_.toFolder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    // Made just now, to hold the name.
    hasMode_ = !out_;
    isFresh_ = !out_ || there.st_size == 0;
    return out_ || (removeAll(move_.toFolder, move_.toName) && create());
  }

  /// Shares the blocks with the source, on file systems that can.
  bool clone() {
    static std::atomic<bool> isHopeless{false};
    if (!isFresh_ || isHopeless || isPacked() || move_.from.size == 0) return false;
    if (::ioctl(out_.get(), FICLONE, in_.get()) == 0) return true;
    isHopeless = true;
    return false;
  }

  Moved cloned() {
    ++work_.count.cloned;
    if (!hashFile(work_, out_.get(), move_.from.size, digest_))
      return call(move_.toPath(), "cannot be read");
    work_.count.bytes += move_.from.size;
    return Moved::Yes;
  }

  Moved small() {
    uint8_t* back = blocks().back.data();
    size_t size = static_cast<size_t>(move_.from.size);
    uint8_t* bytes = hashes_.room(size + 1);
    work_.take(size);
    // A byte more than there should be tells a file that has grown.
    ssize_t got = readFully(in_.get(), bytes, isPacked() ? size : size + 1, move_.at, size);
    if (got < 0) return call(move_.fromPath(), "cannot be read");
    if (got != static_cast<ssize_t>(size)) return changed();
    hashes_.add(size, digest_);
    work_.count.bytes += size;
    if (!isFresh_ && readFully(out_.get(), back, size + 1, 0, size) == got &&
        std::memcmp(bytes, back, size) == 0)
      return Moved::Same;
    if (!writeFully(out_.get(), bytes, size, 0) ||
        (!isFresh_ && ::ftruncate(out_.get(), static_cast<off_t>(size)) != 0))
      return call(move_.toPath(), "cannot be written");
    if (work_.options.verify != Verify::Written) return Moved::Yes;
    ssize_t there = readFully(out_.get(), back, size + 1, 0, size);
    if (there < 0) return call(move_.toPath(), "cannot be read back");
    bool isSame = there == got && std::memcmp(bytes, back, size) == 0;
    return isSame ? Moved::Yes : differs();
  }

  Moved large() {
    if (::ftruncate(out_.get(), static_cast<off_t>(move_.from.size)) != 0)
      return call(move_.toPath(), "cannot be written");
    Stream asked{in_.get(),
                 out_.get(),
                 move_.at,
                 0,
                 move_.from.size,
                 !isFresh_,
                 !isPacked() && move_.from.isSparse()};
    switch (stream(work_, asked, digest_)) {
      case Streamed::Written:
        return Moved::Yes;
      case Streamed::Same:
        return Moved::Same;
      case Streamed::NoRead:
        return call(move_.fromPath(), "cannot be read");
      case Streamed::Short:
        return changed();
      case Streamed::NoWrite:
        return call(move_.toPath(), "cannot be written");
      case Streamed::NoBack:
        return call(move_.toPath(), "cannot be read back");
      case Streamed::Differs:
        return differs();
      case Streamed::Over:
        break;
    }
    return Moved::No;
  }

  Work& work_;
  const FileMove& move_;
  Hashes& hashes_;
  Digest& digest_;
  Fd in_, out_;
  bool isFresh_ = true, hasMode_ = true;
};

}  // namespace

Moved transfer(Work& work, const FileMove& move, Hashes& hashes, Digest& digest) {
  return Transfer(work, move, hashes, digest).run();
}

void noteChanged(Work& work, const std::string& path) {
  if (work.options.isUnderWork)
    ++work.count.skipped;
  else
    work.fail(path, "changed while it was read", "move it when nobody writes to it any more");
}

bool stamp(int fd, const Node& node, bool hasMode) {
  // Only root may give files away, and not everywhere.
  static const uid_t uid = ::geteuid();
  static const gid_t gid = ::getegid();
  bool isGiven = uid == 0 && (!hasMode || node.uid != uid || node.gid != gid);
  if (isGiven && ::fchown(fd, node.uid, node.gid) != 0 && errno != EPERM && errno != EINVAL)
    return false;
  if ((!hasMode || isGiven || (node.mode & 07000) != 0) && ::fchmod(fd, node.mode & 07777) != 0)
    return false;
  timespec times[2] = {{0, UTIME_OMIT}, node.mtime};
  return ::futimens(fd, times) == 0;
}

void endInheritance(int folder) {
  struct stat info{};
  if (::geteuid() != 0 || ::fstat(folder, &info) != 0 || (info.st_mode & S_ISGID) == 0) return;
  // Where root may do less than everything, it stays as it is.
  if (::fchown(folder, info.st_uid, ::getegid()) == 0) ::fchmod(folder, info.st_mode & 01777);
}

bool removeAll(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return true;
  if (errno != EISDIR && errno != EPERM) return false;
  if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0) return true;
  ::fchmodat(folder, name.c_str(), 0700, 0);
  Fd fd(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return false;
  DIR* dir = ::fdopendir(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  if (dir == nullptr) return false;
  std::vector<std::string> names;
  while (dirent* entry = ::readdir(dir)) {
    std::string one = entry->d_name;
    if (one != "." && one != "..") names.push_back(std::move(one));
  }
  ::closedir(dir);
  for (const std::string& one : names) {
    if (!removeAll(fd.get(), one)) return false;
  }
  return ::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0;
}

}  // namespace wfc::move
