// `wfr move serve`: gives files of a folder to who knows the secret, also one that is still coming
// here, as it comes. It lives as long as its standard input is open.
#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/move/command.h"
#include "runtime/move/given.h"
#include "runtime/move/peer.h"
#include "runtime/move/place.h"

namespace wfc::move {

namespace {

/// So many at once; who comes beyond them goes elsewhere.
constexpr int kMost = 8;

class Server {
 public:
  Server(Work& work, std::string folder) : work_(work), folder_(std::move(folder)) {}

  /// `towards`: an address that is reached over the network to listen on.
  bool listen(const std::string& towards) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (!findOwn(towards, own)) return false;
    own.sin_port = 0;
    listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto* address = reinterpret_cast<sockaddr*>(&own);
    if (!listener_ || ::bind(listener_.get(), address, size) != 0 ||
        ::listen(listener_.get(), 64) != 0 || ::getsockname(listener_.get(), address, &size) != 0)
      return work_.failCall(towards, "cannot be listened for");
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &own.sin_addr, text, sizeof text);
    secret_ = randomHex(kChallenge);
    fmt::print("{}:{}/{}\n", text, ntohs(own.sin_port), secret_);
    std::fflush(stdout);
    return true;
  }

  void serve() {
    while (!Work::isStopped()) {
      pollfd polls[] = {{listener_.get(), POLLIN, 0}, {0, POLLIN, 0}};
      if (::poll(polls, 2, -1) < 0) continue;
      char ignored[4096];
      if (polls[1].revents != 0 && ::read(0, ignored, sizeof ignored) <= 0) return;
      if ((polls[0].revents & POLLIN) == 0) continue;
      Fd line(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!line || busy_ >= kMost) continue;
      ++busy_;
      std::thread([this, line = std::move(line)] {
        give(line.get());
        --busy_;
      }).detach();
    }
  }

 private:
  /// The address by which others on that network reach this machine. No packet is sent.
  bool findOwn(const std::string& towards, sockaddr_in& own) {
    sockaddr_in there{};
    socklen_t size = sizeof own;
    there.sin_family = AF_INET;
    there.sin_port = htons(9);
    if (::inet_pton(AF_INET, towards.c_str(), &there.sin_addr) != 1)
      return work_.fail(towards, "is no IPv4 address");
    Fd probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    bool isFound = ::connect(probe.get(), reinterpret_cast<sockaddr*>(&there), sizeof there) == 0 &&
                   ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0;
    return isFound || work_.failCall(towards, "cannot be reached from here");
  }

  /// What is asked for, if it is asked rightly.
  bool hear(int line, uint64_t& offset, uint64_t& size, std::string& name) const {
    std::string challenge = randomHex(kChallenge / 2), asked;
    if (!sendAll(line, challenge)) return false;
    for (char c = 0; asked.size() < kAsked && receiveAll(line, &c, 1) && c != '\n';) asked += c;
    auto [proof, rest] = llvm::StringRef(asked).split(' ');
    if (proof != proofOf(secret_, challenge, rest)) return false;
    auto [first, after] = rest.split(' ');
    auto [second, last] = after.split(' ');
    name = last.str();
    bool leadsOut = ("/" + name + "/").find("/../") != std::string::npos;
    return !leadsOut && !first.getAsInteger(10, offset) && !second.getAsInteger(10, size);
  }

  /// A file of the folder, or what there is of it.
  Fd open(const std::string& name) const {
    Work quiet({.isQuiet = true});
    Place place;
    if (!place.open(quiet, folder_ + "/" + name, false)) return Fd();
    // In between it may have got its name.
    for (const std::string& path : {place.path(), place.partPath(), place.path()}) {
      Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      struct stat info{};
      if (file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode)) return file;
    }
    return Fd();
  }

  void give(int line) {
    uint64_t at = 0, size = 0;
    std::string name;
    setPatience(line, kSilentSeconds);
    if (!hear(line, at, size, name)) return;
    Fd file = open(name);
    if (!file) {
      (void)sendAll(line, {reinterpret_cast<const char*>(&kNotHere), sizeof kNotHere});
      return;
    }
    time_t told = 0;
    for (struct stat info{}; at < size;) {
      if (Work::isStopped() || ::fstat(file.get(), &info) != 0) return;
      time_t now = ::time(nullptr);
      uint64_t end = std::min(size, static_cast<uint64_t>(info.st_size));
      if (at < end) {
        if (!send(line, file.get(), at, std::min<uint64_t>(end - at, kFrame))) return;
        told = now;
        continue;
      }
      // Nobody works on it any more, or it begins anew elsewhere.
      if (info.st_nlink == 0 || now - info.st_mtim.tv_sec > kSilentSeconds) return;
      if (now != told && !sendAll(line, llvm::StringRef("\0\0\0\0", 4))) return;
      told = now;
      ::usleep(5000);
    }
  }

  bool send(int line, int file, uint64_t& at, uint64_t length) {
    auto frame = static_cast<uint32_t>(length);
    work_.take(length);
    if (!sendAll(line, {reinterpret_cast<const char*>(&frame), sizeof frame}, true)) return false;
    for (auto from = static_cast<off_t>(at); length > 0;) {
      ssize_t sent = ::sendfile(line, file, &from, length);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      at += static_cast<uint64_t>(sent);
      length -= static_cast<uint64_t>(sent);
    }
    return true;
  }

  Work& work_;
  const std::string folder_;
  Fd listener_;
  std::string secret_;
  std::atomic<int> busy_{0};
};

}  // namespace

int serveCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  options->isQuiet = true;
  Work::begin();
  std::signal(SIGPIPE, SIG_IGN);
  Work work(*options);
  Server server(work, given.words[0]);
  if (server.listen(given.has("--towards") ? given.get("--towards") : "127.0.0.1")) server.serve();
  print(work, {"serve", given.words[0], {}, {}, 0, false}, false);
  std::fflush(nullptr);
  // Threads may be at work for others.
  ::_exit(work.status());
}

}  // namespace wfc::move
