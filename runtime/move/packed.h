// An archive as a tree: its directory is read, its members stay where they are.
#pragma once

#include "runtime/move/tree.h"
#include "runtime/move/zip.h"

namespace wfc::move {

/// Opens an archive. What a tree cannot have (a name outside of it, a name twice, a file where a
/// folder is wanted, compressed or encrypted members) is a problem.
bool openPacked(Work& work, const std::string& path, Tree& tree);

/// Compares the hashes of what was read with those in the archive; members of archives that others
/// made have only a CRC-32, which is read again.
bool checkPacked(Work& work, const Tree& tree, const std::vector<Digest>& digests);

bool checkMember(Work& work, const Tree& tree, uint32_t node, const Digest& digest);

/// The comment by which an archive keeps what its root is, and the hash of the tree.
std::string packedComment(const Node& root, const std::string& hash);

}  // namespace wfc::move
