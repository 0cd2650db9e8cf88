// See mirror.h.
#include "runtime/move/mirror.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/move/report.h"
#include "runtime/move/transfer.h"

namespace wfc::move {

namespace {

/// Files above this are work of their own; smaller ones are handed out by folder.
constexpr uint64_t kLarge = 8 << 20;
constexpr size_t kBatch = 128;
/// Of files that come from elsewhere, where each is waited for.
constexpr size_t kBatchFromElsewhere = 4;

}  // namespace

Mirror::Mirror(Work& work, const Tree& from, Destination to)
    : work_(work), from_(from), to_(std::move(to)) {
  digests_.resize(from.nodes.size());
  children_.resize(from.nodes.size());
  there_.resize(from.nodes.size());
  isAgain_.resize(from.nodes.size());
  isMade_.resize(from.nodes.size());
}

void Mirror::order() {
  std::vector<uint32_t> level(from_.nodes.size());
  std::map<std::pair<dev_t, ino_t>, std::vector<uint32_t>> several;
  for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
    const Node& node = from_.nodes[n];
    if (n != 0) children_[node.parent].push_back(n);
    if (node.isFile() && node.names > 1) several[{node.dev, node.ino}].push_back(n);
    if (!node.isFolder()) continue;
    level[n] = n == 0 ? 0 : level[node.parent] + 1;
    if (levels_.size() <= level[n]) levels_.resize(level[n] + 1);
    levels_[level[n]].push_back(n);
  }
  for (auto& [file, names] : several) {
    std::sort(names.begin(), names.end(),
              [this](uint32_t a, uint32_t b) { return from_.below(a) < from_.below(b); });
    for (size_t i = 1; i < names.size(); ++i) {
      again_.emplace_back(names[i], names[0]);
      isAgain_[names[i]] = true;
    }
  }
}

bool Mirror::run() {
  order();
  // What is there from an earlier attempt need not find room again.
  if (to_.isFresh && !hasRoom()) return false;
  makeFolders();
  if (work_.hasFailed() || work_.isOver() || (!to_.isFresh && !hasRoom())) return false;
  fillFiles();
  makeLinks();
  makeHardLinks();
  if (!work_.hasFailed() && !work_.isOver()) removeExtra();
  finishFolders();
  return !work_.hasFailed() && !work_.isOver();
}

std::string Mirror::toPath(uint32_t node) const {
  return node == 0 ? to_.path : to_.path + "/" + from_.below(node);
}

const struct stat* Mirror::there(uint32_t node) const {
  const There* folder = node == 0 ? &root_ : there_[from_.nodes[node].parent].get();
  if (folder == nullptr) return nullptr;
  auto found = folder->find(toName(node));
  return found == folder->end() ? nullptr : &found->second;
}

void Mirror::makeFolders() {
  struct stat info{};
  if (::fstatat(to_.base, to_.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
    root_[to_.name] = info;
  if (from_.nodes[0].isFolder()) makeFolder(0, to_.base);
  // A folder's own by one thread: others would only wait for it.
  for (const std::vector<uint32_t>& level : levels_) {
    work_.inParallel(level.size(), [&](size_t n) {
      Fd parent;
      for (uint32_t child : children_[level[n]]) {
        if (!from_.nodes[child].isFolder()) continue;
        if (!parent) parent = toFolder(level[n]);
        if (parent)
          makeFolder(child, parent.get());
        else
          work_.failCall(toPath(child), "cannot be made");
      }
    });
  }
}

void Mirror::makeFolder(uint32_t node, int parent) {
  const char* name = toName(node).c_str();
  ++work_.count.folders;
  isMade_[node] = ::mkdirat(parent, name, 0700) == 0;
  if (isMade_[node] != 0) return;
  if (errno != EEXIST) {
    work_.failCall(toPath(node), "cannot be made");
    return;
  }
  struct stat info{};
  bool isKnown = ::fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (isKnown && !S_ISDIR(info.st_mode)) {
    if (to_.isLive && !work_.options.isReplaced && !work_.options.isDeleted) {
      work_.fail(toPath(node), "is in the way of a folder", "--replace takes its place");
      return;
    }
    if (!removeAll(parent, name) || ::mkdirat(parent, name, 0700) != 0)
      work_.failCall(toPath(node), "cannot be replaced");
    return;
  }
  if ((info.st_mode & 0700) != 0700) ::fchmodat(parent, name, info.st_mode | 0700, 0);
  Fd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd && !to_.isLive) endInheritance(fd.get());
  if (!fd || !listThere(node, fd.get())) work_.failCall(toPath(node), "cannot be read");
}

bool Mirror::listThere(uint32_t node, int fd) {
  DIR* dir = ::fdopendir(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (dir == nullptr) return false;
  auto found = std::make_unique<There>();
  while (dirent* entry = ::readdir(dir)) {
    llvm::StringRef name = entry->d_name;
    if (name == "." || name == ".." || (node == 0 && name == to_.hidden)) continue;
    struct stat info{};
    if (::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0) (*found)[name] = info;
  }
  ::closedir(dir);
  if (!found->empty()) there_[node] = std::move(found);
  return true;
}

bool Mirror::hasRoom() {
  Room need;
  for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
    const Node& node = from_.nodes[n];
    const struct stat* old = there(n);
    bool isNew = old == nullptr && !isAgain_[n];
    // A new version lies beside the old one for a moment; only growth stays.
    uint64_t size = node.isSparse() ? node.blocks * 512 : node.size;
    uint64_t has = old == nullptr ? 0 : static_cast<uint64_t>(old->st_size);
    if (node.isFile() && !isAgain_[n]) {
      ++work_.count.todoFiles;
      work_.count.todoBytes += node.size;
      need.bytes += size > has ? size - has : 0;
    }
    if (isNew && !(node.isFolder() && there_[n])) ++need.inodes;
  }
  work_.count.todoInodes = need.inodes;
  return checkRoom(work_, to_.base, to_.path, need);
}

void Mirror::fillFiles() {
  std::vector<uint32_t> order;
  std::vector<Batch> batches;
  const size_t most = from_.carrier ? kBatchFromElsewhere : kBatch;
  for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
    const Node& node = from_.nodes[n];
    if (!node.isFile() || isAgain_[n] || node.size < kLarge) continue;
    batches.push_back({node.parent, order.size(), order.size() + 1});
    order.push_back(n);
  }
  // The largest first, so that none is left for the end.
  std::stable_sort(batches.begin(), batches.end(), [&](const Batch& a, const Batch& b) {
    return from_.nodes[order[a.begin]].size > from_.nodes[order[b.begin]].size;
  });
  for (uint32_t folder = 0; folder < children_.size(); ++folder) {
    size_t begin = order.size();
    auto close = [&] {
      if (order.size() > begin) batches.push_back({folder, begin, order.size()});
      begin = order.size();
    };
    for (uint32_t n : children_[folder]) {
      const Node& node = from_.nodes[n];
      if (node.isFile() && !isAgain_[n] && node.size < kLarge) order.push_back(n);
      if (order.size() - begin == most) close();
    }
    close();
  }
  if (from_.nodes[0].isFile() && from_.nodes[0].size < kLarge) {
    batches.push_back({0, order.size(), order.size() + 1});
    order.push_back(0);
  }
  auto fill = [&](size_t b) {
    static thread_local Hashes hashes;
    const Batch& batch = batches[b];
    Fd from = from_.openParent(order[batch.begin]);
    Fd to = toParent(order[batch.begin]);
    if (!from) work_.failCall(from_.pathOf(batch.folder), "cannot be opened");
    if (!to) work_.failCall(toPath(batch.folder), "cannot be opened");
    for (size_t i = batch.begin; from && to && i < batch.end && !work_.isOver(); ++i)
      fillFile(order[i], from.get(), to.get(), hashes);
    hashes.finish();
  };
  // Connections to a store go from thread to thread.
  work_.inParallel(batches.size(), fill, from_.carrier ? Work::Files::Shared : Work::Files::Own);
}

std::string Mirror::areaName(uint32_t node) const {
  // By the path, so that a killed attempt's file is found again.
  auto digest = llvm::BLAKE3::hash<12>(llvm::ArrayRef(
      reinterpret_cast<const uint8_t*>(from_.below(node).data()), from_.below(node).size()));
  return llvm::toHex(digest, true);
}

bool Mirror::isSettled(const Node& node) {
  if (work_.options.settle == 0) return true;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  double age = static_cast<double>(now.tv_sec - node.mtime.tv_sec);
  return age >= work_.options.settle;
}

void Mirror::fillFile(uint32_t n, int from, int to, Hashes& hashes) {
  const Node& node = from_.nodes[n];
  const struct stat* old = there(n);
  if (!isSettled(node)) {
    ++work_.count.skipped;
    hasUnread_ = true;
    return;
  }
  if (to_.isLive && old != nullptr) {
    Keep keep =
        to_.meet ? to_.meet({n, *old, from, to, to_.area, areaName(n)}) : judge(n, *old, from, to);
    if (keep == Keep::Stay) ++work_.count.same;
    if (keep == Keep::Done || to_.meet) hasUnread_ = true;
    if (keep != Keep::Replace) return;
  }
  bool isAside = to_.isLive;
  std::string aside = isAside ? areaName(n) : "";
  bool isPacked = from_.packed.fd >= 0;
  FileMove move{from,
                node,
                isAside ? to_.area : to,
                isAside ? aside : toName(n),
                isAside || old != nullptr,
                from_.packed.fd,
                isPacked ? from_.packed.members[n].at : 0,
                [&] { return from_.pathOf(n); },
                [&] { return toPath(n); }};
  Moved moved = from_.carrier ? from_.carrier->bring(work_, n, move, digests_[n])
                              : transfer(work_, move, hashes, digests_[n]);
  if (moved == Moved::No || moved == Moved::Changed) {
    hasUnread_ = true;
    return;
  }
  ++work_.count.files;
  if (moved == Moved::Same) {
    ++work_.count.resumed;
    // Of larger ones the blocks were counted.
    if (node.size <= kBlock) work_.count.resumedBytes += node.size;
  }
  if (isAside && old != nullptr && S_ISDIR(old->st_mode)) removeAll(to, toName(n));
  if (isAside && ::renameat(to_.area, aside.c_str(), to, toName(n).c_str()) != 0)
    work_.failCall(toPath(n), "cannot be put in place");
}

Keep Mirror::judge(uint32_t n, const struct stat& there, int from, int to) {
  const Node& node = from_.nodes[n];
  if (!S_ISREG(there.st_mode)) {
    if (work_.options.isReplaced || work_.options.isDeleted) return Keep::Replace;
    work_.fail(toPath(n),
               fmt::format("is {} where the source has a file",
                           S_ISDIR(there.st_mode) ? "a folder" : "no plain file"),
               "--replace takes its place");
    return Keep::Refuse;
  }
  bool isSameSize = static_cast<uint64_t>(there.st_size) == node.size;
  bool isSame = isSameSize && isSameTime(there.st_mtim, node.mtime);
  if (isSame && !work_.options.isByContent && (there.st_mode & 07777) == (node.mode & 07777)) {
    hasUnread_ = true;
    return Keep::Stay;
  }
  if (isSameSize) {
    Keep keep = judgeContent(n, there, from, to);
    if (keep != Keep::Replace) return keep;
  }
  if (isLater(there.st_mtim, node.mtime) && !work_.options.isReplaced) {
    work_.fail(toPath(n), "is newer than what would replace it", "--replace takes its place");
    return Keep::Refuse;
  }
  return Keep::Replace;
}

/// Of one size: reads both, and where they agree only mode and time are set.
Keep Mirror::judgeContent(uint32_t n, const struct stat& there, int from, int to) {
  const Node& node = from_.nodes[n];
  Fd ours(from_.carrier ? -1
                        : ::openat(from, node.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  Fd theirs(::openat(to, toName(n).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  Digest other{};
  // What cannot be read is told where it is moved.
  bool isRead = ours && hashFile(work_, ours.get(), node.size, digests_[n]);
  if (from_.carrier) {
    isRead = from_.packed.members[n].hasDigest;
    digests_[n] = from_.packed.members[n].digest;
  }
  if (!isRead || !theirs || !hashFile(work_, theirs.get(), node.size, other) ||
      other != digests_[n])
    return Keep::Replace;
  bool isStamped =
      isSameTime(there.st_mtim, node.mtime) && (there.st_mode & 07777) == (node.mode & 07777);
  if (!isStamped && !stamp(theirs.get(), node, false)) {
    work_.failCall(toPath(n), "cannot be given its time");
    return Keep::Refuse;
  }
  return Keep::Stay;
}

void Mirror::makeLinks() {
  for (uint32_t n = 0; n < from_.nodes.size() && !work_.isOver(); ++n) {
    if (from_.nodes[n].isLink()) makeLink(n);
  }
}

void Mirror::makeLink(uint32_t n) {
  const Node& node = from_.nodes[n];
  Fd to = toParent(n);
  std::string target, old;
  if (!from_.readLink(n, target)) {
    // Gone, or no link any more.
    hasUnread_ = true;
    if (errno == ENOENT || errno == EINVAL)
      noteChanged(work_, from_.pathOf(n));
    else
      work_.failCall(from_.pathOf(n), "cannot be read");
    return;
  }
  const struct stat* there = this->there(n);
  timespec times[2] = {{0, UTIME_OMIT}, node.mtime};
  if (there != nullptr && S_ISLNK(there->st_mode) && readLink(to.get(), toName(n), old) &&
      old == target) {
    // A killed attempt may have made it, and not more.
    if (!isSameTime(there->st_mtim, node.mtime) && !to_.meet)
      ::utimensat(to.get(), toName(n).c_str(), times, AT_SYMLINK_NOFOLLOW);
    ++(to_.isLive ? work_.count.same : work_.count.links);
    return;
  }
  if (there != nullptr && to_.meet) {
    work_.fail(toPath(n), "is not the link that the source has", "take one of the two away");
    return;
  }
  if (there != nullptr && to_.isLive && !S_ISLNK(there->st_mode) && !work_.options.isReplaced &&
      !work_.options.isDeleted) {
    work_.fail(toPath(n), "is no link where the source has one", "--replace takes its place");
    return;
  }
  if (there != nullptr && (!to_.isLive || S_ISDIR(there->st_mode))) removeAll(to.get(), toName(n));
  int folder = to_.isLive ? to_.area : to.get();
  std::string name = to_.isLive ? areaName(n) : toName(n);
  if (to_.isLive) removeAll(folder, name);
  bool isMade = ::symlinkat(target.c_str(), folder, name.c_str()) == 0;
  if (isMade) ::utimensat(folder, name.c_str(), times, AT_SYMLINK_NOFOLLOW);
  if (!isMade ||
      (to_.isLive && ::renameat(folder, name.c_str(), to.get(), toName(n).c_str()) != 0)) {
    work_.failCall(toPath(n), "cannot be made");
    return;
  }
  ++work_.count.links;
}

void Mirror::makeHardLinks() {
  for (auto [n, first] : again_) {
    if (work_.isOver()) return;
    digests_[n] = digests_[first];
    Fd of = toParent(first), to = toParent(n);
    struct stat one{}, other{};
    if (::fstatat(of.get(), toName(first).c_str(), &one, AT_SYMLINK_NOFOLLOW) != 0) continue;
    bool isThere = ::fstatat(to.get(), toName(n).c_str(), &other, AT_SYMLINK_NOFOLLOW) == 0;
    ++work_.count.hardLinks;
    if (isThere && one.st_ino == other.st_ino) continue;
    if (isThere && S_ISDIR(other.st_mode)) removeAll(to.get(), toName(n));
    int folder = to_.isLive ? to_.area : to.get();
    std::string name = to_.isLive ? areaName(n) : toName(n);
    removeAll(folder, name);
    if (::linkat(of.get(), toName(first).c_str(), folder, name.c_str(), 0) != 0 ||
        (to_.isLive && ::renameat(folder, name.c_str(), to.get(), toName(n).c_str()) != 0))
      work_.failCall(toPath(n), "cannot be linked");
  }
}

void Mirror::removeExtra() {
  if (to_.isLive && !work_.options.isDeleted) return;
  for (uint32_t folder = 0; folder < there_.size(); ++folder) {
    if (!there_[folder]) continue;
    llvm::StringSet<> wanted;
    for (uint32_t n : children_[folder]) wanted.insert(from_.nodes[n].name);
    Fd fd;
    for (const auto& entry : *there_[folder]) {
      if (wanted.contains(entry.getKey())) continue;
      if (!fd) fd = toFolder(folder);
      if (!removeAll(fd.get(), entry.getKey().str()))
        work_.failCall(toPath(folder) + "/" + entry.getKey().str(), "cannot be removed");
      ++work_.count.removed;
    }
  }
}

void Mirror::finishFolders() {
  if (work_.isOver()) return;
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    work_.inParallel(level->size(), [&](size_t i) {
      uint32_t n = (*level)[i];
      if (to_.meet && isMade_[n] == 0) return;
      Fd folder = toFolder(n);
      if (!folder || !stamp(folder.get(), from_.nodes[n], false))
        work_.failCall(toPath(n), "cannot be given its mode");
    });
  }
}

bool Mirror::verifyFromDisk() {
  work_.inParallel(from_.nodes.size(), [&](size_t i) {
    uint32_t n = static_cast<uint32_t>(i);
    if (!from_.nodes[n].isFile()) return;
    Fd folder = toParent(n);
    Fd file(::openat(folder.get(), toName(n).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    Digest back{};
    if (!file || !hashFromDisk(work_, file.get(), from_.nodes[n].size, back))
      work_.failCall(toPath(n), "cannot be read back");
    else if (back != digests_[n])
      work_.fail(toPath(n), "what was read back from the disk is not what was written",
                 "do not trust this file system; nothing was published");
  });
  return !work_.hasFailed() && !work_.isOver();
}

}  // namespace wfc::move
