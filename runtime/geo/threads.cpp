// See threads.h.
#include "runtime/geo/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

/// Lets threads do something one after the other, in the order of their numbers.
class Turns {
 public:
  void take(size_t n, const std::function<void()>& one) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ == n || isAbandoned_; });
    if (isAbandoned_) return;
    lock.unlock();
    one();
    lock.lock();
    ++next_;
    changed_.notify_all();
  }

  /// Nobody waits any more: a turn will never come.
  void abandon() {
    std::lock_guard lock(mutex_);
    isAbandoned_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t next_ = 0;
  bool isAbandoned_ = false;
};

}  // namespace

void inParallel(unsigned threads, size_t count, const std::function<void(size_t, size_t)>& one) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::optional<Problem> first;
  size_t least = count;
  auto work = [&](size_t worker) {
    for (size_t n = next++; n < count; n = next++) {
      try {
        one(worker, n);
      } catch (const Problem& problem) {
        std::lock_guard lock(mutex);
        if (n < least) first = problem;
        least = std::min(n, least);
        next = count;
      }
    }
  };
  std::vector<std::thread> others;
  for (size_t n = 1; n < std::min<size_t>(threads, count); ++n) others.emplace_back(work, n);
  work(0);
  for (std::thread& other : others) other.join();
  if (first) throw *first;
}

void inOrder(unsigned threads, size_t count,
             const std::function<std::function<void()>(size_t, size_t)>& one) {
  Turns turns;
  inParallel(threads, count, [&](size_t worker, size_t n) {
    try {
      turns.take(n, one(worker, n));
    } catch (const Problem&) {
      turns.abandon();
      throw;
    }
  });
}

}  // namespace wfc::geo
