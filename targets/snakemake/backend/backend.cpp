// The questions of backend.h that need no file of their own.
#include "targets/snakemake/backend/backend.h"

#include "targets/snakemake/backend/process.h"

namespace wfc::snakemake {

namespace {

/// Whoever holds the run hears of the wish by its file, and so do the attempts; where nobody holds
/// it, Snakemake may have outlived its start.
int stop(const std::string& run) {
  if (!isHeld(run)) Process(run).end();
  return run::abi::Good;
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend snakemake = [] {
    run::Backend all = {"snakemake", start, nullptr, stop, run::askClaims, nullptr, task};
    all.ownFiles = {".snakemake", "Snakefile", "index.json", "profiles", "jobs", "ok"};
    all.rewritten = {"index.json"};
    all.cannotSet = "they stand in profiles/default/config.yaml of the run; change them there";
    return all;
  }();
  return snakemake;
}

}  // namespace wfc::snakemake
