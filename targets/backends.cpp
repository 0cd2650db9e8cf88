// The back ends that the runtime knows, one line each.
#include "runtime/backend.h"
#include "targets/local/backend/local.h"
#include "targets/nomad/backend/backend.h"
#include "targets/rocoto/backend/backend.h"
#include "targets/slurm/backend/backend.h"
#include "targets/snakemake/backend/backend.h"

namespace wfc::run {

llvm::ArrayRef<Backend> backends() {
  static const Backend all[] = {
      local::backend(), slurm::backend(), snakemake::backend(), rocoto::backend(), nomad::backend(),
  };
  return all;
}

const Backend* findBackend(llvm::StringRef name) {
  for (const Backend& backend : backends()) {
    if (backend.name == name) return &backend;
  }
  return nullptr;
}

}  // namespace wfc::run
