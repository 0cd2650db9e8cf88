// What a job asks for, in the terms of a flow's needs; read alike from a script that somebody wrote
// and from one that was built, so that the two can be compared.
#pragma once

#include "targets/slurm/foreign/job.h"

namespace wfc::targets::slurm::foreign {

struct Wants {
  std::string partition, qos, account;
  int64_t nodes = 1, tasks = 1, cpus = 1;
  int64_t memory = 0;  ///< of a node, in bytes
  int64_t timeMs = 0;
  int64_t disk = 0;
  std::vector<std::string> features;  ///< of each, one of those between `|`
  bool exclusive = false;
  std::vector<Gpu> gpus;  ///< of a node
  std::vector<std::pair<std::string, int64_t>> licences;
};

/// A construct that a flow cannot say, and why.
struct Refusal {
  source::Range at;
  std::string what, why;
};

/// What a job wants; what cannot be said in needs is added to `refusals`.
Wants wantsOf(const Job& job, std::vector<Refusal>& refusals);
/// The options that are left out, since a run has its own.
std::vector<const Given*> leftOut(const Job& job);
/// The needs of a task: `cpus 4, memory 8GiB, time 2h`.
std::string needsText(const Wants& wants, bool saysAccount);
/// How two differ, in words; empty: not at all.
std::vector<std::string> differences(const Wants& original, const Wants& built);

}  // namespace wfc::targets::slurm::foreign
