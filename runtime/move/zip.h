// The ZIP format, as far as archives of stored members need it: with 64-bit sizes and offsets, Unix
// modes and times. Text in, text out; no file is touched here.
//
// Beside what every reader knows, the directory of an archive has one field of ours for each member
// (id 0x6677): its BLAKE3 and its time to the nanosecond.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <sys/types.h>

#include <llvm/ADT/StringRef.h>

#include "runtime/move/tree.h"

namespace wfc::move::zip {

struct Entry {
  /// Relative; that of a folder ends in a slash.
  std::string name;
  mode_t mode = 0;
  timespec mtime{};
  uint64_t size = 0;
  uint32_t crc = 0;
  /// Where its local header lies.
  uint64_t at = 0;
  std::optional<Digest> digest;
  /// 0: as it is.
  uint16_t method = 0;
  bool isEncrypted = false;
};

/// What stands before the bytes of a member. Its length does not depend on `crc`.
std::string localHeader(const Entry& entry);
/// Length of the local header that is in an archive, from its first 30 bytes; 0 if it is none.
constexpr size_t kLocalFixed = 30;
size_t localLength(llvm::StringRef fixed);

/// The entry's row in the directory at the end.
std::string centralHeader(const Entry& entry);

/// What ends an archive.
std::string ending(uint64_t count, uint64_t directoryAt, uint64_t directorySize,
                   llvm::StringRef comment);

/// Where the directory is.
struct Directory {
  uint64_t at = 0, size = 0, count = 0;
  std::string comment;
};
/// So many bytes at the end hold the ending, whatever its comment.
constexpr size_t kTail = 22 + 65535 + 20 + 56;
/// Reads the ending from the last bytes of a file of `fileSize`; nothing if there is none.
std::optional<Directory> findDirectory(llvm::StringRef tail, uint64_t fileSize);

/// Takes the first row off `rows`; nothing if it is not one.
std::optional<Entry> takeEntry(llvm::StringRef& rows);

}  // namespace wfc::move::zip
