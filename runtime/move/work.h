// What one movement of data shares between its threads: what was asked for, what is counted, what
// went wrong, and whether to stop.
//
// Problems are collected, so that all unreadable files are named at once; a full disk and a signal
// end the work at the next block.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <vector>

namespace wfc::move {

/// Exit statuses, those of `wfr`.
enum Exit : int { Good = 0, SomeFailed = 1, WrongUse = 2, Stopped = 3, Refused = 5 };

/// What is proven of a destination before it appears (docs/move.md says what each proves).
enum class Verify {
  None,     ///< that every write was accepted
  Written,  ///< that reading it back gives the bytes that were read from the source
  Disk,     ///< the same after it was flushed and dropped from memory
};

struct Options {
  unsigned threads = 0;
  /// Bytes a second, 0: no limit.
  uint64_t rate = 0;
  Verify verify = Verify::Written;
  bool isFlushed = true;
  bool isReplaced = false;
  bool isDeleted = false;
  bool isByContent = false;
  bool isWithoutSpecial = false;
  bool isQuiet = false;
  /// Somebody works in the source: what changes while it is read is left for another time.
  bool isUnderWork = false;
  /// Leave files alone that changed less than so many seconds ago.
  double settle = 0;
};

/// Something that did not work, with the way out.
struct Problem {
  std::string path, what, fix;
};

/// What was done; `todo` is the forecast.
struct Counts {
  std::atomic<uint64_t> files{0}, folders{0}, links{0}, hardLinks{0}, bytes{0};
  /// Found right from an earlier, killed attempt.
  std::atomic<uint64_t> resumed{0}, resumedBytes{0};
  /// Left alone: the same already, or not to be copied.
  std::atomic<uint64_t> same{0}, skipped{0};
  std::atomic<uint64_t> removed{0}, cloned{0};
  /// Files put together out of two, and the rows that were appended.
  std::atomic<uint64_t> merged{0}, rows{0};
  std::atomic<uint64_t> todoFiles{0}, todoBytes{0}, todoInodes{0};
};

class Work {
 public:
  explicit Work(Options asked);

  const Options options;
  Counts count;

  /// Notes a problem; false, for `return work.fail(…)`.
  bool fail(const std::string& path, const std::string& what, const std::string& fix = {});
  /// The same for a system call, with errno. A full disk or quota ends the work.
  bool failCall(const std::string& path, const std::string& doing);
  /// Notes why nothing was begun.
  bool refuse(const std::string& path, const std::string& what, const std::string& fix = {});
  /// The exit status that tells the truth so far.
  Exit status() const;
  /// Nothing more is to be begun.
  bool isOver() const { return isFull_ || isStopped(); }
  bool hasFailed() const;
  std::vector<Problem> problems() const;
  /// Waits until `bytes` more may be moved.
  void take(uint64_t bytes);
  /// Runs `one` for 0 … count-1 on the threads; stops handing out when the work is over. With `Own`
  /// files a thread waits for no other when it opens and closes, and what it opens is its alone.
  enum class Files { Shared, Own };
  void inParallel(size_t count, const std::function<void(size_t)>& one,
                  Files files = Files::Shared) const;

  /// Makes this process one that moves data: files are made with their own modes, and a signal ends
  /// the work in order.
  static void begin();
  /// The user's umask.
  static mode_t mask();
  /// Whether TERM or INT has come.
  static bool isStopped();
  /// A signal that only meant the last pass.
  static void forgetSignal();

 private:
  mutable std::mutex mutex_;
  std::vector<Problem> problems_;
  std::atomic<bool> isFull_{false}, isRefused_{false};
  std::mutex rate_;
  /// When the bytes handed out so far are due, in seconds of the monotonic clock.
  double due_ = 0;
};

}  // namespace wfc::move
