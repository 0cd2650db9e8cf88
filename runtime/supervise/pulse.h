// Tells hung from slow: silence alone may be a long step, silence without work is a hang.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace wfc::supervise {

/// What the GPUs did, over the time of all samples.
struct GpuUse {
  int64_t busyMs = 0;    ///< per mille times ms, summed over samples
  int64_t overMs = 0;    ///< … and the time that they stand for
  int64_t memory = 0;    ///< bytes of the fullest, at its fullest
  int64_t energyUj = 0;  ///< mW times ms
  int64_t busy() const { return overMs == 0 ? 0 : busyMs / overMs; }
};

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
  void gpu(int node, int64_t now, const GpuUse& sample);

  enum State { Fine, Slow, Hung };
  /// `why` says of what. Slow is told once each time a heartbeat passes.
  State look(int64_t now, std::string& why);
  const std::map<int, GpuUse>& gpus() const { return gpus_; }

 private:
  int64_t allCpu() const;
  int64_t heartbeatMs_, silenceMs_;
  int64_t heardAt_ = 0;  ///< the last time that anything was printed or saved
  int64_t since_ = 0;    ///< from when on work is looked for
  int64_t cpuBefore_ = 0;
  bool wasGpuBusy_ = false;
  std::map<int, int64_t> cpu_, sampledAt_;
  std::map<int, GpuUse> gpus_;
};

}  // namespace wfc::supervise
