// See place.h.
#include "runtime/move/place.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/move/transfer.h"

namespace wfc::move {

namespace {

constexpr unsigned kNoReplace = 1, kExchange = 2;

int renameWith(int folder, const std::string& from, const std::string& to, unsigned flags) {
  return static_cast<int>(
      ::syscall(SYS_renameat2, folder, from.c_str(), folder, to.c_str(), flags));
}

/// Makes a folder and those above it.
bool makeFolders(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return true;
  size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) return false;
  return makeFolders(path.substr(0, slash), mode) &&
         (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST);
}

/// Hidden, and not longer than a name may be.
std::string beside(const std::string& name, const char* suffix) {
  std::string kept = name;
  if (name.size() + std::strlen(suffix) + 1 > NAME_MAX) {
    auto digest = llvm::BLAKE3::hash<8>(
        llvm::ArrayRef(reinterpret_cast<const uint8_t*>(name.data()), name.size()));
    kept = name.substr(0, 200) + "." + llvm::toHex(digest, true);
  }
  return "." + kept + suffix;
}

}  // namespace

bool Place::open(Work& work, const std::string& path, bool isMade) {
  std::string whole = path;
  if (!whole.starts_with("/")) {
    char here[PATH_MAX];
    if (::getcwd(here, sizeof here) == nullptr)
      return work.failCall(path, "the current folder is gone");
    whole = std::string(here) + "/" + whole;
  }
  while (whole.size() > 1 && whole.ends_with("/")) whole.pop_back();
  size_t slash = whole.rfind('/');
  std::string folder = slash == 0 ? "/" : whole.substr(0, slash);
  name_ = whole.substr(slash + 1);
  path_ = whole;
  if (path.empty() || name_.empty() || name_ == "." || name_ == "..")
    return work.refuse(path, "is no name for a destination",
                       "name the file or folder that is to appear");
  if (isMade && !makeFolders(folder, 0777 & ~Work::mask()))
    return work.failCall(folder, "cannot be made");
  folder_ = Fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) return work.failCall(folder, "cannot be opened");
  part_ = beside(name_, ".wfr-part");
  old_ = beside(name_, ".wfr-old");
  gone_ = beside(name_, ".wfr-gone");
  return true;
}

std::string Place::partPath() const { return path_.substr(0, path_.rfind('/') + 1) + part_; }

bool Place::exists(struct stat& info) const {
  return ::fstatat(folder_.get(), name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Place::exists() const {
  struct stat info{};
  return exists(info);
}

bool Place::lock(Work& work, bool isFolder) {
  isFolder_ = isFolder;
  const char* part = part_.c_str();
  struct stat there{}, held{};
  for (int tries = 0; tries < 3; ++tries) {
    bool isThere = ::fstatat(folder_.get(), part, &there, AT_SYMLINK_NOFOLLOW) == 0;
    isFresh_ = !isThere;
    bool isKind = isThere && (isFolder ? S_ISDIR(there.st_mode) : S_ISREG(there.st_mode));
    // Something else was being made there; another name of the file would be written too.
    if (isThere && (!isKind || (!isFolder && there.st_nlink > 1)) &&
        !removeAll(folder_.get(), part_))
      return work.failCall(partPath(), "cannot be removed");
    if (isKind) ::fchmodat(folder_.get(), part, isFolder ? 0700 : 0600, 0);
    if (isFolder && ::mkdirat(folder_.get(), part, 0700) != 0 && errno != EEXIST)
      return work.failCall(partPath(), "cannot be made");
    int flags = isFolder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT;
    lock_ = Fd(::openat(folder_.get(), part, flags | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!lock_) return work.failCall(partPath(), "cannot be made");
    // Where a file system has no locks, nothing keeps two apart.
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
      return work.refuse(path_, "is being made by another `wfr move`", "wait for it, or end it");
    // It may have taken its name, or been removed, before the lock was held.
    if (::fstat(lock_.get(), &held) == 0 &&
        ::fstatat(folder_.get(), part, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        held.st_ino == there.st_ino) {
      if (isFolder) endInheritance(lock_.get());
      return true;
    }
  }
  return work.refuse(path_, "is being made by another `wfr move`", "wait for it, or end it");
}

bool Place::flush(Work& work) const {
  if (!work.options.isFlushed) return true;
  int done = isFolder_ ? ::syncfs(lock_.get()) : ::fsync(lock_.get());
  return done == 0 || work.failCall(partPath(), "cannot be brought to the disk");
}

bool Place::swap(Work& work) {
  if (renameWith(folder_.get(), part_, name_, kExchange) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
    return work.failCall(path_, "cannot be put in place");
  removeAll(folder_.get(), old_);
  if (::renameat(folder_.get(), name_.c_str(), folder_.get(), old_.c_str()) != 0 ||
      ::renameat(folder_.get(), part_.c_str(), folder_.get(), name_.c_str()) != 0)
    return work.failCall(path_, "cannot be put in place");
  return true;
}

bool Place::publish(Work& work) {
  if (!flush(work)) return false;
  bool isSwapped = false;
  if (exists() && work.options.isReplaced) {
    if (!swap(work)) return false;
    isSwapped = true;
  } else {
    int done = renameWith(folder_.get(), part_, name_, kNoReplace);
    if (done != 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
      if (exists())
        errno = EEXIST;
      else
        done = ::renameat(folder_.get(), part_.c_str(), folder_.get(), name_.c_str());
    }
    if (done != 0 && errno == EEXIST)
      return work.refuse(path_, "has appeared meanwhile", "--replace takes its place");
    if (done != 0) return work.failCall(path_, "cannot be put in place");
  }
  if (work.options.isFlushed && ::fsync(folder_.get()) != 0 && errno != EINVAL)
    return work.failCall(path_, "cannot be brought to the disk");
  // What was replaced.
  if (isSwapped) discard();
  return true;
}

void Place::discard() const {
  removeAll(folder_.get(), part_);
  removeAll(folder_.get(), old_);
}

namespace {

/// Whether the folder `fd`, or one above it, is the node.
bool isBelow(int fd, const Node& node) {
  Fd at(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  struct stat last{};
  while (at) {
    struct stat info{};
    if (::fstat(at.get(), &info) != 0) return false;
    if (info.st_dev == node.dev && info.st_ino == node.ino) return true;
    if (info.st_dev == last.st_dev && info.st_ino == last.st_ino) return false;
    last = info;
    at = Fd(::openat(at.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  return false;
}

}  // namespace

bool areApart(Work& work, const Tree& from, const Place& to) {
  const Node& root = from.nodes[0];
  if (root.isFolder() && isBelow(to.folder(), root))
    return work.refuse(to.path(), "lies inside of the source", "choose a place outside of it");
  struct stat there{};
  if (!to.exists(there)) return true;
  if (there.st_dev == root.dev && there.st_ino == root.ino)
    return work.refuse(to.path(), "is the source itself", "choose another name");
  if (S_ISDIR(there.st_mode) && isBelow(from.base.get(), nodeOf(there)))
    return work.refuse(to.path(), "holds the source", "choose a place beside it");
  return true;
}

namespace {

/// One tree beside another.
class Beside {
 public:
  Beside(Work& work, const Tree& part, const Tree& whole, bool isTold)
      : work_(work), part_(part), whole_(whole), isTold_(isTold), other_(part.nodes.size()) {
    for (uint32_t n = 0; n < whole.nodes.size(); ++n) names_[whole.below(n)] = n;
  }

  bool hasNames() {
    bool isGood = true;
    for (uint32_t n = 0; n < part_.nodes.size() && (isGood || isTold_); ++n) {
      auto found = names_.find(part_.below(n));
      if (found == names_.end()) {
        isGood = tell(n, "is not at the destination");
        continue;
      }
      other_[n] = found->second;
      if (!isKind(n)) isGood = tell(n, "is not the same at the destination");
    }
    return isGood;
  }

  bool hasContent(std::vector<Digest>& ours) {
    std::vector<Digest> theirs;
    if (!hashFiles(work_, part_, ours) || !hashFiles(work_, whole_, theirs)) return false;
    bool isGood = true;
    for (uint32_t n = 0; n < part_.nodes.size(); ++n) {
      if (part_.nodes[n].isFile() && ours[n] != theirs[other_[n]])
        isGood = tell(n, "has another content at the destination");
    }
    return isGood;
  }

 private:
  bool tell(uint32_t n, const char* what) {
    if (isTold_) work_.fail(part_.pathOf(n), what, "nothing of the source was removed");
    return false;
  }

  /// The same kind of thing, and of one size or one target.
  bool isKind(uint32_t n) const {
    const Node &a = part_.nodes[n], &b = whole_.nodes[other_[n]];
    if ((a.mode & S_IFMT) != (b.mode & S_IFMT)) return false;
    std::string one, two;
    if (a.isLink()) return part_.readLink(n, one) && whole_.readLink(other_[n], two) && one == two;
    return !a.isFile() || a.size == b.size;
  }

  Work& work_;
  const Tree &part_, &whole_;
  const bool isTold_;
  llvm::StringMap<uint32_t> names_;
  /// The node of `whole` for each of `part`.
  std::vector<uint32_t> other_;
};

}  // namespace

bool isIn(Work& work, const Tree& part, const Tree& whole, Within how,
          std::vector<Digest>& hashes) {
  if (how == Within::All && part.nodes.size() != whole.nodes.size()) return false;
  Beside beside(work, part, whole, how == Within::Told);
  return beside.hasNames() && beside.hasContent(hashes);
}

}  // namespace wfc::move
