// The checks of a running attempt. Each runs in a session of its own beside the body and is never
// waited for: the wrapper's loop asks what is due. One that gives no answer in its time has turned
// false, and is killed with all that it started.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/attempt/container.h"

namespace wfc::run {

class Checks {
 public:
  /// `prologue`: shell commands before each (modules, conda); `env`: the body's variables.
  Checks(const Job& job, const Environment& env, std::string prologue);
  Checks(const Checks&) = delete;
  Checks& operator=(const Checks&) = delete;
  ~Checks() { end(); }

  /// The clock starts.
  void begin(int64_t now);
  /// When to look again, at the latest.
  int64_t next() const;
  /// Adds what tells that one has ended.
  void addDescriptors(std::vector<int>& descriptors) const;
  /// Starts what is due, and takes the answers. Why the attempt must end, or empty.
  std::string look(int64_t now);
  /// Kills those at work; nothing is due any more.
  void end();

 private:
  struct One {
    int64_t nextAt = 0, killAt = 0;
    int pid = -1, pidfd = -1;
  };
  void start(size_t n, int64_t now);
  int64_t timeOf(size_t n) const;
  /// Its status; the process is gone.
  int finish(One& one);

  const Job& job_;
  const Environment& env_;
  const std::string prologue_;
  std::vector<One> all_;
  bool hasBegun_ = false;
};

}  // namespace wfc::run
