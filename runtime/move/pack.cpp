// `wfr move pack`: a tree as one ZIP file of stored members, in order of their paths.
//
// All sizes are known before anything is written, so every member has its place, and threads write
// many at once; small ones that follow each other are one write. What a killed attempt left is
// compared, and only what differs is written again. The same tree gives the same bytes.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <llvm/Support/CRC.h>

#include "runtime/move/command.h"
#include "runtime/move/copy.h"
#include "runtime/move/given.h"
#include "runtime/move/hashes.h"
#include "runtime/move/packed.h"
#include "runtime/move/stream.h"

namespace wfc::move {

namespace {

/// So much is written at once; a member above this is streamed.
constexpr uint64_t kRun = 512 << 10;

class Packer {
 public:
  Packer(Work& work, const Tree& from, Place& to)
      : work_(work), from_(from), to_(to), digests_(from.nodes.size()) {}

  bool run() {
    order();
    if (!hasRoom() || !to_.lock(work_, false)) return false;
    out_ = to_.partFd();
    struct stat info{};
    mayBeThere_ = ::fstat(out_, &info) == 0 && info.st_size > 0;
    if (::ftruncate(out_, static_cast<off_t>(directoryAt_)) != 0)
      return work_.failCall(to_.partPath(), "cannot be written");
    work_.inParallel(runs_.size(), [this](size_t n) {
      const auto& [begin, end] = runs_[n];
      if (length(begin) > kRun)
        packLarge(begin);
      else
        packRun(begin, end);
    });
    return !work_.hasFailed() && !work_.isOver() && finish();
  }

  const std::string& hash() const { return hash_; }
  const std::vector<Digest>& digests() const { return digests_; }

 private:
  /// Every member gets its place.
  void order() {
    std::vector<std::pair<std::string, uint32_t>> named;
    bool isOne = !from_.nodes[0].isFolder();
    for (uint32_t n = isOne ? 0 : 1; n < from_.nodes.size(); ++n) {
      std::string name = isOne ? from_.nodes[0].name : from_.below(n);
      named.emplace_back(from_.nodes[n].isFolder() ? name + "/" : name, n);
    }
    std::sort(named.begin(), named.end());
    uint64_t at = 0;
    for (auto& [name, n] : named) {
      const Node& node = from_.nodes[n];
      zip::Entry entry{name, node.mode, node.mtime, node.size, 0, at, {}, 0, false};
      std::string target;
      if (node.isLink() && from_.readLink(n, target)) entry.size = target.size();
      nodes_.push_back(n);
      entries_.push_back(std::move(entry));
      at += length(entries_.size() - 1);
      work_.count.todoBytes += node.size;
      work_.count.todoFiles += node.isFile() ? 1 : 0;
      work_.count.folders += node.isFolder() ? 1 : 0;
      work_.count.links += node.isLink() ? 1 : 0;
    }
    directoryAt_ = at;
    for (size_t n = 0; n < entries_.size(); ++n) {
      bool isJoined =
          !runs_.empty() && entries_[n].at + length(n) - entries_[runs_.back().first].at <= kRun;
      if (isJoined)
        runs_.back().second = n + 1;
      else
        runs_.emplace_back(n, n + 1);
    }
  }

  /// Header and bytes.
  uint64_t length(size_t n) const {
    return zip::localHeader(entries_[n]).size() + entries_[n].size;
  }

  bool hasRoom() {
    uint64_t names = 0;
    for (const zip::Entry& entry : entries_) names += entry.name.size() + 150;
    work_.count.todoInodes = 1;
    return checkRoom(work_, to_.folder(), to_.path(), {directoryAt_ + names, 1});
  }

  bool call(const std::string& path, const char* doing) { return work_.failCall(path, doing); }

  bool changed(uint32_t n) {
    return work_.fail(from_.pathOf(n), "changed while it was read",
                      "pack it when nobody writes to it any more");
  }

  /// The folder of the last file stays open: the next is often there too.
  Fd open(uint32_t n, Fd& folder, uint32_t& of) {
    const Node& node = from_.nodes[n];
    if (!folder || of != node.parent) folder = from_.openParent(n);
    of = node.parent;
    return Fd(
        ::openat(folder.get(), node.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  }

  bool isAsFound(int fd, const Node& node) const {
    struct stat now{};
    return ::fstat(fd, &now) == 0 && static_cast<uint64_t>(now.st_size) == node.size &&
           now.st_mtim.tv_sec == node.mtime.tv_sec && now.st_mtim.tv_nsec == node.mtime.tv_nsec;
  }

  /// The bytes of a small member; there is room for one more.
  bool readSmall(size_t n, uint8_t* to, Fd& folder, uint32_t& of) {
    uint32_t node = nodes_[n];
    const zip::Entry& entry = entries_[n];
    if (from_.nodes[node].isLink()) {
      std::string target;
      if (!from_.readLink(node, target) || target.size() != entry.size) return changed(node);
      std::memcpy(to, target.data(), target.size());
      return true;
    }
    Fd file = open(node, folder, of);
    if (!file) return call(from_.pathOf(node), "cannot be read");
    ssize_t got = readFully(file.get(), to, entry.size + 1, 0, entry.size);
    if (got < 0) return call(from_.pathOf(node), "cannot be read");
    if (got != static_cast<ssize_t>(entry.size) || !isAsFound(file.get(), from_.nodes[node]))
      return changed(node);
    ++work_.count.files;
    work_.count.bytes += entry.size;
    return true;
  }

  void packRun(size_t begin, size_t end) {
    static thread_local std::vector<uint8_t> run(kRun + 1), back(kRun + 1);
    uint64_t at = entries_[begin].at, size = 0;
    std::vector<Hashed> files;
    Fd folder;
    uint32_t of = 0;
    for (size_t n = begin; n < end && !work_.isOver(); ++n) {
      zip::Entry& entry = entries_[n];
      uint8_t* bytes = run.data() + size + zip::localHeader(entry).size();
      work_.take(entry.size);
      if (!S_ISDIR(entry.mode)) {
        if (!readSmall(n, bytes, folder, of)) return;
        llvm::ArrayRef<uint8_t> data(bytes, entry.size);
        entry.crc = llvm::crc32(data);
        files.push_back({data, &digests_[nodes_[n]]});
      }
      std::string header = zip::localHeader(entry);
      std::memcpy(run.data() + size, header.data(), header.size());
      size += header.size() + entry.size;
    }
    if (work_.isOver()) return;
    hashAll(files);
    for (size_t n = begin; n < end; ++n) {
      if (!S_ISDIR(entries_[n].mode)) entries_[n].digest = digests_[nodes_[n]];
    }
    auto isThere = [&] {
      return readFully(out_, back.data(), size, at) == static_cast<ssize_t>(size) &&
             std::memcmp(run.data(), back.data(), size) == 0;
    };
    if (mayBeThere_ && isThere()) {
      work_.count.resumed += end - begin;
      work_.count.resumedBytes += size;
    } else if (!writeFully(out_, run.data(), size, at)) {
      call(to_.partPath(), "cannot be written");
    } else if (work_.options.verify == Verify::Written && !isThere()) {
      differs();
    }
  }

  void differs() {
    work_.fail(to_.partPath(), "what was read back is not what was written",
               "do not trust the memory or the disk of this machine; nothing was published");
  }

  void packLarge(size_t n) {
    zip::Entry& entry = entries_[n];
    uint32_t node = nodes_[n];
    Fd folder;
    uint32_t of = 0;
    Fd file = open(node, folder, of);
    if (!file) {
      call(from_.pathOf(node), "cannot be read");
      return;
    }
    Stream asked{file.get(),
                 out_,
                 0,
                 entry.at + zip::localHeader(entry).size(),
                 entry.size,
                 mayBeThere_,
                 !mayBeThere_ && from_.nodes[node].isSparse()};
    Digest& digest = digests_[node];
    Streamed end = stream(work_, asked, digest, &entry.crc);
    entry.digest = digest;
    std::string header = zip::localHeader(entry);
    bool isGood = end == Streamed::Written || end == Streamed::Same;
    if (end == Streamed::NoRead) call(from_.pathOf(node), "cannot be read");
    if (end == Streamed::NoWrite) call(to_.partPath(), "cannot be written");
    if (end == Streamed::NoBack) call(to_.partPath(), "cannot be read back");
    if (end == Streamed::Differs) differs();
    if (end == Streamed::Short || (isGood && !isAsFound(file.get(), from_.nodes[node])))
      changed(node);
    if (!isGood) return;
    work_.count.resumed += end == Streamed::Same ? 1 : 0;
    ++work_.count.files;
    if (!writeFully(out_, reinterpret_cast<const uint8_t*>(header.data()), header.size(), entry.at))
      call(to_.partPath(), "cannot be written");
  }

  bool finish() {
    std::string rows;
    for (const zip::Entry& entry : entries_) rows += zip::centralHeader(entry);
    hash_ = hashOf(from_, digests_);
    rows += zip::ending(entries_.size(), directoryAt_, rows.size(),
                        packedComment(from_.nodes[0], hash_));
    bool isGood = writeFully(out_, reinterpret_cast<const uint8_t*>(rows.data()), rows.size(),
                             directoryAt_) &&
                  ::ftruncate(out_, static_cast<off_t>(directoryAt_ + rows.size())) == 0 &&
                  ::fchmod(out_, 0666 & ~Work::mask()) == 0;
    return isGood || call(to_.partPath(), "cannot be written");
  }

  Work& work_;
  const Tree& from_;
  Place& to_;
  std::vector<Digest> digests_;
  std::vector<zip::Entry> entries_;
  /// The node of each entry, and entries that are written together.
  std::vector<uint32_t> nodes_;
  std::vector<std::pair<size_t, size_t>> runs_;
  uint64_t directoryAt_ = 0;
  int out_ = -1;
  bool mayBeThere_ = false;
  std::string hash_;
};

/// Whether the archive that is there has the same content.
bool isPackedThere(Work& work, const Tree& from, const Place& to, std::string& hash) {
  Work quiet(work.options);
  Tree there;
  std::vector<Digest> hashes;
  if (!from.nodes[0].isFolder() || !openPacked(quiet, to.path(), there) ||
      !isIn(quiet, from, there, Within::All, hashes))
    return false;
  hash = hashOf(from, hashes);
  return true;
}

/// The whole archive from the device, as a reader will see it.
bool verifyPacked(Work& work, const Place& to) {
  Tree there;
  std::vector<Digest> digests;
  if (!to.flush(work) || !openPacked(work, to.partPath(), there)) return false;
  ::posix_fadvise(there.packed.fd, 0, 0, POSIX_FADV_DONTNEED);
  return hashFiles(work, there, digests) && checkPacked(work, there, digests);
}

void packTo(Work& work, const Tree& from, Place& to, Summary& summary) {
  if (!areApart(work, from, to)) return;
  if (to.exists() && !work.options.isReplaced) {
    summary.wasThere = isPackedThere(work, from, to, summary.hash);
    if (!summary.wasThere)
      work.refuse(to.path(), "is there already, with another content",
                  "--replace takes its place; or name another");
    return;
  }
  Packer packer(work, from, to);
  if (!packer.run()) return;
  if (work.options.verify == Verify::Disk && !verifyPacked(work, to)) return;
  summary.hash = packer.hash();
  to.publish(work);
}

}  // namespace

int packCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  Work::begin();
  Work work(*options);
  Summary summary{"pack", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "pack");
    Tree from;
    Place to;
    if (scan(work, given.words[0], from) && to.open(work, given.words[1]))
      packTo(work, from, to, summary);
  }
  return finish(work, summary, given, begun);
}

}  // namespace wfc::move
