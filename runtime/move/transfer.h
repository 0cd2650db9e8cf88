// One file to its place: read once, hashed while it is read, written, read back and compared, then
// stamped with mode and time. What lies at the place from a killed attempt is compared block by
// block, and only what differs is written.
#pragma once

#include <functional>

#include "runtime/move/tree.h"

namespace wfc::move {

/// What is read at once; two of them fit the caches near a processor.
inline constexpr size_t kBlock = 256 << 10;

struct FileMove {
  int fromFolder;
  const Node& from;
  int toFolder;
  const std::string& toName;
  /// Something of an earlier attempt may lie there.
  bool mayExist = false;
  /// Paths for messages.
  std::function<std::string()> fromPath, toPath;
};

enum class Moved {
  Yes,      ///< written
  Same,     ///< it was right already
  Changed,  ///< the source changed meanwhile; noted as a problem
  No,       ///< a problem was noted
};

/// Moves one file; `digest` becomes the hash of what was read.
Moved transfer(Work& work, const FileMove& move, Digest& digest);

/// Hashes `size` bytes; false if there are fewer, or on an error of reading.
bool hashFile(Work& work, int fd, uint64_t size, Digest& digest);

/// The same from the device rather than from memory, as far as the file system lets go of it.
bool hashFromDisk(Work& work, int fd, uint64_t size, Digest& digest);

/// Sets owner (for root), mode and time of an open file, in this order. `hasMode`: it was made with
/// its mode, by us.
bool stamp(int fd, const Node& node, bool hasMode);

/// Removes a file, or a folder with everything in it, following no link.
bool removeAll(int folder, const std::string& name);

}  // namespace wfc::move
