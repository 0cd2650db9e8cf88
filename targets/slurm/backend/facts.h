// What the plan froze of the site, read: accounts by reference, limits of the queue, the partition
// for the runtime's own small jobs.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/engine/engine.h"

namespace wfc::slurm {

struct SmallJobs {
  std::string partition, qos;
};

class Facts {
 public:
  explicit Facts(const ir::Module& module) : module_(module) {}

  bool maySubmitFromCompute() const { return text("submit_from_compute") != "false"; }
  bool hasSacct() const { return text("sacct") != "false"; }
  /// Indices of an array are below it.
  uint64_t arraySize() const { return number("limit.array", 1001); }
  /// Jobs that work may have in the queue; slots for sweep and end, each beside its successor, are
  /// not among them.
  uint64_t workJobs() const;
  int64_t marginMs() const { return static_cast<int64_t>(number("margin_ms", 0)); }
  /// The account of a family (named by a need, else the site's), resolved. False, with `error`: it
  /// refers to nothing.
  bool account(const run::Needs& needs, std::string& account, std::string& error) const;
  /// Some of its needs differ by index: they are in no script and go on the command line.
  bool hasVaryingNeeds(uint32_t family) const;
  /// `--gres` or `--gpus-per-node`, as the site wants it.
  std::string gpuOption(const run::Needs& needs) const;
  std::string partitionOf(uint32_t family) const;
  /// Longest time of the family's partition in ms; 0: not stated.
  int64_t walltimeMs(uint32_t family) const;
  /// Where sweep and end run: the site's default partition or the largest, without GPUs, else the
  /// first family's.
  /// first family's.
  SmallJobs smallJobs() const;

 private:
  std::string text(const std::string& key) const;
  uint64_t number(const std::string& key, uint64_t otherwise) const;
  const ir::Module& module_;
};

/// Equal texts: the same options of sbatch.
std::string needsText(const run::Needs& needs);

/// Seconds between sweeps: WFR_SWEEP_SECONDS, else four minutes.
int64_t sweepSeconds();

}  // namespace wfc::slurm
