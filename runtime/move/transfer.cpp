// See transfer.h.
#include "runtime/move/transfer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <optional>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/BLAKE3.h>

namespace wfc::move {

namespace {

/// So often the kernel is asked to begin writing to the device.
constexpr uint64_t kWriteback = 16 << 20;

struct Blocks {
  std::vector<uint8_t> read = std::vector<uint8_t>(kBlock + 1);
  std::vector<uint8_t> back = std::vector<uint8_t>(kBlock + 1);
};

Blocks& blocks() {
  static thread_local Blocks own;
  return own;
}

/// Reads until `size` bytes or the end; -1 on an error. Where one byte more is asked for than there
/// should be, none of it is enough.
ssize_t readFully(int fd, uint8_t* to, size_t size, uint64_t at, size_t enough) {
  size_t got = 0;
  while (got < enough) {
    ssize_t n = ::pread(fd, to + got, size - got, static_cast<off_t>(at + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  return static_cast<ssize_t>(got);
}

ssize_t readFully(int fd, uint8_t* to, size_t size, uint64_t at) {
  return readFully(fd, to, size, at, size);
}

bool writeFully(int fd, const uint8_t* from, size_t size, uint64_t at) {
  size_t put = 0;
  while (put < size) {
    ssize_t n = ::pwrite(fd, from + put, size - put, static_cast<off_t>(at + put));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    put += static_cast<size_t>(n);
  }
  return true;
}

void finish(llvm::BLAKE3& hasher, Digest& digest) {
  llvm::BLAKE3Result<> result = hasher.final();
  std::copy(result.begin(), result.end(), digest.begin());
}

/// Reads behind the writer what it has written, and hashes it.
class Follower {
 public:
  Follower(Work& work, int fd, uint64_t size)
      : thread_([this, &work, fd, size] {
          llvm::BLAKE3 hasher;
          std::vector<uint8_t> block(kBlock);
          for (uint64_t at = 0; at < size;) {
            written_.wait(at);
            uint64_t until = written_;
            if (isLeft_) return;
            size_t want = static_cast<size_t>(std::min<uint64_t>(kBlock, until - at));
            if (readFully(fd, block.data(), want, at) != static_cast<ssize_t>(want)) {
              error_ = errno;
              return;
            }
            hasher.update(llvm::ArrayRef(block.data(), want));
            at += want;
            if (work.isOver()) return;
          }
          finish(hasher, digest);
        }) {}
  /// Joins; an unfinished writer leaves first.
  ~Follower() {
    if (thread_.joinable()) {
      isLeft_ = true;
      advance(UINT64_MAX);
      thread_.join();
    }
  }
  void advance(uint64_t written) {
    written_ = written;
    written_.notify_one();
  }
  /// The error of reading, or 0.
  int end() {
    thread_.join();
    return error_;
  }
  Digest digest{};

 private:
  std::atomic<uint64_t> written_{0};
  std::atomic<bool> isLeft_{false};
  int error_ = 0;
  // Last: it uses the others.
  std::thread thread_;
};

class Transfer {
 public:
  Transfer(Work& work, const FileMove& move, Digest& digest)
      : work_(work), move_(move), digest_(digest) {}

  Moved run() {
    in_ = Fd(::openat(move_.fromFolder, move_.from.name.c_str(),
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!in_ && (errno == ENOENT || errno == ELOOP)) return changed();
    if (!in_) return call(move_.fromPath(), "cannot be read");
    if (!openOut()) return call(move_.toPath(), "cannot be written");
    Moved moved = clone() ? cloned() : move_.from.size <= kBlock ? small() : large();
    if (moved != Moved::Yes && moved != Moved::Same) return moved;
    struct stat now{};
    if (::fstat(in_.get(), &now) != 0) return call(move_.fromPath(), "cannot be read");
    if (static_cast<uint64_t>(now.st_size) != move_.from.size ||
        now.st_mtim.tv_sec != move_.from.mtime.tv_sec ||
        now.st_mtim.tv_nsec != move_.from.mtime.tv_nsec)
      return changed();
    if (!stamp(out_.get(), move_.from, isFresh_))
      return call(move_.toPath(), "cannot be given its mode");
    if (!out_.reset()) return call(move_.toPath(), "cannot be written");
    return moved;
  }

 private:
  Moved call(const std::string& path, const char* doing) {
    work_.failCall(path, doing);
    return Moved::No;
  }

  Moved changed() {
    if (work_.options.isUnderWork) {
      ++work_.count.skipped;
      return Moved::Changed;
    }
    work_.fail(move_.fromPath(), "changed while it was read",
               "move it when nobody writes to it any more");
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
    bool isOwn = S_ISREG(there.st_mode) && there.st_nlink == 1 && !move_.from.isSparse();
    if (isOwn && (there.st_mode & 0600) != 0600) ::fchmodat(move_.toFolder, name, 0600, 0);
    if (isOwn) out_ = Fd(::openat(move_.toFolder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    isFresh_ = !out_;
    return out_ || (removeAll(move_.toFolder, move_.toName) && create());
  }

  /// Shares the blocks with the source, on file systems that can.
  bool clone() {
    static std::atomic<bool> isHopeless{false};
    if (!isFresh_ || isHopeless || move_.from.size == 0) return false;
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
    Blocks& own = blocks();
    size_t size = static_cast<size_t>(move_.from.size);
    work_.take(size);
    ssize_t got = readFully(in_.get(), own.read.data(), size + 1, 0, size);
    if (got < 0) return call(move_.fromPath(), "cannot be read");
    if (got != static_cast<ssize_t>(size)) return changed();
    auto digest = llvm::BLAKE3::hash(llvm::ArrayRef(own.read.data(), size));
    std::copy(digest.begin(), digest.end(), digest_.begin());
    work_.count.bytes += size;
    if (!isFresh_ && readFully(out_.get(), own.back.data(), size + 1, 0, size) == got &&
        std::memcmp(own.read.data(), own.back.data(), size) == 0)
      return Moved::Same;
    if (!writeFully(out_.get(), own.read.data(), size, 0) ||
        (!isFresh_ && ::ftruncate(out_.get(), static_cast<off_t>(size)) != 0))
      return call(move_.toPath(), "cannot be written");
    if (work_.options.verify != Verify::Written) return Moved::Yes;
    ssize_t back = readFully(out_.get(), own.back.data(), size + 1, 0, size);
    if (back < 0) return call(move_.toPath(), "cannot be read back");
    bool isSame = back == got && std::memcmp(own.read.data(), own.back.data(), size) == 0;
    return isSame ? Moved::Yes : differs();
  }

  Moved large() {
    ::posix_fadvise(in_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    if (::ftruncate(out_.get(), static_cast<off_t>(move_.from.size)) != 0)
      return call(move_.toPath(), "cannot be written");
    std::optional<Follower> follower;
    if (work_.options.verify == Verify::Written)
      follower.emplace(work_, out_.get(), move_.from.size);
    llvm::BLAKE3 hasher;
    bool isSame = !isFresh_;
    for (uint64_t at = 0; at < move_.from.size && !work_.isOver();) {
      uint64_t hole = holeAt(at);
      Moved moved = hole > at ? zeros(hasher, hole - at) : block(hasher, at, isSame);
      if (moved != Moved::Yes) return moved;
      at = hole > at ? hole : std::min<uint64_t>(at + kBlock, move_.from.size);
      if (follower) follower->advance(at);
      if (work_.options.isFlushed && at % kWriteback == 0)
        ::sync_file_range(out_.get(), static_cast<off_t>(at - kWriteback), kWriteback,
                          SYNC_FILE_RANGE_WRITE);
    }
    if (work_.isOver()) return Moved::No;
    finish(hasher, digest_);
    if (follower) {
      errno = follower->end();
      if (errno != 0) return call(move_.toPath(), "cannot be read back");
      if (follower->digest != digest_) return differs();
    }
    return isSame ? Moved::Same : Moved::Yes;
  }

  /// The end of the hole at `at`, down to a whole block; `at` where there is none.
  uint64_t holeAt(uint64_t at) const {
    if (!move_.from.isSparse()) return at;
    off_t data = ::lseek(in_.get(), static_cast<off_t>(at), SEEK_DATA);
    if (data < 0) return errno == ENXIO ? move_.from.size : at;
    return std::max(at, static_cast<uint64_t>(data) / kBlock * kBlock);
  }

  /// A hole is not written, but hashed.
  Moved zeros(llvm::BLAKE3& hasher, uint64_t count) {
    static const std::vector<uint8_t> block(kBlock, 0);
    for (uint64_t left = count; left > 0 && !work_.isOver();) {
      size_t size = static_cast<size_t>(std::min<uint64_t>(left, kBlock));
      hasher.update(llvm::ArrayRef(block.data(), size));
      left -= size;
    }
    work_.count.bytes += count;
    return Moved::Yes;
  }

  Moved block(llvm::BLAKE3& hasher, uint64_t at, bool& isSame) {
    Blocks& own = blocks();
    size_t size = static_cast<size_t>(std::min<uint64_t>(kBlock, move_.from.size - at));
    work_.take(size);
    ssize_t got = readFully(in_.get(), own.read.data(), size, at);
    if (got < 0) return call(move_.fromPath(), "cannot be read");
    if (got != static_cast<ssize_t>(size)) return changed();
    hasher.update(llvm::ArrayRef(own.read.data(), size));
    work_.count.bytes += size;
    if (!isFresh_ && readFully(out_.get(), own.back.data(), size, at) == got &&
        std::memcmp(own.read.data(), own.back.data(), size) == 0) {
      work_.count.resumedBytes += size;
      return Moved::Yes;
    }
    isSame = false;
    if (!writeFully(out_.get(), own.read.data(), size, at))
      return call(move_.toPath(), "cannot be written");
    return Moved::Yes;
  }

  Work& work_;
  const FileMove& move_;
  Digest& digest_;
  Fd in_, out_;
  bool isFresh_ = true;
};

}  // namespace

Moved transfer(Work& work, const FileMove& move, Digest& digest) {
  return Transfer(work, move, digest).run();
}

bool hashFile(Work& work, int fd, uint64_t size, Digest& digest) {
  llvm::BLAKE3 hasher;
  Blocks& own = blocks();
  for (uint64_t at = 0; at < size;) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(kBlock, size - at));
    if (readFully(fd, own.back.data(), want, at) != static_cast<ssize_t>(want)) return false;
    hasher.update(llvm::ArrayRef(own.back.data(), want));
    at += want;
    if (work.isOver()) return false;
  }
  finish(hasher, digest);
  return true;
}

bool hashFromDisk(Work& work, int fd, uint64_t size, Digest& digest) {
  if (::fsync(fd) != 0) return false;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  return hashFile(work, fd, size, digest);
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
