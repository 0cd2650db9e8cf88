// One file to its place: read once, hashed while it is read, written, read back and compared, then
// stamped with mode and time. What lies at the place from a killed attempt is compared block by
// block, and only what differs is written.
#pragma once

#include <functional>

#include "runtime/move/hashes.h"

namespace wfc::move {

struct FileMove {
  int fromFolder;
  const Node& from;
  int toFolder;
  const std::string& toName;
  /// Something of an earlier attempt may lie there.
  bool mayExist = false;
  /// The archive that it lies in, and where.
  int packed = -1;
  uint64_t at = 0;
  /// Paths for messages.
  std::function<std::string()> fromPath, toPath;
};

enum class Moved {
  Yes,      ///< written
  Same,     ///< it was right already
  Changed,  ///< the source changed meanwhile; noted as a problem
  No,       ///< a problem was noted
};

/// Moves one file; `digest` becomes the hash of what was read, of a small one once `hashes` are
/// finished.
Moved transfer(Work& work, const FileMove& move, Hashes& hashes, Digest& digest);

/// Something of the source is not what it was: a problem, unless somebody works there.
void noteChanged(Work& work, const std::string& path);

/// Sets owner (for root), mode and time of an open file, in this order. `hasMode`: it was made with
/// its mode, by us.
bool stamp(int fd, const Node& node, bool hasMode);

/// A folder of ours in one that hands its group on: for root, who keeps owners, it hands on
/// nothing.
void endInheritance(int folder);

/// Removes a file, or a folder with everything in it, following no link.
bool removeAll(int folder, const std::string& name);

}  // namespace wfc::move
