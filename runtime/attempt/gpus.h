// What the GPUs of this node are doing, as `wfr-nvml` beside us tells: a program of its own,
// because the library comes with the driver as a shared one only. Where there is none, nothing is
// told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/attempt/line.h"

namespace wfc::run {

/// What some GPUs were doing at one moment.
struct GpuRound {
  int64_t count = 0;
  int64_t busy = 0;    ///< per mille, on average
  int64_t memory = 0;  ///< bytes of the fullest
  int64_t power = 0;   ///< mW of all

  std::string text() const;
  static GpuRound parse(llvm::StringRef text);
};

/// What they did over the time of all rounds.
class GpuUse {
 public:
  void add(const GpuRound& round, int64_t nowMs);
  /// Those of another node.
  void add(const GpuUse& other);

  /// Per mille, on average.
  int64_t busy() const { return overMs_ == 0 ? 0 : busyMs_ / overMs_; }
  /// Bytes of the fullest, at its fullest.
  int64_t memory() const { return memory_; }
  int64_t joules() const { return energyUj_ / 1'000'000; }

 private:
  int64_t busyMs_ = 0;  ///< per mille times ms, summed over rounds
  int64_t overMs_ = 0;  ///< … and the time that they stand for
  int64_t memory_ = 0, energyUj_ = 0, lastMs_ = 0;
};

/// The names in a list such as CUDA_VISIBLE_DEVICES: numbers or UUIDs.
std::vector<std::string> gpusIn(llvm::StringRef list);

class GpuMeter {
 public:
  GpuMeter() = default;
  ~GpuMeter();
  GpuMeter(const GpuMeter&) = delete;
  GpuMeter& operator=(const GpuMeter&) = delete;
  void open(const std::vector<std::string>& gpus, int64_t everyMs);
  /// Each round that has come.
  std::vector<GpuRound> read();
  /// Readable when there is something; -1: nothing ever comes.
  int descriptor() const { return output_; }

 private:
  void take(llvm::StringRef line, std::vector<GpuRound>& rounds);
  int pid_ = -1, output_ = -1;
  Lines lines_;
  GpuRound round_;
};

}  // namespace wfc::run
