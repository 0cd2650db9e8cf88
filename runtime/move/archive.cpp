// `wfr move archive`: copied, verified, on the disk, published; only then removed where it was.
//
// The source leaves its name in one rename, to `.NAME.wfr-gone`, and is compared with what was
// copied before it is removed. So at any moment the whole of it is under one name at least, and a
// killed one is gone on with from whatever it left.
#include "runtime/move/archive.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <llvm/ADT/StringMap.h>

#include "runtime/move/command.h"
#include "runtime/move/copy.h"
#include "runtime/move/given.h"
#include "runtime/move/transfer.h"

namespace wfc::move {

namespace {

/// Whether two scans saw the same: nothing more, nothing less, nothing changed.
bool isUnchanged(Work& work, const Tree& before, const Tree& now) {
  llvm::StringMap<const Node*> names;
  for (uint32_t n = 0; n < before.nodes.size(); ++n) names[before.below(n)] = &before.nodes[n];
  bool isSame = before.nodes.size() == now.nodes.size();
  for (uint32_t n = 0; n < now.nodes.size() && isSame; ++n) {
    const Node& node = now.nodes[n];
    const Node* old = names.lookup(now.below(n));
    isSame = old != nullptr && old->mode == node.mode && old->size == node.size &&
             (node.isFolder() ||
              (old->mtime.tv_sec == node.mtime.tv_sec && old->mtime.tv_nsec == node.mtime.tv_nsec));
  }
  return isSame ||
         work.fail(before.pathOf(0), "changed after it was copied; nothing of it was removed",
                   "archive it when nobody writes to it any more; the copy stays where it is");
}

class Archive {
 public:
  Archive(Work& work, Summary& summary, Shelf& shelf)
      : work_(work), summary_(summary), shelf_(shelf) {}

  bool run(const std::string& source, bool isAgain) {
    if (!from_.open(work_, source, false)) return false;
    struct stat info{};
    bool isThere = from_.exists(info);
    if (isThere && S_ISLNK(info.st_mode))
      return work_.refuse(from_.path(), "is a link", "name what it points at");
    if (hasGone() && !finishEarlier(isThere)) return false;
    if (!isThere) return missing(isAgain);
    Tree tree;
    if (!scan(work_, from_.path(), tree) || !shelf_.copy(tree)) return false;
    return leave(tree) && removeGone();
  }

 private:
  std::string gonePath() const {
    return from_.path().substr(0, from_.path().rfind('/') + 1) + from_.gone();
  }

  bool hasGone() const {
    struct stat info{};
    return ::fstatat(from_.folder(), from_.gone().c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  }

  bool missing(bool isAgain) {
    if (wasFinished_ || (isAgain && shelf_.exists())) {
      summary_.wasThere = true;
      return true;
    }
    return work_.fail(
        from_.path(), shelf_.exists() ? "is not there, but the destination is" : "is not there",
        shelf_.exists()
            ? "if an earlier attempt archived it, nothing is left to do (--again says so)"
            : "");
  }

  /// What an earlier attempt had copied and renamed away, and not yet removed.
  bool finishEarlier(bool isThere) {
    Tree gone;
    if (isThere)
      return work_.refuse(from_.path(),
                          "is there, and so is what an earlier archive left of it in " + gonePath(),
                          "look at both; what is right stays as " + from_.path());
    if (!scan(work_, gonePath(), gone) || !shelf_.holds(gone)) return false;
    wasFinished_ = true;
    return removeGone();
  }

  /// The source leaves its name; it returns if it is not what was copied.
  bool leave(const Tree& tree) {
    const char *name = from_.name().c_str(), *gone = from_.gone().c_str();
    if (::renameat(from_.folder(), name, from_.folder(), gone) != 0)
      return work_.failCall(from_.path(), "cannot be removed");
    Tree now;
    if (scan(work_, gonePath(), now) && isUnchanged(work_, tree, now)) return true;
    if (::renameat(from_.folder(), gone, from_.folder(), name) != 0)
      work_.failCall(gonePath(), "cannot be given its name again");
    return false;
  }

  bool removeGone() {
    ::fsync(from_.folder());
    if (!removeAll(from_.folder(), from_.gone()))
      return work_.failCall(gonePath(), "cannot be removed");
    return true;
  }

  Work& work_;
  Summary& summary_;
  Shelf& shelf_;
  Place from_;
  bool wasFinished_ = false;
};

/// A place of this machine.
class LocalShelf final : public Shelf {
 public:
  LocalShelf(Work& work, Summary& summary) : work_(work), summary_(summary) {}
  bool open(const std::string& path) { return to_.open(work_, path); }
  std::string path() const override { return to_.path(); }
  bool exists() const override { return to_.exists(); }
  bool copy(const Tree& tree) override { return copyTo(work_, tree, to_, summary_); }
  bool holds(const Tree& tree) override {
    Tree there;
    std::vector<Digest> hashes;
    return scan(work_, to_.path(), there) && isIn(work_, tree, there, Within::Told, hashes);
  }

 private:
  Work& work_;
  Summary& summary_;
  Place to_;
};

}  // namespace

bool archiveTo(Work& work, Summary& summary, const std::string& source, Shelf& shelf,
               bool isAgain) {
  return Archive(work, summary, shelf).run(source, isAgain);
}

int archiveCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  if (!mayRemove(*options)) return WrongUse;
  Work::begin();
  Work work(*options);
  Summary summary{"archive", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "archive");
    LocalShelf shelf(work, summary);
    if (shelf.open(given.words[1]))
      archiveTo(work, summary, given.words[0], shelf, given.has("--again"));
  }
  return finish(work, summary, given, begun);
}

}  // namespace wfc::move
