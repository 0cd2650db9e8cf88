// See push.h.
#include "runtime/s3/push.h"

#include <algorithm>
#include <ctime>
#include <fcntl.h>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>

#include "runtime/move/stream.h"
#include "runtime/s3/upload.h"

namespace wfc::s3 {

using move::Digest;
using move::Fd;
using move::Node;

namespace {

/// What a store takes.
constexpr size_t kLongestKey = 1024;

enum class Verdict { Send, Stay, Refuse };

class Push {
 public:
  Push(Store& store, const move::Tree& from, const Address& to, const PushOptions& options,
       move::Summary& summary)
      : store_(store),
        work_(store.work),
        from_(from),
        to_(to),
        options_(options),
        summary_(summary) {}

  bool run() {
    if (!isAllowed() || !lookThere(store_, to_, there_)) return false;
    bool isGood = from_.nodes[0].isFolder() ? folder() : file();
    if (isGood && hash_) summary_.hash = *hash_;
    return isGood;
  }

 private:
  /// Names that a store cannot have.
  bool isAllowed() {
    if (to_.key.empty() && !from_.nodes[0].isFolder())
      return work_.refuse(to_.text(), "is a bucket",
                          "name the object that is to appear: s3://BUCKET/KEY");
    if (to_.isFolder && !to_.key.empty() && !from_.nodes[0].isFolder())
      return work_.refuse(to_.text() + "/", "is the name of a folder",
                          "name the object that is to appear");
    for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
      std::string below = from_.below(n);
      if (!llvm::json::isUTF8(below))
        work_.refuse(from_.pathOf(n), "has a name that is no UTF-8, which a store does not take",
                     "pack the folder, and copy the archive");
      if (to_.keyOf(below).size() > kLongestKey)
        work_.refuse(from_.pathOf(n), "would have a key of more than 1024 bytes",
                     "pack the folder, and copy the archive");
      if (n != 0 && isOurs(below))
        work_.refuse(from_.pathOf(n), "has a name that is kept for what wfr notes in a store",
                     "rename it");
    }
    return !work_.hasFailed();
  }

  // ---------------------------------------------------------------------------------------- an
  // object

  bool file() {
    ++work_.count.todoFiles;
    work_.count.todoBytes += from_.nodes[0].size;
    if (there_.object && !work_.options.isReplaced) {
      Digest own{};
      bool isSame = there_.object->hash && there_.object->size == from_.nodes[0].size &&
                    hashOf(0, own) && own == *there_.object->hash;
      summary_.wasThere = isSame;
      if (isSame) hash_ = move::hexOf(own);
      return isSame ? removeNote() : isTaken();
    }
    Uploaded done;
    if (!send(0, done)) return false;
    ++work_.count.files;
    hash_ = move::hexOf(done.hash);
    return true;
  }

  bool isTaken() {
    return work_.refuse(
        to_.text(), "is there already, with another content",
        "--replace takes its place; `wfr move sync` brings it up to date; or name another");
  }

  /// An upload that was killed after its end has left it.
  bool removeNote() {
    return from_.nodes[0].size <= options_.partSize || store_.remove(noteOf(to_.key));
  }

  // ---------------------------------------------------------------------------------------- a
  // folder

  bool folder() {
    if (there_.object)
      return work_.refuse(to_.text(), "is an object, where a folder is to be",
                          "remove it, or name another");
    if (!options_.isSync && there_.isAnything() && !there_.isMarked && !work_.options.isReplaced)
      return isAllThere() || isTaken();
    if (!options_.isSync && !there_.isMarked &&
        !store_.put(to_.keyOf(kMark), "a `wfr move copy` writes here\n"))
      return false;
    entries_.resize(from_.nodes.size());
    describe();
    sendAll();
    if (work_.hasFailed() || work_.isOver()) return false;
    for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
      if (!isLeft_[n]) ours_.entries[from_.below(n)] = entries_[n];
    }
    if (work_.count.skipped == 0) hash_ = ours_.hash();
    return removeExtra() && removeNotes() && publish();
  }

  /// Whether a copy to here has ended well before.
  bool isAllThere() {
    std::vector<Digest> digests;
    if (!there_.manifest || !isWhole() || !ownHashes(digests)) return false;
    std::string hash = move::hashOf(from_, digests);
    summary_.wasThere = hash == there_.manifest->hash();
    if (summary_.wasThere) hash_ = hash;
    return summary_.wasThere;
  }

  /// Of an object that others have put into a store nothing is known but its tag.
  bool ownHashes(std::vector<Digest>& digests) const {
    if (options_.relay == nullptr) return move::hashFiles(work_, from_, digests);
    digests.resize(from_.nodes.size());
    for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
      if (!from_.nodes[n].isFile() || hashOf(n, digests[n])) continue;
      auto said = there_.manifest->entries.find(from_.below(n));
      if (said == there_.manifest->entries.end() ||
          !options_.relay->hasTag(n, said->second.size, said->second.etag))
        return false;
      digests[n] = said->second.hash;
    }
    return true;
  }

  bool isWhole() const {
    size_t files = 0;
    for (const auto& [name, entry] : there_.manifest->entries) {
      if (entry.kind != 'f') continue;
      ++files;
      if (!there_.isAsSaid(name, entry)) return false;
    }
    return files == there_.below.size();
  }

  void describe() {
    isLeft_.assign(from_.nodes.size(), 0);
    for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
      const Node& node = from_.nodes[n];
      Entry& entry = entries_[n];
      entry.kind = node.isFolder() ? 'd' : node.isLink() ? 'l' : 'f';
      entry.mode = node.mode & 07777;
      entry.mtime = node.mtime;
      entry.size = node.size;
      if (node.isFolder()) ++work_.count.folders;
      if (node.isLink() && from_.readLink(n, entry.target)) ++work_.count.links;
      if (!node.isFile()) continue;
      ++work_.count.todoFiles;
      work_.count.todoBytes += node.size;
    }
  }

  /// The largest first, so that none is left for the end.
  void sendAll() {
    std::vector<uint32_t> files;
    for (uint32_t n = 0; n < from_.nodes.size(); ++n) {
      if (from_.nodes[n].isFile()) files.push_back(n);
    }
    std::stable_sort(files.begin(), files.end(), [this](uint32_t a, uint32_t b) {
      return from_.nodes[a].size > from_.nodes[b].size;
    });
    work_.inParallel(files.size(), [&](size_t i) { sendOne(files[i]); });
  }

  void sendOne(uint32_t n) {
    if (!isSettled(from_.nodes[n])) {
      ++work_.count.skipped;
      isLeft_[n] = 1;
      return;
    }
    Verdict verdict = judge(n);
    if (verdict == Verdict::Refuse) return;
    if (verdict == Verdict::Stay) {
      ++(options_.isSync ? work_.count.same : work_.count.resumed);
      if (!options_.isSync) ++work_.count.files;
      return;
    }
    Uploaded done;
    uint64_t skipped = work_.count.skipped;
    if (!send(n, done)) {
      isLeft_[n] = work_.count.skipped != skipped ? 1 : 0;
      return;
    }
    ++work_.count.files;
    entries_[n].hash = done.hash;
    entries_[n].etag = done.etag;
  }

  bool isSettled(const Node& node) const {
    return work_.options.settle == 0 ||
           static_cast<double>(::time(nullptr) - node.mtime.tv_sec) >= work_.options.settle;
  }

  Verdict judge(uint32_t n) {
    auto listed = there_.below.find(from_.below(n));
    if (listed == there_.below.end()) return Verdict::Send;
    if (there_.manifest) {
      auto said = there_.manifest->entries.find(listed->first);
      bool isKnown = said != there_.manifest->entries.end() && said->second.kind == 'f' &&
                     there_.isAsSaid(said->first, said->second);
      if (isKnown) return judgeKnown(n, said->second);
    }
    Object object;
    if (store_.look(to_.keyOf(listed->first), object) != Found::Yes)
      return work_.hasFailed() ? Verdict::Refuse : Verdict::Send;
    return judgeObject(n, object);
  }

  Verdict judgeKnown(uint32_t n, const Entry& said) {
    const Node& node = from_.nodes[n];
    bool isSame = said.size == node.size && move::isSameTime(said.mtime, node.mtime) &&
                  said.mode == (node.mode & 07777);
    if (isSame && !work_.options.isByContent) return stays(n, said.hash, said.etag);
    return judgeObject(n, {said.size, said.etag, said.mtime, said.mode, said.hash});
  }

  Verdict judgeObject(uint32_t n, const Object& object) {
    const Node& node = from_.nodes[n];
    Digest own{};
    if (object.hash && object.size == node.size && hashOf(n, own) && own == *object.hash)
      return stays(n, own, object.etag);
    if (object.hash && options_.relay != nullptr &&
        options_.relay->hasTag(n, object.size, object.etag))
      return stays(n, *object.hash, object.etag);
    if (!options_.isSync || work_.options.isReplaced || !move::isLater(object.mtime, node.mtime))
      return Verdict::Send;
    work_.fail(to_.text(from_.below(n)), "is newer than what would replace it",
               "--replace takes its place");
    return Verdict::Refuse;
  }

  Verdict stays(uint32_t n, const Digest& hash, const std::string& etag) {
    entries_[n].hash = hash;
    entries_[n].etag = etag;
    if (!options_.isSync) {
      work_.count.resumedBytes += from_.nodes[n].size;
      work_.count.bytes += from_.nodes[n].size;
    }
    return Verdict::Stay;
  }

  bool hashOf(uint32_t n, Digest& digest) const {
    if (from_.carrier) {
      digest = from_.packed.members[n].digest;
      return from_.packed.members[n].hasDigest;
    }
    Fd folder = from_.openParent(n);
    Fd file(::openat(folder.get(), from_.nodes[n].name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    return file && move::hashFile(work_, file.get(), from_.nodes[n].size, digest);
  }

  bool send(uint32_t n, Uploaded& done) {
    std::string key = to_.keyOf(from_.below(n));
    if (options_.relay != nullptr) return options_.relay->send(n, key, options_.partSize, done);
    return upload(store_,
                  {from_.openParent(n), from_.nodes[n], from_.pathOf(n), key, options_.partSize},
                  done);
  }

  bool removeExtra() {
    bool isRemoved = options_.isSync ? work_.options.isDeleted : true;
    std::vector<std::string> extra;
    for (const auto& [name, object] : there_.below) {
      auto own = ours_.entries.find(name);
      if (own == ours_.entries.end() || own->second.kind != 'f') extra.push_back(name);
    }
    // What stays stays in the manifest, as it is known; what was left for another time, too.
    written_ = ours_;
    if (there_.manifest && !isRemoved)
      written_.entries.insert(there_.manifest->entries.begin(), there_.manifest->entries.end());
    if (!isRemoved) return true;
    work_.inParallel(extra.size(), [&](size_t i) {
      if (store_.remove(to_.keyOf(extra[i]))) ++work_.count.removed;
    });
    return !work_.hasFailed() && !work_.isOver();
  }

  /// Whether a note, a mark or a manifest below is of what this tree has: a copy of somebody else
  /// may lie beside it.
  bool isOfThis(llvm::StringRef note) const {
    auto [folder, name] = note.rsplit('/');
    if (name.empty()) std::swap(folder, name);
    std::string of = folder.str();
    if (name.consume_back(kMark) && name.consume_front(".") && !name.empty())
      of += (of.empty() ? "" : "/") + name.str();
    return ours_.entries.count(of) != 0;
  }

  bool removeNotes() {
    bool isAll = !options_.isSync || work_.options.isDeleted;
    for (const std::string& note : there_.notes) {
      if (!isAll && !isOfThis(note)) continue;
      if (!store_.remove(to_.keyOf(note))) return false;
    }
    return true;
  }

  bool publish() {
    std::string text = written_.text();
    if (!there_.manifest || there_.manifest->text() != text) {
      if (!store_.put(to_.keyOf(kManifest), text)) return false;
    }
    return options_.isSync && !there_.isMarked ? true : store_.remove(to_.keyOf(kMark));
  }

  Store& store_;
  Work& work_;
  const move::Tree& from_;
  const Address& to_;
  const PushOptions& options_;
  move::Summary& summary_;
  There there_;
  /// By node, and whether it was left for another time.
  std::vector<Entry> entries_;
  std::vector<char> isLeft_;
  Manifest ours_, written_;
  std::optional<std::string> hash_;
};

}  // namespace

bool push(Store& store, const move::Tree& from, const Address& to, const PushOptions& options,
          move::Summary& summary) {
  return Push(store, from, to, options, summary).run();
}

bool holds(Store& store, const move::Tree& from, const Address& to) {
  There there;
  std::vector<Digest> digests;
  if (!lookThere(store, to, there) || !move::hashFiles(store.work, from, digests)) return false;
  auto missing = [&](uint32_t n) {
    store.work.fail(from.pathOf(n), "is not the same at the destination",
                    "nothing of the source was removed");
  };
  for (uint32_t n = 0; n < from.nodes.size(); ++n) {
    if (!from.nodes[n].isFile()) continue;
    if (!from.nodes[0].isFolder()) {
      if (!there.object || there.object->hash != digests[n]) missing(n);
      continue;
    }
    const Entry* said = nullptr;
    if (there.manifest) {
      auto found = there.manifest->entries.find(from.below(n));
      if (found != there.manifest->entries.end() && there.isAsSaid(found->first, found->second))
        said = &found->second;
    }
    if (said == nullptr || said->hash != digests[n]) missing(n);
  }
  return !store.work.hasFailed();
}

}  // namespace wfc::s3
