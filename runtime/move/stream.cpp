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

/// From this size on another thread reads ahead.
constexpr uint64_t kAhead = 8 << 20;

/// Some bytes on their way, or a hole of any length.
struct Chunk {
  uint64_t at = 0, hole = 0;
  size_t size = 0;
  std::vector<uint8_t> bytes;
  /// Something else: there is no chunk, for this reason and errno.
  Streamed end = Streamed::Written;
  int error = 0;
};

/// The reading side: bytes, their hash and their CRC.
class Source {
 public:
  Source(Work& work, const Stream& asked, uint32_t* crc) : work_(work), asked_(asked), crc_(crc) {
    ::posix_fadvise(asked.in, static_cast<off_t>(asked.inAt), static_cast<off_t>(asked.size),
                    POSIX_FADV_SEQUENTIAL);
  }

  void fill(Chunk& chunk) {
    chunk.at = at_;
    chunk.size = 0;
    chunk.hole = holeAt(at_) - at_;
    if (chunk.hole > 0) {
      zeros(chunk.hole);
      at_ += chunk.hole;
    } else {
      chunk.bytes.resize(kBlock);
      chunk.size = static_cast<size_t>(std::min<uint64_t>(kBlock, asked_.size - at_));
      work_.take(chunk.size);
      ssize_t got = readFully(asked_.in, chunk.bytes.data(), chunk.size, asked_.inAt + at_);
      chunk.error = errno;
      if (got < 0) chunk.end = Streamed::NoRead;
      if (got >= 0 && got != static_cast<ssize_t>(chunk.size)) chunk.end = Streamed::Short;
      if (chunk.end != Streamed::Written) return;
      take(llvm::ArrayRef(chunk.bytes.data(), chunk.size));
      at_ += chunk.size;
    }
    if (work_.isOver()) chunk.end = Streamed::Over;
  }

  bool isAtEnd() const { return at_ == asked_.size; }
  Digest digest() { return finish(hasher_); }

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

  Work& work_;
  const Stream& asked_;
  uint32_t* crc_;
  uint64_t at_ = 0;
  llvm::BLAKE3 hasher_;
};

/// Fills chunks on a thread of its own, a few ahead of who empties them.
class Ahead {
 public:
  explicit Ahead(Source& source) : thread_([this, &source] { loop(source); }) {}
  ~Ahead() {
    isLeft_ = true;
    release();
    thread_.join();
  }
  /// The next chunk, good until it is released.
  Chunk& next() {
    filled_.wait(used_);
    return ring_[used_ % kMost];
  }
  void release() {
    ++used_;
    used_.notify_one();
  }

 private:
  void loop(Source& source) {
    for (uint64_t n = 0; !source.isAtEnd(); ++n) {
      for (uint64_t used = used_; !isLeft_ && n >= used + kMost; used = used_) used_.wait(used);
      if (isLeft_) return;
      Chunk& chunk = ring_[n % kMost];
      source.fill(chunk);
      bool isLast = chunk.end != Streamed::Written;
      ++filled_;
      filled_.notify_one();
      if (isLast) return;
    }
  }

  static constexpr uint64_t kMost = 4;
  Chunk ring_[kMost];
  std::atomic<uint64_t> filled_{0}, used_{0};
  std::atomic<bool> isLeft_{false};
  // Last: it uses the others.
  std::thread thread_;
};

/// The writing side: what is there already stays, the rest is written and read back.
class Sink {
 public:
  Sink(Work& work, const Stream& asked) : work_(work), asked_(asked), isSame_(asked.mayBeThere) {}

  Streamed put(const Chunk& chunk) {
    if (chunk.end != Streamed::Written) {
      errno = chunk.error;
      return chunk.end;
    }
    Streamed end = chunk.hole > 0 ? Streamed::Written : write(chunk);
    done_ = chunk.at + chunk.hole + chunk.size;
    if (work_.options.isFlushed && done_ - flushed_ >= kWriteback) {
      ::sync_file_range(asked_.out, static_cast<off_t>(asked_.outAt + flushed_),
                        static_cast<off_t>(done_ - flushed_), SYNC_FILE_RANGE_WRITE);
      flushed_ = done_;
    }
    return end;
  }

  bool isAtEnd() const { return done_ == asked_.size; }
  bool isSame() const { return isSame_; }

 private:
  Streamed write(const Chunk& chunk) {
    uint64_t at = asked_.outAt + chunk.at;
    if (asked_.mayBeThere && isThere(chunk, at) == Streamed::Written) {
      work_.count.resumedBytes += chunk.size;
      return Streamed::Written;
    }
    isSame_ = false;
    if (!writeFully(asked_.out, chunk.bytes.data(), chunk.size, at)) return Streamed::NoWrite;
    // At once, while both are near the processor.
    return work_.options.verify == Verify::Written ? isThere(chunk, at) : Streamed::Written;
  }

  Streamed isThere(const Chunk& chunk, uint64_t at) const {
    Blocks& own = blocks();
    ssize_t back = readFully(asked_.out, own.back.data(), chunk.size, at);
    if (back < 0) return Streamed::NoBack;
    bool isSame = back == static_cast<ssize_t>(chunk.size) &&
                  std::memcmp(chunk.bytes.data(), own.back.data(), chunk.size) == 0;
    return isSame ? Streamed::Written : Streamed::Differs;
  }

  Work& work_;
  const Stream& asked_;
  uint64_t done_ = 0, flushed_ = 0;
  bool isSame_;
};

/// All chunks from one to the other.
Streamed pass(Source& source, Sink& sink, bool isAhead) {
  std::optional<Ahead> ahead;
  if (isAhead) ahead.emplace(source);
  Chunk own;
  while (!sink.isAtEnd()) {
    if (!ahead) {
      own = {0, 0, 0, std::move(own.bytes), Streamed::Written, 0};
      source.fill(own);
    }
    Streamed end = sink.put(ahead ? ahead->next() : own);
    if (end != Streamed::Written) return end;
    if (ahead) ahead->release();
  }
  return sink.isSame() ? Streamed::Same : Streamed::Written;
}

}  // namespace

Streamed stream(Work& work, const Stream& asked, Digest& digest, uint32_t* crc) {
  if (crc != nullptr) *crc = 0;
  Source source(work, asked, crc);
  Sink sink(work, asked);
  Streamed end = pass(source, sink, asked.size >= kAhead);
  int error = errno;
  digest = source.digest();
  errno = error;
  return end;
}

namespace {

/// Up to this size a file is hashed without the blocks, which a process that hashes one small file
/// would only make for it.
constexpr size_t kTiny = 16 << 10;

bool hashTiny(int fd, size_t size, Digest& digest, uint64_t from) {
  uint8_t bytes[kTiny];
  if (readFully(fd, bytes, size, from) != static_cast<ssize_t>(size)) return false;
  digest = digestOf(llvm::ArrayRef(bytes, size));
  return true;
}

}  // namespace

bool hashFile(const Work& work, int fd, uint64_t size, Digest& digest, uint64_t from) {
  if (size <= kTiny) return hashTiny(fd, static_cast<size_t>(size), digest, from);
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
