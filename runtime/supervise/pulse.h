// Tells hung from slow: silence alone may be a long step, silence without work is a hang.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/attempt/gpus.h"

namespace wfc::supervise {

class Pulse {
 public:
  Pulse(int64_t heartbeatMs, int64_t silenceMs)
      : heartbeatMs_(heartbeatMs), silenceMs_(silenceMs) {}

  void begin(int64_t now) { heardAt_ = since_ = now; }
  /// Something was printed or saved.
  void hear(int64_t now) {
    if (now > heardAt_) heardAt_ = since_ = now;
  }
  void cpu(int seat, int64_t ms) { cpu_[seat] = std::max(cpu_[seat], ms); }
  void gpu(int node, int64_t now, const run::GpuRound& round);

  enum State { Fine, Slow, Hung };
  /// `why` says of what. Slow is told once each time a heartbeat passes.
  State look(int64_t now, std::string& why);
  const std::map<int, run::GpuUse>& gpus() const { return gpus_; }

 private:
  int64_t allCpu() const;
  int64_t heartbeatMs_, silenceMs_;
  int64_t heardAt_ = 0;  ///< the last time that anything was printed or saved
  int64_t since_ = 0;    ///< from when on work is looked for
  int64_t cpuBefore_ = 0;
  bool wasGpuBusy_ = false;
  std::map<int, int64_t> cpu_;
  std::map<int, run::GpuUse> gpus_;
};

}  // namespace wfc::supervise
