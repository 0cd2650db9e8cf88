// What a user sees: the forecast, a line while it runs, and the summary.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <llvm/ADT/StringRef.h>

#include "runtime/move/work.h"

namespace wfc::move {

struct Room {
  uint64_t bytes = 0, inodes = 0;
};

/// Whether the file system that `folder` is on has room for that; a problem at `path` if not. Work
/// that shares blocks with its source may fit all the same, so some file systems are not asked.
bool checkRoom(Work& work, int folder, const std::string& path, const Room& need);

/// `1.2 GB`, `17,039`.
std::string bytesText(uint64_t bytes);
std::string countText(uint64_t count);

/// One line on a terminal, renewed while the object lives; elsewhere nothing.
class Progress {
 public:
  Progress(const Work& work, std::string verb);
  ~Progress();

 private:
  void loop();
  std::string line() const;

  const Work& work_;
  const std::string verb_;
  double begun_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool isOver_ = false;
  std::thread thread_;
};

struct Summary {
  std::string verb;
  std::string from, to;
  /// The hash of what was moved; empty where not everything was read.
  std::string hash;
  double seconds = 0;
  /// It was there already.
  bool wasThere = false;
};

/// Prints it, as text on standard error or as JSON on standard output, with all problems.
void print(const Work& work, const Summary& summary, bool isJson);

/// A path as a line of text: control characters could rewrite the terminal.
std::string shown(const std::string& path);

/// A summary that is kept tells only of what is there now: the same bytes however it came there.
enum class SummaryFor : uint8_t { Reading, Keeping };

/// Writes the JSON into a file; a problem if it cannot be.
void writeSummary(Work& work, const Summary& summary, SummaryFor isFor, const std::string& path);

double secondsNow();

}  // namespace wfc::move
