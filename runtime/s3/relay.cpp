// See relay.h.
#include "runtime/s3/relay.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/move/stream.h"
#include "runtime/s3/carrier.h"
#include "runtime/s3/refusal.h"

namespace wfc::s3 {

using move::Fd;
using move::Node;

namespace {

/// What a store copies in one request.
constexpr uint64_t kMostAtOnce = 5ULL << 30;

/// A name that is the same in the next attempt.
std::string nameOf(const std::string& text) {
  return move::hexOf(move::digestOf(llvm::ArrayRef(reinterpret_cast<const uint8_t*>(text.data()),
                                                   text.size())))
      .substr(0, 24);
}

std::string folderFor(const std::string& from, const std::string& to) {
  const char* place = std::getenv("TMPDIR");
  // What may be as large as an object does not belong into memory.
  std::string folder = place != nullptr && *place != '\0' ? place : "/var/tmp";
  return fmt::format("{}/wfr-s3.{}.{}", folder, ::geteuid(), nameOf(from + "\n" + to));
}

bool isMd5(const std::string& tag) {
  return tag.size() == 32 && llvm::all_of(tag, llvm::isHexDigit);
}

}  // namespace

Relay::Relay(Origin from, Store& to, const Address& destination, bool isOneStore)
    : from_(from),
      to_(to),
      isAsked_(isOneStore),
      folderPath_(folderFor(from.address.text(), destination.text())) {}

Relay::~Relay() {
  bool isGood = !to_.work.hasFailed() && !to_.work.isOver();
  if (folder_ && isGood) move::removeAll(AT_FDCWD, folderPath_);
}

std::string Relay::tagOf(uint32_t node) const {
  if (from_.there.object) return from_.there.object->etag;
  auto found = from_.there.below.find(from_.tree.below(node));
  return found == from_.there.below.end() ? "" : found->second.etag;
}

bool Relay::hasTag(uint32_t node, uint64_t size, const std::string& tag) const {
  return size == from_.tree.nodes[node].size && isMd5(tag) && tag == tagOf(node);
}

bool Relay::send(uint32_t node, const std::string& key, uint64_t partSize, Uploaded& done) {
  bool isKnown = from_.tree.packed.members[node].hasDigest;
  if (isAsked_ && isKnown && from_.tree.nodes[node].size <= kMostAtOnce) {
    bool isRefused = false;
    bool isGood = ask(node, key, done, isRefused);
    if (!isRefused) return isGood;
  }
  return carry(node, key, partSize, done);
}

bool Relay::ask(uint32_t node, const std::string& key, Uploaded& done, bool& isRefused) {
  std::string source = from_.address.keyOf(from_.tree.below(node)), tag = tagOf(node);
  // Not with a condition on its tag: libcurl 7.88 signs a header wrongly whose name begins with
  // that of another. Hash, size and tag are compared when it is there.
  Answer answer =
      to_.ask({"PUT",
               key,
               {},
               {{"x-amz-copy-source", "/" + from_.store.bucket() + "/" + percent(source, true)}}});
  // Some stores do not copy at all, and some do not read an odd key in a header as it is coded.
  if (answer.status == 501 || answer.status == 405) isAsked_ = false;
  isRefused = !isAsked_ || answer.status == 404;
  if (isRefused) return false;
  // An answer that begins well may end with an error.
  if (!answer.isGood() || !codeOf(answer).empty())
    return to_.fail(key, answer, "cannot be copied there");
  Object object;
  if (to_.look(key, object) != Found::Yes)
    return to_.work.isOver() || to_.work.hasFailed() ||
           to_.work.fail(to_.text(key), "is not there after the store has copied it");
  done = {from_.tree.packed.members[node].digest, object.etag};
  bool isSame = object.size == from_.tree.nodes[node].size && object.hash == done.hash &&
                (!isMd5(tag) || !isMd5(object.etag) || tag == object.etag);
  if (!isSame)
    return to_.work.fail(from_.store.text(source), "changed while it was copied",
                         "copy it when nobody writes to it any more");
  to_.work.count.bytes += object.size;
  return to_.work.options.verify != move::Verify::Disk || isInStore(to_, key, done.hash);
}

bool Relay::carry(uint32_t node, const std::string& key, uint64_t partSize, Uploaded& done) {
  if (!openFolder()) return false;
  // It has its own mode in the store, and here one that lets us read it.
  Node here = from_.tree.nodes[node], sent = here;
  here.mode = S_IFREG | 0600;
  sent.name = nameOf(from_.tree.below(node));
  std::string path = folderPath_ + "/" + sent.name;
  move::FileMove move{-1,
                      here,
                      folder_.get(),
                      sent.name,
                      true,
                      from_.tree.packed.fd,
                      0,
                      [&] { return from_.tree.pathOf(node); },
                      [&] { return path; }};
  move::Work& work = to_.work;
  move::Digest digest{};
  move::Moved moved = from_.tree.carrier->bring(work, node, move, digest);
  if (moved != move::Moved::Yes && moved != move::Moved::Same) return false;
  // It is counted where it goes on.
  work.count.bytes -= here.size;
  Fd folder(::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0));
  bool isGood = upload(to_, {std::move(folder), sent, path, key, partSize}, done);
  if (isGood) ::unlinkat(folder_.get(), sent.name.c_str(), 0);
  return isGood;
}

/// Others may write where it lies, so it has to be ours.
bool Relay::openFolder() {
  std::lock_guard lock(mutex_);
  if (folder_) return true;
  if (::mkdir(folderPath_.c_str(), 0700) != 0 && errno != EEXIST)
    return to_.work.failCall(folderPath_, "cannot be made");
  Fd folder(::open(folderPath_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info{};
  if (!folder || ::fstat(folder.get(), &info) != 0)
    return to_.work.failCall(folderPath_, "cannot be opened");
  if (info.st_uid != ::geteuid())
    return to_.work.refuse(folderPath_, "belongs to somebody else",
                           "set TMPDIR to a folder of your own");
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return to_.work.refuse(folderPath_, "is in use by another copy between the same two places",
                           "wait for it, or end it");
  folder_ = std::move(folder);
  return true;
}

}  // namespace wfc::s3
