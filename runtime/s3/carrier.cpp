// See carrier.h.
#include "runtime/s3/carrier.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

namespace wfc::s3 {

using move::Digest;
using move::Fd;
using move::Moved;

namespace {

/// What comes at once; more than one of these is a large object.
constexpr uint64_t kRange = 16 << 20;
constexpr size_t kSlot = sizeof(Digest);

bool isHash(const Digest& digest) { return digest != Digest{}; }

class Bringing {
 public:
  Bringing(Store& store, Work& work, const move::FileMove& move, std::string key,
           std::optional<Digest> known)
      : store_(store), work_(work), move_(move), key_(std::move(key)), wanted_(known) {}

  Moved run(Digest& digest, std::string& tag) {
    if (!open()) return call("cannot be written");
    Moved moved = wasThere(digest)            ? Moved::Same
                  : move_.from.size <= kRange ? small(digest)
                                              : large(digest);
    tag = object_.etag;
    if (moved != Moved::Yes && moved != Moved::Same) return moved;
    if (!move::stamp(out_.get(), move_.from, false)) return call("cannot be given its mode");
    if (!out_.reset()) return call("cannot be written");
    return moved;
  }

 private:
  bool open() {
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    out_ = Fd(::openat(move_.toFolder, move_.toName.c_str(), flags, 0600));
    struct stat info{};
    // Something else is in the way, or a file that may not be written.
    bool isOwn =
        out_ && ::fstat(out_.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1;
    if (!isOwn && move_.mayExist && move::removeAll(move_.toFolder, move_.toName))
      out_ = Fd(::openat(move_.toFolder, move_.toName.c_str(), flags, 0600));
    if (out_ && ::fstat(out_.get(), &info) == 0) size_ = static_cast<uint64_t>(info.st_size);
    return static_cast<bool>(out_);
  }

  Moved call(const char* doing) {
    work_.failCall(move_.toPath(), doing);
    return Moved::No;
  }

  Moved damaged() {
    if (::ftruncate(out_.get(), 0) != 0) return call("cannot be written");
    work_.fail(store_.text(key_),
               "is damaged in the store: its bytes do not have the hash that it was written with",
               "write it again; nothing of it was published here");
    return Moved::No;
  }

  Moved changed() {
    work_.fail(store_.text(key_), "changed while it was read",
               "copy it when nobody writes to it any more");
    return Moved::Changed;
  }

  Moved failed(const Answer& answer) {
    if (answer.status == 412 || answer.status == 404) return changed();
    store_.fail(key_, answer, "cannot be read");
    return Moved::No;
  }

  /// Whether a killed attempt had all of it.
  bool wasThere(Digest& digest) {
    bool isThere = wanted_ && size_ == move_.from.size && size_ != 0 && move_.mayExist &&
                   move::hashFile(work_, out_.get(), size_, digest) && digest == *wanted_;
    if (isThere) work_.count.bytes += size_;
    return isThere;
  }

  /// What the store says of bytes that have no hash of ours: an entity tag that is their MD5.
  bool isTagged(const Answer& answer, const std::string& bytes) const {
    bool isMd5 =
        object_.etag.size() == 32 && llvm::all_of(object_.etag, llvm::isHexDigit) &&
        !llvm::StringRef(answer.header("x-amz-server-side-encryption")).starts_with("aws:kms") &&
        answer.header("x-amz-server-side-encryption-customer-algorithm").empty();
    return !isMd5 ||
           md5Of(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) == object_.etag;
  }

  bool isWanted(const Digest& digest) const {
    return (!wanted_ || *wanted_ == digest) && (!object_.hash || *object_.hash == digest);
  }

  Moved small(Digest& digest) {
    std::string bytes;
    const Sink sink{[&] { bytes.clear(); },
                    [&](const uint8_t* from, size_t size) {
                      bytes.append(reinterpret_cast<const char*>(from), size);
                      return bytes.size() <= move_.from.size;
                    }};
    Answer answer = store_.ask({"GET", key_, {}, {}, {}, {}, &sink});
    if (!answer.isGood() && !answer.isEnded) return failed(answer);
    if (work_.isOver()) return Moved::No;
    object_ = objectOf(answer);
    const auto* from = reinterpret_cast<const uint8_t*>(bytes.data());
    if (bytes.size() != move_.from.size) return changed();
    digest = move::digestOf(llvm::ArrayRef(from, bytes.size()));
    if (!isWanted(digest) || !isTagged(answer, bytes)) return damaged();
    work_.count.bytes += bytes.size();
    if (::ftruncate(out_.get(), 0) != 0 || !move::writeFully(out_.get(), from, bytes.size(), 0))
      return call("cannot be written");
    return isReadBack(digest);
  }

  Moved isReadBack(const Digest& digest) {
    if (work_.options.verify != move::Verify::Written) return Moved::Yes;
    Digest back{};
    if (!move::hashFile(work_, out_.get(), move_.from.size, back))
      return work_.isOver() ? Moved::No : call("cannot be read back");
    if (back == digest) return Moved::Yes;
    work_.fail(move_.toPath(), "what was read back is not what was written",
               "do not trust the memory or the disk of this machine; nothing was published");
    return Moved::No;
  }

  // -------------------------------------------------------------------------------------- in
  // ranges

  size_t ranges() const { return static_cast<size_t>((move_.from.size + kRange - 1) / kRange); }
  uint64_t lengthOf(size_t range) const {
    return std::min(kRange, move_.from.size - range * kRange);
  }
  uint64_t tableSize() const { return kSlot * (1 + ranges()); }
  bool writeSlot(size_t slot, const Digest& digest) {
    return move::writeFully(out_.get(), digest.data(), kSlot, move_.from.size + kSlot * slot);
  }

  /// Which object the table is of.
  Digest title() const {
    std::string text = fmt::format("{} {} {}", object_.etag, move_.from.size, kRange);
    return move::digestOf(
        llvm::ArrayRef(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  }

  /// What a killed attempt left, or a new table.
  bool openTable() {
    table_.assign(1 + ranges(), Digest{});
    uint64_t size = move_.from.size + tableSize();
    ssize_t got = size_ == size
                      ? move::readFully(out_.get(), table_[0].data(), tableSize(), move_.from.size)
                      : 0;
    if (got == static_cast<ssize_t>(tableSize()) && table_[0] == title()) return true;
    table_.assign(1 + ranges(), Digest{});
    return ::ftruncate(out_.get(), 0) == 0 &&
           ::ftruncate(out_.get(), static_cast<off_t>(size)) == 0 && writeSlot(0, title());
  }

  bool hasRange(size_t range) {
    Digest there{};
    const Digest& told = table_[1 + range];
    if (!isHash(told) ||
        !move::hashFile(work_, out_.get(), lengthOf(range), there, range * kRange) || there != told)
      return false;
    work_.count.resumedBytes += lengthOf(range);
    return true;
  }

  bool bringRange(size_t range) {
    uint64_t begin = range * kRange, length = lengthOf(range), done = 0;
    llvm::BLAKE3 hasher;
    const Sink sink{[&] {
                      done = 0;
                      hasher.init();
                    },
                    [&](const uint8_t* from, size_t size) {
                      hasher.update(llvm::ArrayRef(from, size));
                      bool isGood = done + size <= length &&
                                    move::writeFully(out_.get(), from, size, begin + done);
                      if (!isGood) errorOfWrite_ = done + size <= length ? errno : 0;
                      done += size;
                      return isGood;
                    }};
    Headers headers = {{"Range", fmt::format("bytes={}-{}", begin, begin + length - 1)},
                       {"If-Match", "\"" + object_.etag + "\""}};
    Answer answer = store_.ask({"GET", key_, {}, headers, {}, {}, &sink});
    if (work_.isOver()) return false;
    if (errorOfWrite_ != 0) {
      errno = errorOfWrite_;
      return work_.failCall(move_.toPath(), "cannot be written");
    }
    if (!answer.isGood() || done != length) {
      if (answer.isGood())
        changed();
      else
        failed(answer);
      return false;
    }
    llvm::BLAKE3Result<> result = hasher.final();
    Digest digest;
    std::copy(result.begin(), result.end(), digest.begin());
    return writeSlot(1 + range, digest) || work_.failCall(move_.toPath(), "cannot be written");
  }

  Moved large(Digest& digest) {
    Found found = store_.look(key_, object_);
    if (found == Found::No || (found == Found::Yes && object_.size != move_.from.size))
      return changed();
    if (found == Found::Failed) return Moved::No;
    if (!openTable()) return call("cannot be written");
    std::atomic<bool> isGood{true};
    work_.inParallel(ranges(), [&](size_t range) {
      if (!isGood) return;
      if (hasRange(range) || bringRange(range))
        work_.count.bytes += lengthOf(range);
      else
        isGood = false;
    });
    if (!isGood || work_.isOver()) return Moved::No;
    // All of it is read back, whatever else is to be proven: ranges have hashes, and only the whole
    // has the one that was recorded.
    if (!move::hashFile(work_, out_.get(), move_.from.size, digest))
      return work_.isOver() ? Moved::No : call("cannot be read back");
    if (!isWanted(digest)) return damaged();
    if (::ftruncate(out_.get(), static_cast<off_t>(move_.from.size)) != 0)
      return call("cannot be written");
    return Moved::Yes;
  }

  Store& store_;
  Work& work_;
  const move::FileMove& move_;
  const std::string key_;
  const std::optional<Digest> wanted_;
  Object object_;
  Fd out_;
  uint64_t size_ = 0;
  std::vector<Digest> table_;
  std::atomic<int> errorOfWrite_{0};
};

}  // namespace

ObjectCarrier::ObjectCarrier(Store& store, const Address& address, const move::Tree& tree)
    : store_(store), address_(address), tree_(tree), tags_(tree.nodes.size()) {}

Moved ObjectCarrier::bring(Work& work, uint32_t node, const move::FileMove& move, Digest& digest) {
  const move::Packed::Member& member = tree_.packed.members[node];
  std::optional<Digest> known;
  if (member.hasDigest) known = member.digest;
  return Bringing(store_, work, move, address_.keyOf(tree_.below(node)), known)
      .run(digest, tags_[node]);
}

}  // namespace wfc::s3
