// The questions of backend.h that need no file of their own.
#include "targets/snakemake/backend/backend.h"

#include "runtime/attempt/run.h"
#include "targets/snakemake/backend/process.h"

namespace wfc::snakemake {

namespace {

/// Whoever holds the run hears of the wish by its file, and so do the attempts; where nobody holds
/// it, Snakemake may have outlived its start.
int stop(const std::string& run) {
  if (!isHeld(run)) Process(run).end();
  return run::abi::Good;
}

std::vector<run::Alive> ask(const std::string& run, llvm::ArrayRef<run::Asked> attempts) {
  std::vector<run::Alive> answers;
  for (const run::Asked& asked : attempts) {
    std::optional<run::Claim> claim = run::readClaim(run, asked.instance, asked.attempt);
    int alive = claim ? run::lives(claim->wrapper) : 0;
    answers.push_back(alive < 0    ? run::Alive::Unknown
                      : alive == 1 ? run::Alive::Yes
                                   : run::Alive::No);
  }
  return answers;
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend snakemake = {"snakemake", start, nullptr, stop, ask, nullptr, task};
  return snakemake;
}

}  // namespace wfc::snakemake
