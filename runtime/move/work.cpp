// See work.h.
#include "runtime/move/work.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sched.h>
#include <sys/stat.h>
#include <thread>

#include <fmt/format.h>

namespace wfc::move {

namespace {

std::atomic<bool> stopped{false};
mode_t usersMask = 022;

void onSignal(int) { stopped = true; }

/// More threads than processors, since each call waits for a file system, but never very many.
unsigned threadsAtHand() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cpus = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 2;
  return static_cast<unsigned>(std::clamp(2 * cpus, 4, 16));
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string wayOut(int error) {
  switch (error) {
    case ENOSPC:
      return "free some there, then give the same command again: it goes on from what is there";
    case EDQUOT:
      return "free some of your quota, then give the same command again: it goes on from what is "
             "there";
    case EACCES:
    case EPERM:
      return "look at the permissions of it and of the folders above it";
    case EROFS:
      return "this file system is mounted read-only; choose another place";
    case ENAMETOOLONG:
      return "the file system of the destination does not take names that long; pack the folder "
             "instead";
    case EMFILE:
      return "raise `ulimit -n`, or give fewer --threads";
    default:
      return {};
  }
}

}  // namespace

Work::Work(Options asked)
    : options([&asked] {
        if (asked.threads == 0) asked.threads = threadsAtHand();
        return asked;
      }()) {}

bool Work::fail(const std::string& path, const std::string& what, const std::string& fix) {
  std::lock_guard lock(mutex_);
  // A quota that ends is met by all threads at once.
  bool isKnown = std::any_of(problems_.begin(), problems_.end(), [&](const Problem& known) {
    return known.path == path && known.what == what;
  });
  if (!isKnown) problems_.push_back({path, what, fix});
  return false;
}

bool Work::failCall(const std::string& path, const std::string& doing) {
  int error = errno;
  if (error == ENOSPC || error == EDQUOT) {
    if (isFull_.exchange(true)) return false;
  }
  return fail(path, fmt::format("{}: {}", doing, std::strerror(error)), wayOut(error));
}

bool Work::refuse(const std::string& path, const std::string& what, const std::string& fix) {
  isRefused_ = true;
  return fail(path, what, fix);
}

Exit Work::status() const {
  return isRefused_ ? Refused : hasFailed() ? SomeFailed : isStopped() ? Stopped : Good;
}

bool Work::hasFailed() const {
  std::lock_guard lock(mutex_);
  return !problems_.empty();
}

std::vector<Problem> Work::problems() const {
  std::lock_guard lock(mutex_);
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.path < b.path; });
  return sorted;
}

void Work::take(uint64_t bytes) {
  if (options.rate == 0) return;
  double until = 0;
  {
    std::lock_guard lock(rate_);
    due_ = std::max(due_, now()) + static_cast<double>(bytes) / static_cast<double>(options.rate);
    until = due_;
  }
  for (double left = until - now(); left > 0 && !isOver(); left = until - now())
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, 0.1)));
}

void Work::inParallel(size_t count, const std::function<void(size_t)>& one, Files files) const {
  std::atomic<size_t> next{0};
  auto loop = [&] {
    for (size_t n = next++; n < count && !isOver(); n = next++) one(n);
  };
  auto apart = [&] {
    // Where that is not allowed the table stays shared, and all is as well, and slower.
    if (files == Files::Own) ::unshare(CLONE_FILES);
    loop();
  };
  std::vector<std::thread> others;
  for (size_t n = 1; n < std::min<size_t>(options.threads, count); ++n) others.emplace_back(apart);
  loop();
  for (std::thread& other : others) other.join();
}

bool Work::isStopped() { return stopped; }

void Work::forgetSignal() { stopped = false; }

mode_t Work::mask() { return usersMask; }

void Work::begin() {
  usersMask = ::umask(0);

  struct sigaction action{};
  action.sa_handler = onSignal;
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaction(signal, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace wfc::move
