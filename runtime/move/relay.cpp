// `wfr move relay`: a file from whoever has it already and is near, or is just getting it; what
// nobody gives is read from where it lies. Others may be given what has come so far (serve.cpp).
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "runtime/move/command.h"
#include "runtime/move/given.h"
#include "runtime/move/peer.h"
#include "runtime/move/place.h"
#include "runtime/move/stream.h"

namespace wfc::move {

namespace {

/// The nearest is waited for so long to begin, and anybody.
constexpr double kNearestSeconds = 1, kAnybodySeconds = 10;

struct Wanted {
  std::string from, name, hash;
  uint64_t bytes = 0;
};

class Relay {
 public:
  Relay(Work& work, Wanted wanted, std::vector<Peer> peers, Place& to)
      : work_(work), wanted_(std::move(wanted)), peers_(std::move(peers)), to_(to) {}

  bool run() {
    work_.count.todoBytes = wanted_.bytes;
    work_.count.todoFiles = 1;
    if (!checkRoom(work_, to_.folder(), to_.path(), {wanted_.bytes, 1}) || !to_.lock(work_, false))
      return false;
    part_ = to_.partFd();
    if (!goOn() || !bring()) return false;
    if (!isRight()) {
      // Somebody gave something else, or what lay there was damaged.
      bool isItself = given_.size() == 1 && given_[0].second == wanted_.bytes && peers_.empty();
      peers_.clear();
      given_.clear();
      if (isItself || !beginAnew() || !bring() || !isRight()) return wrong();
    }
    work_.count.files = 1;
    return dress() && to_.publish(work_);
  }

  /// Who gave how much; without a name what lies at the source.
  const std::vector<std::pair<std::string, uint64_t>>& given() const { return given_; }

 private:
  enum class Got { All, NotYet, Lost };

  bool isWhole() const { return at_ >= wanted_.bytes; }

  bool wrong() {
    return !work_.isOver() && !work_.hasFailed() &&
           work_.fail(wanted_.from, "has not the bytes that it had: their hash is another",
                      "make it again");
  }

  /// From what an earlier one left.
  bool goOn() {
    struct stat info{};
    if (::fstat(part_, &info) != 0) return work_.failCall(to_.partPath(), "cannot be read");
    at_ = static_cast<uint64_t>(info.st_size);
    if (at_ > wanted_.bytes) return beginAnew();
    work_.count.resumedBytes = at_;
    work_.count.resumed = at_ > 0 ? 1 : 0;
    return true;
  }

  bool beginAnew() {
    at_ = 0;
    return ::ftruncate(part_, 0) == 0 || work_.failCall(to_.partPath(), "cannot be written");
  }

  /// Those whom we give it to see that we are at it.
  void touch() const { ::futimens(part_, nullptr); }

  bool put(const std::string& who, const uint8_t* bytes, size_t size) {
    if (!writeFully(part_, bytes, size, at_))
      return work_.failCall(to_.partPath(), "cannot be written");
    at_ += size;
    work_.count.bytes += size;
    if (given_.empty() || given_.back().first != who) given_.emplace_back(who, 0);
    given_.back().second += size;
    return true;
  }

  bool bring() {
    double begun = secondsNow();
    while (!isWhole() && !peers_.empty() && !work_.isOver() &&
           secondsNow() - begun < kAnybodySeconds) {
      touch();
      for (size_t n = 0; n < peers_.size(); ++n) {
        Got got = bringFrom(peers_[n]);
        if (got == Got::All || work_.hasFailed()) break;
        if (got == Got::Lost) {
          peers_.erase(peers_.begin() + static_cast<ptrdiff_t>(n));
          begun = secondsNow();
          break;
        }
        // It is about to begin itself.
        if (secondsNow() - begun < kNearestSeconds) break;
      }
      if (!isWhole()) ::usleep(50000);
    }
    if (!isWhole() && !work_.isOver() && !work_.hasFailed()) bringFromSource();
    return isWhole() && !work_.hasFailed();
  }

  Got bringFrom(const Peer& peer) {
    Fd line(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    setPatience(line.get(), 5);
    std::string challenge(kChallenge, '\0');
    std::string asked = fmt::format("{} {} {}", at_, wanted_.bytes, wanted_.name);
    bool isHeard =
        ::connect(line.get(), reinterpret_cast<const sockaddr*>(&peer.at), sizeof peer.at) == 0 &&
        receiveAll(line.get(), challenge.data(), challenge.size()) &&
        sendAll(line.get(), proofOf(peer.secret, challenge, asked) + " " + asked + "\n");
    if (!isHeard) return Got::Lost;
    setPatience(line.get(), 1);
    static std::vector<uint8_t> frame(kFrame);
    while (!isWhole()) {
      uint32_t size = 0;
      if (!receive(line.get(), reinterpret_cast<uint8_t*>(&size), sizeof size)) return Got::Lost;
      if (size == kNotHere) return Got::NotYet;
      bool isGood = size <= std::min<uint64_t>(kFrame, wanted_.bytes - at_) &&
                    receive(line.get(), frame.data(), size);
      if (!isGood || (size > 0 && !put(peer.address, frame.data(), size))) return Got::Lost;
      touch();
    }
    return Got::All;
  }

  /// As receiveAll, but patient while others are told that we are at it.
  bool receive(int line, uint8_t* to, size_t size) {
    for (int silent = 0; size > 0 && !work_.isOver();) {
      ssize_t got = ::recv(line, to, size, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN && ++silent < kSilentSeconds) {
        touch();
        continue;
      }
      if (got <= 0) return false;
      silent = 0;
      to += got;
      size -= static_cast<size_t>(got);
    }
    return size == 0;
  }

  bool bringFromSource() {
    Fd from(::open(wanted_.from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from)
      return work_.failCall(wanted_.from, errno == ENOENT ? "is not there" : "cannot be opened");
    std::vector<uint8_t> block(kFrame);
    while (!isWhole() && !work_.isOver()) {
      size_t want = static_cast<size_t>(std::min<uint64_t>(kFrame, wanted_.bytes - at_));
      work_.take(want);
      ssize_t got = readFully(from.get(), block.data(), want, at_);
      if (got < 0) return work_.failCall(wanted_.from, "cannot be read");
      if (got == 0) return work_.fail(wanted_.from, "ends too early", "make it again");
      if (!put({}, block.data(), static_cast<size_t>(got))) return false;
    }
    return isWhole();
  }

  /// What lies there now, read back.
  bool isRight() {
    Digest digest;
    return hashFile(work_, part_, wanted_.bytes, digest) && hexOf(digest) == wanted_.hash;
  }

  /// As the source is, where it can be asked.
  bool dress() {
    struct stat info{};
    bool isKnown = ::stat(wanted_.from.c_str(), &info) == 0;
    timespec times[] = {{0, UTIME_OMIT}, isKnown ? info.st_mtim : timespec{0, UTIME_NOW}};
    mode_t mode = isKnown ? info.st_mode & 07777u : 0666u & ~Work::mask();
    return (::fchmod(part_, mode) == 0 && ::futimens(part_, times) == 0) ||
           work_.failCall(to_.partPath(), "cannot be given its mode and time");
  }

  Work& work_;
  const Wanted wanted_;
  std::vector<Peer> peers_;
  Place& to_;
  int part_ = -1;
  uint64_t at_ = 0;
  std::vector<std::pair<std::string, uint64_t>> given_;
};

std::vector<Peer> peersInEnvironment() {
  std::vector<Peer> peers;
  const char* text = std::getenv("WFR_PEERS");
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(text == nullptr ? "" : text).split(words, ' ', -1, false);
  for (llvm::StringRef word : words)
    if (std::optional<Peer> peer = readPeer(word)) peers.push_back(*peer);
  return peers;
}

bool isThere(Work& work, const Place& to, const Wanted& wanted) {
  Fd file(::open(to.path().c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  Digest digest;
  return file && ::fstat(file.get(), &info) == 0 &&
         static_cast<uint64_t>(info.st_size) == wanted.bytes &&
         hashFile(work, file.get(), wanted.bytes, digest) && hexOf(digest) == wanted.hash;
}

}  // namespace

int relayCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  Wanted wanted{given.words[0], given.get("--name"), given.get("--hash")};
  if (wanted.hash.size() != 64 ||
      llvm::StringRef(given.get("--bytes")).getAsInteger(10, wanted.bytes))
    return wrongUse("`--hash`, 64 digits, and `--bytes`, a number, say what is wanted");
  Work::begin();
  Work work(*options);
  Summary summary{"relay", given.words[0], given.words[1], wanted.hash, 0, false};
  double begun = secondsNow();
  Place to;
  if (to.open(work, given.words[1])) {
    if (wanted.name.empty()) wanted.name = to.name();
    Relay relay(work, wanted, peersInEnvironment(), to);
    summary.wasThere = to.exists();
    if (!summary.wasThere)
      relay.run();
    else if (!isThere(work, to, wanted))
      work.refuse(to.path(), "is there already, with another content", "name another");
    for (const auto& [who, bytes] : relay.given())
      fmt::print("{} {}\n", who.empty() ? "-" : who, bytes);
    std::fflush(stdout);
  }
  return finish(work, summary, given, begun);
}

}  // namespace wfc::move
