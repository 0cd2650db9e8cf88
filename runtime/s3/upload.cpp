// See upload.h.
#include "runtime/s3/upload.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/move/stream.h"
#include "runtime/s3/manifest.h"
#include "runtime/s3/parts.h"

namespace wfc::s3 {

using move::Digest;
using move::Fd;

namespace {

class Uploading {
 public:
  Uploading(Store& store, const Upload& file, Uploaded& done)
      : store_(store), work_(store.work), file_(file), done_(done) {}

  bool run() {
    in_ = Fd(::openat(file_.folder.get(), file_.node.name.c_str(),
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!in_ && (errno == ENOENT || errno == ELOOP)) return changed();
    if (!in_) return work_.failCall(file_.path, "cannot be read");
    bool isGood = file_.node.size <= file_.partSize ? atOnce() : inParts();
    if (!isGood || work_.options.verify != move::Verify::Disk) return isGood;
    return isInStore(store_, file_.key, done_.hash);
  }

 private:
  bool changed() {
    if (work_.options.isUnderWork) {
      ++work_.count.skipped;
      return false;
    }
    return work_.fail(file_.path, "changed while it was read",
                      "move it when nobody writes to it any more");
  }

  bool hasChanged() const {
    struct stat now{};
    return ::fstat(in_.get(), &now) != 0 || static_cast<uint64_t>(now.st_size) != file_.node.size ||
           now.st_mtim.tv_sec != file_.node.mtime.tv_sec ||
           now.st_mtim.tv_nsec != file_.node.mtime.tv_nsec;
  }

  Headers metadata() const {
    return {{"x-amz-meta-mode", fmt::format("{:o}", file_.node.mode & 07777u)},
            {"x-amz-meta-mtime", timeText(file_.node.mtime)},
            {"x-amz-meta-wfr-blake3", move::hexOf(done_.hash)}};
  }

  bool atOnce() {
    std::vector<uint8_t> bytes(static_cast<size_t>(file_.node.size) + 1);
    // A byte more than there should be tells a file that has grown.
    ssize_t got = move::readFully(in_.get(), bytes.data(), bytes.size(), 0);
    if (got < 0) return work_.failCall(file_.path, "cannot be read");
    if (static_cast<uint64_t>(got) != file_.node.size || hasChanged()) return changed();
    size_t size = bytes.size() - 1;
    done_.hash = move::digestOf(llvm::ArrayRef(bytes.data(), size));
    bool isSigned = work_.options.verify != move::Verify::None;
    Answer answer = store_.ask({"PUT",
                                file_.key,
                                {},
                                metadata(),
                                {bytes.data(), -1, 0, size},
                                isSigned ? shaOf(bytes.data(), size) : "UNSIGNED-PAYLOAD"});
    if (!answer.isGood()) return store_.fail(file_.key, answer, "cannot be written");
    done_.etag = bareTag(answer.header("etag"));
    work_.count.bytes += size;
    return true;
  }

  /// The hash of the whole, and of each part.
  bool hash(uint64_t partSize, std::vector<std::string>& parts) {
    llvm::BLAKE3 whole;
    EVP_MD_CTX* part = EVP_MD_CTX_new();
    std::vector<uint8_t> block(move::kBlock);
    bool isRead = true;
    for (uint64_t at = 0; at < file_.node.size && isRead && !work_.isOver();) {
      uint64_t end = std::min(at + partSize, file_.node.size);
      EVP_DigestInit_ex(part, EVP_sha256(), nullptr);
      while (at < end && isRead) {
        size_t want = static_cast<size_t>(std::min<uint64_t>(block.size(), end - at));
        isRead = move::readFully(in_.get(), block.data(), want, at) == static_cast<ssize_t>(want);
        whole.update(llvm::ArrayRef(block.data(), want));
        EVP_DigestUpdate(part, block.data(), want);
        at += want;
      }
      uint8_t digest[EVP_MAX_MD_SIZE];
      unsigned length = 0;
      EVP_DigestFinal_ex(part, digest, &length);
      parts.push_back(llvm::toHex(llvm::ArrayRef(digest, length), true));
    }
    EVP_MD_CTX_free(part);
    if (!isRead || hasChanged()) return changed();
    llvm::BLAKE3Result<> result = whole.final();
    std::copy(result.begin(), result.end(), done_.hash.begin());
    return !work_.isOver();
  }

  bool inParts() {
    Parts parts{store_, file_.key, in_.get(), file_.node.size,
                partSizeOf(file_.node.size, file_.partSize)};
    std::vector<std::string> shas;
    if (!hash(parts.partSize, shas)) return false;
    if (!sendParts(parts, done_.hash, metadata(), shas, done_.etag)) return false;
    if (!hasChanged()) return true;
    // What lies there is what was read first, by its hash; it is not what the file is now.
    return changed();
  }

  Store& store_;
  Work& work_;
  const Upload& file_;
  Uploaded& done_;
  Fd in_;
};

}  // namespace

bool isInStore(Store& store, const std::string& key, const Digest& hash) {
  llvm::BLAKE3 hasher;
  const Sink sink{[&] { hasher.init(); },
                  [&](const uint8_t* from, size_t size) {
                    hasher.update(llvm::ArrayRef(from, size));
                    return true;
                  }};
  Answer answer = store.ask({"GET", key, {}, {}, {}, {}, &sink});
  if (!answer.isGood()) return store.fail(key, answer, "cannot be read back");
  llvm::BLAKE3Result<> result = hasher.final();
  return std::equal(result.begin(), result.end(), hash.begin()) ||
         store.work.fail(store.text(key),
                         "what was read back from the store is not what was written",
                         "do not trust this store");
}

bool upload(Store& store, const Upload& file, Uploaded& done) {
  return Uploading(store, file, done).run();
}

}  // namespace wfc::s3
