// See packed.h.
#include "runtime/move/packed.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/Support/CRC.h>

#include "runtime/move/stream.h"

namespace wfc::move {

namespace {

constexpr const char* kComment = "wfr move 1";
/// A link longer than this is none.
constexpr uint64_t kLongestLink = 1 << 16;

/// Why a member may not be unpacked, or nothing.
std::string flawOf(const zip::Entry& entry) {
  llvm::StringRef name(entry.name);
  name.consume_back("/");
  if (entry.isEncrypted) return "is encrypted";
  if (entry.method != 0) return "is compressed";
  llvm::SmallVector<llvm::StringRef> parts;
  name.split(parts, '/');
  for (llvm::StringRef part : parts) {
    if (part.empty() || part == "." || part == ".." || part.contains('\0'))
      return "has a name that leads out of the archive";
  }
  return {};
}

class Reader {
 public:
  Reader(Work& work, const std::string& path, Tree& tree) : work_(work), path_(path), tree_(tree) {}

  bool run() {
    std::string rows;
    if (!readRows(rows)) return false;
    names_[""] = 0;
    llvm::StringRef left(rows);
    for (uint64_t n = 0; n < directory_.count; ++n) {
      std::optional<zip::Entry> entry = zip::takeEntry(left);
      if (!entry) return broken();
      if (!add(*entry)) return false;
    }
    return left.empty() || broken();
  }

 private:
  bool broken() {
    return work_.fail(path_, "is no whole archive: its directory cannot be read",
                      "copy or pack it again");
  }

  bool readRows(std::string& rows) {
    int fd = tree_.packed.fd;
    struct stat info{};
    ::fstat(fd, &info);
    uint64_t size = static_cast<uint64_t>(info.st_size);
    std::string tail(std::min<uint64_t>(size, zip::kTail), '\0');
    if (!read(tail, size - tail.size())) return false;
    std::optional<zip::Directory> found = zip::findDirectory(tail, size);
    if (!found) return broken();
    directory_ = *found;
    rows.resize(directory_.size);
    readRoot(nodeOf(info));
    return read(rows, directory_.at);
  }

  bool read(std::string& to, uint64_t at) {
    ssize_t got = readFully(tree_.packed.fd, reinterpret_cast<uint8_t*>(to.data()), to.size(), at);
    if (got < 0) return work_.failCall(path_, "cannot be read");
    return got == static_cast<ssize_t>(to.size()) || broken();
  }

  /// The root is what the comment says, if we wrote it.
  void readRoot(const Node& file) {
    Node root;
    root.name = path_.substr(path_.rfind('/') + 1);
    root.mode = S_IFDIR | 0755;
    root.mtime = file.mtime;
    root.uid = ::geteuid();
    root.gid = ::getegid();
    llvm::StringRef comment(directory_.comment);
    if (comment.consume_front(kComment)) {
      unsigned mode = 0;
      comment.consume_front(" mode ");
      comment.consumeInteger(8, mode);
      comment.consume_front(" time ");
      comment.consumeInteger(10, root.mtime.tv_sec);
      comment.consume_front(".");
      comment.consumeInteger(10, root.mtime.tv_nsec);
      root.mode = S_IFDIR | mode;
    }
    tree_.nodes = {std::move(root)};
    tree_.packed.members.resize(1);
  }

  bool flaw(const zip::Entry& entry, const std::string& what) {
    return work_.fail(path_ + "/" + entry.name, what, "`unzip` may know more");
  }

  bool add(const zip::Entry& entry) {
    std::string wrong = flawOf(entry);
    if (!wrong.empty()) return flaw(entry, wrong);
    llvm::StringRef name(entry.name);
    name.consume_back("/");
    auto [above, last] = name.rsplit('/');
    uint32_t parent = 0;
    if (!last.empty() && !folder(above, parent))
      return flaw(entry, "lies in something that is no folder");
    if (last.empty()) last = above;
    auto found = names_.find(name);
    if (found != names_.end()) {
      Node& known = tree_.nodes[found->second];
      // A folder may come after what lies in it.
      if (!known.isFolder() || !S_ISDIR(entry.mode)) return flaw(entry, "is there twice");
      known.mode = entry.mode;
      known.mtime = entry.mtime;
      return true;
    }
    Node node;
    node.name = last.str();
    node.parent = parent;
    node.mode = entry.mode;
    node.size = S_ISREG(entry.mode) ? entry.size : 0;
    node.blocks = (node.size + 511) / 512;
    node.mtime = entry.mtime;
    return place(entry, name, std::move(node));
  }

  bool place(const zip::Entry& entry, llvm::StringRef name, Node node) {
    Packed::Member member;
    member.crc = entry.crc;
    member.hasDigest = entry.digest.has_value();
    if (entry.digest) member.digest = *entry.digest;
    std::string fixed(zip::kLocalFixed, '\0');
    if (!node.isFolder()) {
      if (entry.at > directory_.at || !read(fixed, entry.at)) return broken();
      size_t length = zip::localLength(fixed);
      member.at = entry.at + length;
      if (length == 0 || member.at > directory_.at || entry.size > directory_.at - member.at)
        return broken();
    }
    if (node.isLink()) {
      if (entry.size > kLongestLink) return flaw(entry, "is a link that is too long");
      member.target.resize(entry.size);
      if (!read(member.target, member.at)) return false;
    }
    node.uid = ::geteuid();
    node.gid = ::getegid();
    names_[name] = static_cast<uint32_t>(tree_.nodes.size());
    tree_.nodes.push_back(std::move(node));
    tree_.packed.members.push_back(std::move(member));
    return true;
  }

  /// The folder of this name, made if no member said so; false if it is something else.
  bool folder(llvm::StringRef name, uint32_t& node) {
    auto found = names_.find(name);
    if (found != names_.end()) {
      node = found->second;
      return tree_.nodes[node].isFolder();
    }
    auto [above, last] = name.rsplit('/');
    uint32_t parent = 0;
    if (last.empty())
      last = above;
    else if (!folder(above, parent))
      return false;
    Node made;
    made.name = last.str();
    made.parent = parent;
    made.mode = S_IFDIR | 0755;
    made.mtime = tree_.nodes[0].mtime;
    made.uid = ::geteuid();
    made.gid = ::getegid();
    node = static_cast<uint32_t>(tree_.nodes.size());
    names_[name] = node;
    tree_.nodes.push_back(std::move(made));
    tree_.packed.members.emplace_back();
    return true;
  }

  Work& work_;
  const std::string& path_;
  Tree& tree_;
  zip::Directory directory_;
  llvm::StringMap<uint32_t> names_;
};

}  // namespace

bool openPacked(Work& work, const std::string& path, Tree& tree) {
  tree.packed.owner = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  tree.packed.fd = tree.packed.owner.get();
  if (!tree.packed.owner)
    return work.failCall(path, errno == ENOENT ? "is not there" : "cannot be opened");
  struct stat info{};
  if (::fstat(tree.packed.fd, &info) != 0 || !S_ISREG(info.st_mode))
    return work.fail(path, "is no archive", "`wfr move pack` makes them");
  size_t slash = path.rfind('/');
  tree.folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  tree.base = Fd(::open(tree.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return Reader(work, path, tree).run();
}

namespace {

bool crcOf(int fd, uint64_t at, uint64_t size, uint32_t& crc) {
  Blocks& own = blocks();
  crc = 0;
  for (uint64_t done = 0; done < size;) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(kBlock, size - done));
    if (readFully(fd, own.read.data(), want, at + done) != static_cast<ssize_t>(want)) return false;
    crc = llvm::crc32(crc, llvm::ArrayRef(own.read.data(), want));
    done += want;
  }
  return true;
}

}  // namespace

bool checkMember(Work& work, const Tree& tree, uint32_t n, const Digest& digest) {
  const Packed::Member& member = tree.packed.members[n];
  uint32_t crc = 0;
  bool isGood = member.hasDigest ? member.digest == digest
                                 : crcOf(tree.packed.fd, member.at, tree.nodes[n].size, crc) &&
                                       crc == member.crc;
  return isGood || work.fail(tree.pathOf(n),
                             "is damaged: its bytes do not have the hash that the archive's "
                             "directory says",
                             "copy or pack the archive again");
}

bool checkPacked(Work& work, const Tree& tree, const std::vector<Digest>& digests) {
  work.inParallel(tree.nodes.size(), [&](size_t n) {
    if (tree.nodes[n].isFile()) checkMember(work, tree, static_cast<uint32_t>(n), digests[n]);
  });
  return !work.hasFailed() && !work.isOver();
}

std::string packedComment(const Node& root, const std::string& hash) {
  return fmt::format("{} mode {:o} time {}.{:09} blake3 {}", kComment, root.mode & 07777u,
                     root.mtime.tv_sec, root.mtime.tv_nsec, hash);
}

}  // namespace wfc::move
