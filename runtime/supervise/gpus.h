// What the GPUs of this node are doing, as `wfr-nvml` beside us tells: a program of its own,
// because the library comes with the driver as a shared one only. Where there is none, nothing is
// told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/supervise/line.h"

namespace wfc::supervise {

class GpuMeter {
 public:
  ~GpuMeter();
  void open(const std::vector<std::string>& gpus, int64_t everyMs);
  /// `COUNT BUSY MEMORY POWER` of each round that has come: how many, per mille on average, bytes
  /// of the fullest, mW of all.
  std::vector<std::string> read();
  /// Readable when there is something; -1: nothing ever comes.
  int descriptor() const { return output_; }

 private:
  void take(llvm::StringRef line, std::vector<std::string>& rounds);
  int pid_ = -1, output_ = -1;
  Lines lines_;
  int64_t count_ = 0, busy_ = 0, memory_ = 0, power_ = 0;
};

}  // namespace wfc::supervise
