// See attendants.h. Frames on the socket are a length of four bytes and then a job (to the
// attendant) or records (from it); one frame of one byte to a busy attendant is a wish to end.
#include "runtime/control/attendants.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/ledger/journal.h"
#include "runtime/move/peer.h"

namespace wfc::run {

namespace {

constexpr llvm::StringRef kConflict = "conflict";

bool sendFrame(int fd, llvm::StringRef bytes) {
  auto size = static_cast<uint32_t>(bytes.size());
  std::string frame(reinterpret_cast<const char*>(&size), 4);
  frame.append(bytes.data(), bytes.size());
  return move::sendAll(fd, frame);
}

/// A whole frame, waiting for it; false when the other side is gone.
bool receiveFrame(int fd, std::string& bytes) {
  uint32_t size = 0;
  if (!move::receiveAll(fd, reinterpret_cast<char*>(&size), 4)) return false;
  bytes.resize(size);
  return move::receiveAll(fd, bytes.data(), size);
}

/// The end of an attempt whose engine is gone: on the disk before anybody may count on it.
void leave(const std::string& run, const Job& job, const std::string& lines) {
  int folder = ::open(run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) ::syncfs(folder);
  leaveInInbox(run, job.instance, job.attempt, "end", lines);
}

/// The scheduler ends the job that this attendant works in.
volatile std::sig_atomic_t isTermed = 0;

/// A scheduler tells all processes of a job at once: the body may have heard it first.
void judgeTermed(const WithinJob& within, Ending& ending) {
  bool wasTermed = ending.signal == SIGTERM || ending.exit == 128 + SIGTERM;
  for (int round = 0; round < 20 && wasTermed && isTermed == 0 && !within.job.empty(); ++round)
    ::usleep(100000);
  bool isFine = ending.outcome == ir::Outcome::Ok || ending.outcome == ir::Outcome::NoData;
  if (isTermed == 0 || isFine) return;
  ending.outcome = ir::Outcome::NodeLost;
  ending.uncounted = true;
  ending.why = "the allocation that it ran in was ended";
}

void endedLike(const WithinJob& within, Ending& ending) {
  ending.job = within.job.empty() ? std::to_string(::getpid()) : within.job;
  if (!within.node.empty()) ending.node = within.node;
}

/// The life of an attendant.
[[noreturn]] void attend(const std::string& run, const WithinJob& within, int fd) {
  ::setsid();
  // Not ignored, which bodies would inherit.
  if (!within.job.empty()) ::signal(SIGTERM, [](int) { isTermed = 1; });
  const std::string stopFile = fmt::format("{}/{}", run, abi::kStopFile);
  std::string bytes;
  while (receiveFrame(fd, bytes)) {
    Job job;
    if (!unpack(bytes, job)) ::_exit(1);
    if (!claim(job)) {
      std::string lines = kConflict.str();
      if (std::optional<Ending> ending = unclaimed(job)) lines = linesOf(job, *ending);
      if (!sendFrame(fd, lines)) ::_exit(0);
      continue;
    }
    bool isAlone = false;
    AttemptSignals signals;
    signals.descriptor = fd;
    signals.wantsStop = [&]() -> int {
      char wish = 0;
      ssize_t got = isAlone ? -1 : ::recv(fd, &wish, 1, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno == ECONNRESET)) {
        isAlone = true;
        signals.descriptor = -1;
      }
      // Nobody is left to tell it that a person stopped the run.
      if (isTermed != 0) return AttemptSignals::Stop;
      if (isAlone && ::access(stopFile.c_str(), F_OK) == 0) return AttemptSignals::Stop;
      return got == 1 ? wish : 0;
    };
    Ending ending = runAttempt(job, signals);
    judgeTermed(within, ending);
    endedLike(within, ending);
    std::string lines = linesOf(job, ending);
    if (isAlone || !sendFrame(fd, lines)) {
      leave(run, job, lines);
      ::_exit(0);
    }
  }
  ::_exit(0);
}

}  // namespace

Attendants::~Attendants() {
  for (Attendant& attendant : attendants_) {
    if (attendant.fd >= 0) ::close(attendant.fd);
  }
  // Idle ones go at once; a busy one is left to finish by itself.
  for (Attendant& attendant : attendants_) {
    if (attendant.pid > 0 && !attendant.isBusy) ::waitpid(attendant.pid, nullptr, 0);
  }
}

bool Attendants::fork(Attendant& attendant) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  int pid = ::fork();
  if (pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return false;
  }
  if (pid == 0) {
    // The engine's end of any socket must be the engine's alone: its closing is how attendants
    // learn that it is gone.
    for (const Attendant& other : attendants_) ::close(other.fd);
    ::close(ends[0]);
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_DFL);
    attend(run_, within_, ends[1]);
  }
  ::close(ends[1]);
  attendant.pid = pid;
  attendant.fd = ends[0];
  return true;
}

std::optional<size_t> Attendants::start(const Job& job) {
  std::string bytes = pack(job);
  for (int round = 0; round < 3; ++round) {
    if (idle_.empty()) {
      Attendant fresh;
      if (!fork(fresh)) return std::nullopt;
      attendants_.push_back(std::move(fresh));
      idle_.push_back(attendants_.size() - 1);
    }
    size_t index = idle_.back();
    idle_.pop_back();
    Attendant& attendant = attendants_[index];
    if (!sendFrame(attendant.fd, bytes)) {
      // It died while it was idle.
      ::close(attendant.fd);
      ::waitpid(attendant.pid, nullptr, 0);
      attendant.fd = attendant.pid = -1;
      continue;
    }
    attendant.isBusy = true;
    return index;
  }
  return std::nullopt;
}

void Attendants::tell(size_t index, int wish) {
  char byte = static_cast<char>(wish);
  if (attendants_[index].isBusy) (void)!::send(attendants_[index].fd, &byte, 1, MSG_NOSIGNAL);
}

void Attendants::receive(size_t index, std::vector<Done>& done) {
  Attendant& attendant = attendants_[index];
  char block[65536];
  ssize_t got = ::recv(attendant.fd, block, sizeof block, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    if (attendant.isBusy) done.push_back({index, {}, false, true});
    ::close(attendant.fd);
    ::waitpid(attendant.pid, nullptr, 0);
    std::erase(idle_, index);
    attendant.fd = attendant.pid = -1;
    attendant.isBusy = false;
    return;
  }
  attendant.received.append(block, static_cast<size_t>(got));
  uint32_t size = 0;
  if (attendant.received.size() < 4) return;
  std::memcpy(&size, attendant.received.data(), 4);
  if (attendant.received.size() < 4 + size_t(size)) return;
  Done& one = done.emplace_back();
  one.attendant = index;
  one.lines = attendant.received.substr(4, size);
  one.isConflict = one.lines == kConflict;
  attendant.received.clear();
  attendant.isBusy = false;
  idle_.push_back(index);
}

std::vector<Done> Attendants::wait(int64_t ms, int also) {
  std::vector<pollfd> polls;
  std::vector<size_t> which;
  for (size_t n = 0; n < attendants_.size(); ++n) {
    if (attendants_[n].fd < 0) continue;
    polls.push_back({attendants_[n].fd, POLLIN, 0});
    which.push_back(n);
  }
  // Last, so that the others keep their numbers.
  if (also >= 0) polls.push_back({also, POLLIN, 0});
  std::vector<Done> done;
  if (::poll(polls.data(), polls.size(), static_cast<int>(std::min<int64_t>(ms, 1 << 30))) <= 0)
    return done;
  for (size_t n = 0; n < which.size(); ++n) {
    if (polls[n].revents != 0) receive(which[n], done);
  }
  return done;
}

}  // namespace wfc::run
