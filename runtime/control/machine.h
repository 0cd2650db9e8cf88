// What one machine has, and what running attempts hold of it. Sizes come from the site where it
// states them (then they are slots), else from the machine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::run {

/// What one attempt holds.
struct Held {
  int64_t cpus = 0, memory = 0, disk = 0;
  std::vector<int> gpus;
  std::vector<std::pair<std::string, int64_t>> licences;
};

class Machine {
 public:
  /// One whose sizes are known: a node of an allocation.
  Machine(int64_t cpus, int64_t memory, int64_t gpus);
  /// `jobs` > 0: no more cores than that.
  Machine(const std::map<std::string, std::string>& facts, int jobs);

  /// Takes what the launch needs, if it is free.
  Fit take(const Launch& launch, Held& held);
  void give(const Held& held);
  /// Takes it whether it is free or not: it is held already, by an attempt that was found running.
  Held adopt(const Launch& launch);
  /// Why a launch can never be taken; empty: it can.
  std::string tooLarge(const Launch& launch) const;

 private:
  void freeAll();
  Held want(const Launch& launch) const;
  int64_t cpus_ = 1, memory_ = 0, disk_ = 0, running_ = 0, jobs_ = 0;
  int64_t freeCpus_ = 0, freeMemory_ = 0, freeDisk_ = 0;
  std::vector<int> freeGpus_;
  int64_t gpus_ = 0;
  std::map<std::string, int64_t> licences_, freeLicences_;
  bool isScaled_ = false;
};

}  // namespace wfc::run
