// See stream.h.
#include "runtime/move/stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <thread>
#include <unistd.h>

#include <llvm/Support/BLAKE3.h>
#include <llvm/Support/CRC.h>

namespace wfc::move {

Blocks& blocks() {
  static thread_local Blocks own;
  return own;
}

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

namespace {

/// So often the kernel is asked to begin writing to the device.
constexpr uint64_t kWriteback = 16 << 20;

Digest finish(llvm::BLAKE3& hasher) {
  llvm::BLAKE3Result<> result = hasher.final();
  Digest digest;
  std::copy(result.begin(), result.end(), digest.begin());
  return digest;
}

/// Reads behind the writer what it has written, and hashes it.
class Follower {
 public:
  Follower(const Work& work, int fd, uint64_t from, uint64_t size)
      : thread_([this, &work, fd, from, size] {
          llvm::BLAKE3 hasher;
          std::vector<uint8_t> block(kBlock);
          for (uint64_t at = 0; at < size;) {
            written_.wait(at);
            uint64_t until = written_;
            if (isLeft_) return;
            size_t want = static_cast<size_t>(std::min<uint64_t>(kBlock, until - at));
            if (readFully(fd, block.data(), want, from + at) != static_cast<ssize_t>(want)) {
              error_ = errno == 0 ? EIO : errno;
              return;
            }
            hasher.update(llvm::ArrayRef(block.data(), want));
            at += want;
            if (work.isOver()) return;
          }
          digest = finish(hasher);
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

class Streaming {
 public:
  Streaming(Work& work, const Stream& asked, uint32_t* crc)
      : work_(work), asked_(asked), crc_(crc), isSame_(asked.mayBeThere) {}

  Streamed run(Digest& digest) {
    ::posix_fadvise(asked_.in, static_cast<off_t>(asked_.inAt), static_cast<off_t>(asked_.size),
                    POSIX_FADV_SEQUENTIAL);
    std::optional<Follower> follower;
    if (work_.options.verify == Verify::Written)
      follower.emplace(work_, asked_.out, asked_.outAt, asked_.size);
    for (uint64_t at = 0; at < asked_.size && !work_.isOver();) {
      uint64_t hole = holeAt(at);
      Streamed end = Streamed::Written;
      if (hole > at)
        zeros(hole - at);
      else
        end = block(at);
      if (end != Streamed::Written) return end;
      at = hole > at ? hole : std::min<uint64_t>(at + kBlock, asked_.size);
      if (follower) follower->advance(at);
      if (work_.options.isFlushed && at % kWriteback == 0)
        ::sync_file_range(asked_.out, static_cast<off_t>(asked_.outAt + at - kWriteback),
                          kWriteback, SYNC_FILE_RANGE_WRITE);
    }
    if (work_.isOver()) return Streamed::Over;
    digest = finish(hasher_);
    if (follower) {
      errno = follower->end();
      if (work_.isOver()) return Streamed::Over;
      if (errno != 0) return Streamed::NoBack;
      if (follower->digest != digest) return Streamed::Differs;
    }
    return isSame_ ? Streamed::Same : Streamed::Written;
  }

 private:
  /// The end of the hole at `at`, down to a whole block; `at` where there is none.
  uint64_t holeAt(uint64_t at) const {
    if (!asked_.hasHoles) return at;
    off_t data = ::lseek(asked_.in, static_cast<off_t>(at), SEEK_DATA);
    if (data < 0) return errno == ENXIO ? asked_.size : at;
    return std::max(at, std::min(asked_.size, static_cast<uint64_t>(data) / kBlock * kBlock));
  }

  /// A hole is not written, but hashed.
  void zeros(uint64_t count) {
    static const std::vector<uint8_t> block(kBlock, 0);
    for (uint64_t left = count; left > 0 && !work_.isOver();) {
      size_t size = static_cast<size_t>(std::min<uint64_t>(left, kBlock));
      take(llvm::ArrayRef(block.data(), size));
      left -= size;
    }
  }

  void take(llvm::ArrayRef<uint8_t> bytes) {
    hasher_.update(bytes);
    if (crc_ != nullptr) *crc_ = llvm::crc32(*crc_, bytes);
    work_.count.bytes += bytes.size();
  }

  Streamed block(uint64_t at) {
    Blocks& own = blocks();
    size_t size = static_cast<size_t>(std::min<uint64_t>(kBlock, asked_.size - at));
    work_.take(size);
    ssize_t got = readFully(asked_.in, own.read.data(), size, asked_.inAt + at);
    if (got < 0) return Streamed::NoRead;
    if (got != static_cast<ssize_t>(size)) return Streamed::Short;
    take(llvm::ArrayRef(own.read.data(), size));
    if (asked_.mayBeThere &&
        readFully(asked_.out, own.back.data(), size, asked_.outAt + at) == got &&
        std::memcmp(own.read.data(), own.back.data(), size) == 0) {
      work_.count.resumedBytes += size;
      return Streamed::Written;
    }
    isSame_ = false;
    return writeFully(asked_.out, own.read.data(), size, asked_.outAt + at) ? Streamed::Written
                                                                            : Streamed::NoWrite;
  }

  Work& work_;
  const Stream& asked_;
  uint32_t* crc_;
  bool isSame_;
  llvm::BLAKE3 hasher_;
};

}  // namespace

Streamed stream(Work& work, const Stream& asked, Digest& digest, uint32_t* crc) {
  if (crc != nullptr) *crc = 0;
  return Streaming(work, asked, crc).run(digest);
}

bool hashFile(const Work& work, int fd, uint64_t size, Digest& digest, uint64_t from) {
  llvm::BLAKE3 hasher;
  Blocks& own = blocks();
  for (uint64_t at = 0; at < size;) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(kBlock, size - at));
    if (readFully(fd, own.back.data(), want, from + at) != static_cast<ssize_t>(want)) return false;
    hasher.update(llvm::ArrayRef(own.back.data(), want));
    at += want;
    if (work.isOver()) return false;
  }
  digest = finish(hasher);
  return true;
}

bool hashFromDisk(const Work& work, int fd, uint64_t size, Digest& digest) {
  if (::fsync(fd) != 0) return false;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  return hashFile(work, fd, size, digest);
}

Digest digestOf(llvm::ArrayRef<uint8_t> bytes) { return llvm::BLAKE3::hash(bytes); }

}  // namespace wfc::move
