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

const Scheduler* findScheduler(const std::map<std::string, std::string>& siteFacts) {
  auto name = siteFacts.find("scheduler");
  const Backend* backend = name == siteFacts.end() ? nullptr : findBackend(name->second);
  return backend == nullptr ? nullptr : backend->scheduler;
}

}  // namespace wfc::run
