// A tree of files as it was found: every name, with what `lstat` says of it. Nothing is read and no
// link inside of it is followed; folders are opened name by name from the top, so that a folder
// that somebody swaps for a link leads nowhere.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "runtime/move/work.h"

namespace wfc::move {

/// An open file, closed at the end.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  /// What closing says, which for some file systems is the first word of a failed write.
  bool reset();

 private:
  int fd_;
};

/// BLAKE3.
using Digest = std::array<uint8_t, 32>;
std::string hexOf(const Digest& digest);

inline bool isSameTime(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// One name. Its parent comes before it; the first is the root and its own parent.
struct Node {
  std::string name;
  uint32_t parent = 0;
  mode_t mode = 0;
  uint64_t size = 0, blocks = 0;
  timespec mtime{};
  dev_t dev = 0;
  ino_t ino = 0;
  nlink_t names = 1;
  uid_t uid = 0;
  gid_t gid = 0;

  bool isFolder() const { return S_ISDIR(mode); }
  bool isFile() const { return S_ISREG(mode); }
  bool isLink() const { return S_ISLNK(mode); }
  bool isSpecial() const { return !isFolder() && !isFile() && !isLink(); }
  /// Has holes.
  bool isSparse() const { return blocks * 512 < size; }
};

Node nodeOf(const struct stat& info);

/// Where the files of a tree lie that is packed.
struct Packed {
  struct Member {
    uint64_t at = 0;
    /// What a link says.
    std::string target;
    Digest digest{};
    bool hasDigest = false;
    uint32_t crc = 0;
  };
  Fd owner;
  int fd = -1;
  /// By node.
  std::vector<Member> members;
};

struct FileMove;
enum class Moved;

/// Brings the files of a tree that lies in no file system to their places.
class Carrier {
 public:
  virtual ~Carrier() = default;
  /// As `transfer` does, and verified; `digest` becomes the hash of what was brought.
  virtual Moved bring(Work& work, uint32_t node, const FileMove& move, Digest& digest) = 0;
};

struct Tree {
  /// The folder that the root lies in, and its path.
  Fd base;
  std::string folder;
  std::vector<Node> nodes;
  /// If it is an archive.
  Packed packed;
  /// If it lies elsewhere: `packed` then has targets and hashes only, as far as they are known.
  std::shared_ptr<Carrier> carrier;

  /// As the user knows it; for messages.
  std::string pathOf(uint32_t node) const;
  /// Below the root; empty for the root.
  std::string below(uint32_t node) const;
  /// Opens the folder `node` of a tree of this shape whose root lies in `base` under `root`.
  Fd open(int base, const std::string& root, uint32_t node) const;
  Fd open(uint32_t node) const { return open(base.get(), nodes[0].name, node); }
  /// The folder that `node` lies in.
  Fd openParent(int base, const std::string& root, uint32_t node) const;
  Fd openParent(uint32_t node) const;
  /// What a link says.
  bool readLink(uint32_t node, std::string& target) const;
  /// All files and links, by path in order of bytes.
  std::vector<uint32_t> sortedLeaves() const;
};

/// Reads the tree at `path`, which may itself be a link. `hidden`, if given, is a name at the top
/// that is passed over. Sockets, pipes and devices are problems unless asked to be left out.
bool scan(Work& work, const std::string& path, Tree& tree, const std::string& hidden = {});

/// What a link says.
bool readLink(int folder, const std::string& name, std::string& target);

/// BLAKE3 of a file: of its bytes. Of a tree: over `NAME\nSIZE\nHASH\n` of each file and link in
/// order of names, a link with size 0 and `link TARGET` for its hash, as the ledger records it. A
/// name with a newline or a backslash is escaped as b3sum does.
std::string hashOf(const Tree& tree, const std::vector<Digest>& digests);

/// The same, line by line, in that order.
class TreeHash {
 public:
  TreeHash();
  ~TreeHash();
  void file(const std::string& below, uint64_t size, const Digest& digest);
  void link(const std::string& below, const std::string& target);
  std::string text();

 private:
  void line(const std::string& below, uint64_t size, const std::string& hash);
  struct State;
  std::unique_ptr<State> state_;
};

/// The same of whatever lies at a path, with its bytes; false if it cannot be read, with errno.
bool hashOf(const std::string& path, uint64_t& bytes, std::string& hash, uint64_t* inodes = nullptr,
            std::string* why = nullptr);

/// Reads all files and gives their hashes by node.
bool hashFiles(Work& work, const Tree& tree, std::vector<Digest>& digests);

inline bool isLater(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

}  // namespace wfc::move
