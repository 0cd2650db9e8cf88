// What became of it, for people, for programs, and for the wrapper of the attempt that it runs in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/supervise/checkpoints.h"
#include "runtime/supervise/options.h"
#include "runtime/supervise/pulse.h"

namespace wfc::supervise {

/// The exit status that stands for a status of wait4.
int exitOf(int status);
/// `ended with exit status 3`, `was killed by signal 9 (Killed)`.
std::string endOf(int status);

struct Account {
  struct Rank {
    std::string host, line;
    int status = 0;
    bool hasEnded = false, isOutOfMemory = false;
    unsigned nans = 0;
    int64_t cpuMs = 0, rss = 0;
  };
  std::vector<Rank> ranks;
  bool isSpread = false, isSlice = false;
  int exit = 0;
  std::string why, cause;
  int64_t began = 0, ended = 0;
  unsigned checkpoints = 0;
  std::optional<Checkpoint> newest;
  std::string latest;
  std::map<int, run::GpuUse> gpus;

  /// Where it was asked for, and to the wrapper.
  void leave(const Options& options) const;

 private:
  std::string json() const;
  void tellWrapper() const;
};

}  // namespace wfc::supervise
