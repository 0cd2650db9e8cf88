// Bytes from one open file to another: read once, hashed while they are read, compared with what is
// there where something may be, written, and read back. Of large ones a second thread reads ahead.
#pragma once

#include <cstddef>

#include <llvm/ADT/ArrayRef.h>

#include "runtime/move/tree.h"

namespace wfc::move {

/// What is read at once; two of them fit the caches near a processor.
inline constexpr size_t kBlock = 256 << 10;

/// Two blocks of this thread, each with room for a byte more.
struct Blocks {
  std::vector<uint8_t> read = std::vector<uint8_t>(kBlock + 1);
  std::vector<uint8_t> back = std::vector<uint8_t>(kBlock + 1);
};
Blocks& blocks();

/// Reads until `size` bytes or the end; -1 on an error. Where one byte more is asked for than there
/// should be, none of it is enough.
ssize_t readFully(int fd, uint8_t* to, size_t size, uint64_t at, size_t enough);
ssize_t readFully(int fd, uint8_t* to, size_t size, uint64_t at);
bool writeFully(int fd, const uint8_t* from, size_t size, uint64_t at);

struct Stream {
  int in, out;
  uint64_t inAt = 0, outAt = 0, size = 0;
  /// What lies there may be right already.
  bool mayBeThere = false;
  /// Holes of the source are not written; nothing may lie there.
  bool hasHoles = false;
};

enum class Streamed {
  Written,
  Same,     ///< all of it was there
  NoRead,   ///< an error of reading, in errno
  Short,    ///< the source ended early
  NoWrite,  ///< an error of writing, in errno
  NoBack,   ///< an error of reading back, in errno
  Differs,  ///< what was read back is not what was written
  Over,     ///< the work is over
};

/// Moves the bytes. `crc`, if given, becomes their CRC-32.
Streamed stream(Work& work, const Stream& asked, Digest& digest, uint32_t* crc = nullptr);

/// Hashes `size` bytes from `at` on; false if there are fewer, or on an error of reading.
bool hashFile(const Work& work, int fd, uint64_t size, Digest& digest, uint64_t at = 0);

/// The same from the device rather than from memory, as far as the file system lets go of it.
bool hashFromDisk(const Work& work, int fd, uint64_t size, Digest& digest);

/// The hash of bytes in memory.
Digest digestOf(llvm::ArrayRef<uint8_t> bytes);

}  // namespace wfc::move
