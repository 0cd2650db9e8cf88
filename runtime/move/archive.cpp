// `wfr move archive`: copied, verified, on the disk, published; only then removed where it was.
//
// The source leaves its name in one rename, to `.NAME.wfr-gone`, and is compared with what was
// copied before it is removed. So at any moment the whole of it is under one name at least, and a
// killed one is gone on with from whatever it left.
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
  Archive(Work& work, Summary& summary) : work_(work), summary_(summary) {}

  bool run(const std::string& source, const std::string& destination, bool isAgain) {
    if (!from_.open(work_, source, false) || !to_.open(work_, destination)) return false;
    struct stat info{};
    bool isThere = from_.exists(info);
    if (isThere && S_ISLNK(info.st_mode))
      return work_.refuse(from_.path(), "is a link", "name what it points at");
    if (hasGone() && !finishEarlier(isThere)) return false;
    if (!isThere) return missing(isAgain);
    Tree tree;
    if (!scan(work_, from_.path(), tree) || !copyTo(work_, tree, to_, summary_)) return false;
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
    if (wasFinished_ || (isAgain && to_.exists())) {
      summary_.wasThere = true;
      return true;
    }
    return work_.fail(
        from_.path(), to_.exists() ? "is not there, but the destination is" : "is not there",
        to_.exists() ? "if an earlier attempt archived it, nothing is left to do (--again says so)"
                     : "");
  }

  /// What an earlier attempt had copied and renamed away, and not yet removed.
  bool finishEarlier(bool isThere) {
    Tree gone, there;
    std::vector<Digest> hashes;
    if (isThere)
      return work_.refuse(from_.path(),
                          "is there, and so is what an earlier archive left of it in " + gonePath(),
                          "look at both; what is right stays as " + from_.path());
    if (!scan(work_, gonePath(), gone) || !scan(work_, to_.path(), there) ||
        !isIn(work_, gone, there, Within::Told, hashes))
      return false;
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
  Place from_, to_;
  bool wasFinished_ = false;
};

}  // namespace

int archiveCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  if (options->verify == Verify::None || !options->isFlushed)
    return wrongUse("`archive` removes the source, so it always verifies and flushes");
  Work::begin();
  Work work(*options);
  Summary summary{"archive", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "archive");
    Archive(work, summary).run(given.words[0], given.words[1], given.has("--again"));
  }
  return finish(work, summary, given, begun);
}

}  // namespace wfc::move
