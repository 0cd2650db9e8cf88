// See spread.h. The step takes what the job has: as many processes as are asked for, whatever the
// job counted as tasks, all of the node's cores and GPUs to each.
#include "targets/slurm/backend/spread.h"

#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "targets/slurm/backend/calls.h"

namespace wfc::slurm {

namespace {

std::string value(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

unsigned number(const char* name) {
  unsigned number = 0;
  (void)llvm::StringRef(value(name)).getAsInteger(10, number);
  return number;
}

}  // namespace

std::optional<run::Spread> spread(unsigned perNode, const std::string& mpi) {
  // In a step, as the worker of a pool is one, only a part of the job is ours.
  std::string nodes = value("SLURM_JOB_NODELIST"), step = value("SLURM_STEP_ID");
  if (nodes.empty() || !step.empty()) return std::nullopt;
  run::Spread spread;
  spread.nodes = std::max(1u, number("SLURM_JOB_NUM_NODES"));
  spread.tasks = number("SLURM_NTASKS");
  llvm::StringRef first = nodes;
  std::string names;
  if (spread.nodes > 1) {
    names = Calls("").scontrol({"show", "hostnames", nodes}).out;
    first = llvm::StringRef(names).take_until([](char c) { return c == '\n'; });
  }
  spread.isThere = first == ownNode();
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  // A node may have another name for the scheduler than for the network.
  spread.address = spread.isThere ? host : first.str();
  spread.command = {"srun",
                    fmt::format("--nodes={}", spread.nodes),
                    fmt::format("--ntasks={}", spread.nodes * perNode),
                    fmt::format("--ntasks-per-node={}", perNode),
                    "--distribution=block",
                    "--overcommit",
                    "--overlap",
                    "--mem=0",
                    "--cpu-bind=none",
                    "--kill-on-bad-exit=0",
                    "--wait=0",
                    "--quiet",
                    "--job-name=ranks"};
  if (!mpi.empty()) spread.command.push_back("--mpi=" + mpi);
  spread.rank = "SLURM_PROCID";
  spread.localRank = "SLURM_LOCALID";
  spread.node = "SLURM_NODEID";
  return spread;
}

}  // namespace wfc::slurm
