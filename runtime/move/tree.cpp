// See tree.h.
#include "runtime/move/tree.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/move/stream.h"

namespace wfc::move {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

bool Fd::reset() {
  int fd = release();
  return fd < 0 || ::close(fd) == 0;
}

std::string hexOf(const Digest& digest) { return llvm::toHex(digest, true); }

Node nodeOf(const struct stat& info) {
  Node node;
  node.mode = info.st_mode;
  node.size = S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
  node.blocks = static_cast<uint64_t>(info.st_blocks);
  node.mtime = info.st_mtim;
  node.dev = info.st_dev;
  node.ino = info.st_ino;
  node.names = info.st_nlink;
  node.uid = info.st_uid;
  node.gid = info.st_gid;
  return node;
}

std::string Tree::below(uint32_t node) const {
  std::string path;
  for (uint32_t n = node; n != 0; n = nodes[n].parent)
    path = path.empty() ? nodes[n].name : nodes[n].name + "/" + path;
  return path;
}

std::string Tree::pathOf(uint32_t node) const {
  std::string top = folder == "/" ? "/" + nodes[0].name : folder + "/" + nodes[0].name;
  return node == 0 ? top : top + "/" + below(node);
}

namespace {

/// The same in one call, where the kernel has it and the path is not too long for it.
Fd openAtOnce(int base, const std::vector<std::string>& names) {
  std::string path;
  for (const std::string& name : names) path += (path.empty() ? "" : "/") + name;
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, base, path.c_str(), &how, sizeof how)));
}

/// Opens a folder name by name, following no link.
Fd openNames(int base, const std::vector<std::string>& names) {
  if (Fd found = openAtOnce(base, names)) return found;
  Fd at;
  for (const std::string& name : names) {
    int from = at ? at.get() : base;
    Fd next(::openat(from, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return next;
    at = std::move(next);
  }
  return at;
}

std::vector<std::string> namesTo(const std::vector<Node>& nodes, const std::string& root,
                                 uint32_t node) {
  std::vector<std::string> names;
  for (uint32_t n = node; n != 0; n = nodes[n].parent) names.push_back(nodes[n].name);
  names.push_back(root);
  std::reverse(names.begin(), names.end());
  return names;
}

}  // namespace

Fd Tree::open(int base, const std::string& root, uint32_t node) const {
  return openNames(base, namesTo(nodes, root, node));
}

Fd Tree::openParent(int base, const std::string& root, uint32_t node) const {
  if (node == 0) return Fd(::fcntl(base, F_DUPFD_CLOEXEC, 0));
  return open(base, root, nodes[node].parent);
}

Fd Tree::openParent(uint32_t node) const {
  if (packed.fd >= 0) return Fd(::fcntl(packed.fd, F_DUPFD_CLOEXEC, 0));
  return openParent(base.get(), nodes[0].name, node);
}

namespace {

/// Of two names in one folder, which comes first in order of whole paths: a slash follows a
/// folder's.
bool isBefore(const Node& a, const Node& b) {
  size_t both = std::min(a.name.size(), b.name.size());
  if (int order = std::memcmp(a.name.data(), b.name.data(), both); order != 0) return order < 0;
  auto next = [both](const Node& node) {
    return both < node.name.size() ? static_cast<uint8_t>(node.name[both])
           : node.isFolder()       ? '/'
                                   : 0;
  };
  return next(a) < next(b);
}

}  // namespace

bool Tree::readLink(uint32_t node, std::string& target) const {
  if (packed.fd < 0) return move::readLink(openParent(node).get(), nodes[node].name, target);
  target = packed.members[node].target;
  return true;
}

std::vector<uint32_t> Tree::sortedLeaves() const {
  std::vector<std::vector<uint32_t>> within(nodes.size());
  for (uint32_t n = 1; n < nodes.size(); ++n) within[nodes[n].parent].push_back(n);
  std::vector<uint32_t> order, todo = {0};
  while (!todo.empty()) {
    uint32_t n = todo.back();
    todo.pop_back();
    if (nodes[n].isFile() || nodes[n].isLink()) order.push_back(n);
    std::sort(within[n].begin(), within[n].end(),
              [this](uint32_t a, uint32_t b) { return isBefore(nodes[a], nodes[b]); });
    todo.insert(todo.end(), within[n].rbegin(), within[n].rend());
  }
  return order;
}

namespace {

/// Reads folders on several threads, each folder once.
class Scan {
 public:
  Scan(Work& work, Tree& tree, std::string hidden)
      : work_(work), tree_(tree), hidden_(std::move(hidden)) {}

  void run() {
    todo_.push_back(0);
    std::vector<std::thread> others;
    for (unsigned n = 1; n < work_.options.threads; ++n) others.emplace_back([this] { loop(); });
    loop();
    for (std::thread& other : others) other.join();
  }

 private:
  void loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      more_.wait(lock, [this] { return !todo_.empty() || busy_ == 0; });
      if (todo_.empty()) return;
      uint32_t folder = todo_.front();
      todo_.pop_front();
      ++busy_;
      // The nodes may move while others add theirs.
      std::vector<std::string> names = namesTo(tree_.nodes, tree_.nodes[0].name, folder);
      lock.unlock();
      std::vector<Node> found;
      Fd fd = openNames(tree_.base.get(), names);
      if (!fd)
        fail(folder, {});
      else if (!work_.isOver())
        read(std::move(fd), folder, found);
      lock.lock();
      for (Node& node : found) {
        if (node.isFolder()) todo_.push_back(static_cast<uint32_t>(tree_.nodes.size()));
        tree_.nodes.push_back(std::move(node));
      }
      --busy_;
      more_.notify_all();
    }
  }

  void read(Fd fd, uint32_t folder, std::vector<Node>& found) {
    DIR* dir = ::fdopendir(fd.release());
    if (dir == nullptr) return;
    errno = 0;
    while (dirent* entry = ::readdir(dir)) {
      std::string name = entry->d_name;
      if (name == "." || name == ".." || (folder == 0 && name == hidden_)) continue;
      struct stat info{};
      if (::fstatat(::dirfd(dir), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        // Gone since: a tree that is being worked in.
        if (errno != ENOENT) fail(folder, name);
        errno = 0;
        continue;
      }
      Node node = nodeOf(info);
      node.name = std::move(name);
      node.parent = folder;
      found.push_back(std::move(node));
      errno = 0;
    }
    if (errno != 0) fail(folder, {});
    ::closedir(dir);
    std::sort(found.begin(), found.end(),
              [](const Node& a, const Node& b) { return a.name < b.name; });
  }

  void fail(uint32_t folder, const std::string& name) {
    int error = errno;
    std::lock_guard lock(mutex_);
    std::string path = tree_.pathOf(folder) + (name.empty() ? "" : "/" + name);
    errno = error;
    work_.failCall(path, "cannot be read");
  }

  Work& work_;
  Tree& tree_;
  const std::string hidden_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<uint32_t> todo_;
  unsigned busy_ = 0;
};

const char* kindOf(mode_t mode) {
  return S_ISSOCK(mode) ? "a socket" : S_ISFIFO(mode) ? "a pipe" : "a device";
}

/// Special files go, with a problem for each unless they are to be left out.
void dropSpecial(Work& work, Tree& tree) {
  std::vector<uint32_t> moved(tree.nodes.size());
  uint32_t kept = 0;
  for (uint32_t n = 0; n < tree.nodes.size(); ++n) {
    Node& node = tree.nodes[n];
    node.parent = moved[node.parent];
    if (n != 0 && node.isSpecial()) {
      ++work.count.skipped;
      if (!work.options.isWithoutSpecial)
        work.fail(tree.pathOf(node.parent) + "/" + node.name,
                  fmt::format("is {}; only files, folders and links are moved", kindOf(node.mode)),
                  "remove it, or leave such things out with --skip-special");
      continue;
    }
    moved[n] = kept;
    if (kept != n) tree.nodes[kept] = std::move(node);
    ++kept;
  }
  tree.nodes.resize(kept);
}

}  // namespace

bool scan(Work& work, const std::string& path, Tree& tree, const std::string& hidden) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr)
    return work.failCall(path, errno == ENOENT ? "is not there" : "cannot be found");
  std::string whole = real;
  std::free(real);
  size_t slash = whole.rfind('/');
  tree.folder = slash == 0 ? "/" : whole.substr(0, slash);
  std::string name = whole.substr(slash + 1);
  tree.base = Fd(::open(tree.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info{};
  if (!tree.base || ::fstatat(tree.base.get(), name.empty() ? "." : name.c_str(), &info,
                              AT_SYMLINK_NOFOLLOW) != 0)
    return work.failCall(whole, "cannot be opened");
  Node root = nodeOf(info);
  root.name = name.empty() ? "." : name;
  tree.nodes = {std::move(root)};
  if (tree.nodes[0].isSpecial())
    return work.fail(whole, fmt::format("is {}; only files, folders and links are moved",
                                        kindOf(tree.nodes[0].mode)));
  if (tree.nodes[0].isFolder()) Scan(work, tree, hidden).run();
  dropSpecial(work, tree);
  return !work.hasFailed() && !work.isOver();
}

bool readLink(int folder, const std::string& name, std::string& target) {
  target.resize(PATH_MAX);
  ssize_t got = ::readlinkat(folder, name.c_str(), target.data(), target.size());
  if (got < 0) return false;
  target.resize(static_cast<size_t>(got));
  return true;
}

namespace {

/// A name in a line of the tree's hash: as it is, or escaped where it could be taken for more.
std::string inLine(const std::string& name) {
  if (name.find_first_of("\n\\") == std::string::npos) return name;
  std::string text = "\\";
  for (char c : name) text += c == '\n' ? "\\n" : c == '\\' ? "\\\\" : std::string(1, c);
  return text;
}

}  // namespace

struct TreeHash::State {
  llvm::BLAKE3 hasher;
  std::string lines;
};

TreeHash::TreeHash() : state_(std::make_unique<State>()) {}
TreeHash::~TreeHash() = default;

void TreeHash::line(const std::string& below, uint64_t size, const std::string& hash) {
  std::string& lines = state_->lines;
  for (const std::string& part : {inLine(below), std::to_string(size), hash})
    (lines += part) += '\n';
  if (lines.size() < kBlock) return;
  state_->hasher.update(lines);
  lines.clear();
}

void TreeHash::file(const std::string& below, uint64_t size, const Digest& digest) {
  line(below, size, hexOf(digest));
}

void TreeHash::link(const std::string& below, const std::string& target) {
  line(below, 0, "link " + inLine(target));
}

std::string TreeHash::text() {
  state_->hasher.update(state_->lines);
  state_->lines.clear();
  llvm::BLAKE3Result<> result = state_->hasher.final();
  return llvm::toHex(result, true);
}

std::string hashOf(const Tree& tree, const std::vector<Digest>& digests) {
  if (!tree.nodes[0].isFolder()) return hexOf(digests[0]);
  TreeHash hasher;
  std::string folder, target;
  uint32_t of = 0;
  for (uint32_t n : tree.sortedLeaves()) {
    const Node& node = tree.nodes[n];
    if (node.parent != of) folder = tree.below(node.parent) + "/";
    of = node.parent;
    if (of == 0) folder.clear();
    if (node.isLink() && tree.readLink(n, target))
      hasher.link(folder + node.name, target);
    else
      hasher.file(folder + node.name, node.size, digests[n]);
  }
  return hasher.text();
}

/// The first of what went wrong, without the folder's own path.
static std::string firstProblem(const Work& work, const std::string& folder) {
  std::vector<Problem> problems = work.problems();
  if (problems.empty()) return "it was stopped";
  llvm::StringRef below = problems.front().path;
  if (below.consume_front(folder)) below.consume_front("/");
  return below.empty() ? problems.front().what : "`" + below.str() + "` " + problems.front().what;
}

bool hashOf(const std::string& path, uint64_t& bytes, std::string& hash, uint64_t* inodes,
            std::string* why) {
  Work work({});
  Tree tree;
  bytes = 0;
  if (inodes) *inodes = 1;
  struct stat info{};
  Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto failed = [&](bool isCall) {
    if (why) *why = isCall ? std::strerror(errno) : firstProblem(work, path);
    return false;
  };
  if (!file || ::fstat(file.get(), &info) != 0) return failed(true);
  Digest digest{};
  if (S_ISREG(info.st_mode)) {
    bytes = static_cast<uint64_t>(info.st_size);
    if (!hashFile(work, file.get(), bytes, digest)) return failed(true);
    hash = hexOf(digest);
    return true;
  }
  std::vector<Digest> digests;
  if (!scan(work, path, tree) || !hashFiles(work, tree, digests)) return failed(false);
  for (const Node& node : tree.nodes) bytes += node.size;
  if (inodes) *inodes = tree.nodes.size();
  hash = hashOf(tree, digests);
  return true;
}

bool hashFiles(Work& work, const Tree& tree, std::vector<Digest>& digests) {
  digests.assign(tree.nodes.size(), {});
  work.inParallel(tree.nodes.size(), [&](size_t n) {
    const Node& node = tree.nodes[n];
    if (!node.isFile()) return;
    if (tree.carrier && !tree.packed.members[n].hasDigest) {
      work.fail(tree.pathOf(static_cast<uint32_t>(n)), "has no hash");
      return;
    }
    if (tree.carrier) {
      digests[n] = tree.packed.members[n].digest;
      return;
    }
    Fd folder = tree.openParent(static_cast<uint32_t>(n));
    bool isPacked = tree.packed.fd >= 0;
    Fd file(isPacked
                ? folder.release()
                : ::openat(folder.get(), node.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    uint64_t at = isPacked ? tree.packed.members[n].at : 0;
    if (!file || !hashFile(work, file.get(), node.size, digests[n], at))
      work.failCall(tree.pathOf(static_cast<uint32_t>(n)), "cannot be read");
  });
  return !work.hasFailed() && !work.isOver();
}

}  // namespace wfc::move
