// One line a target.
#include "targets/registry.h"

#include "targets/local/local.h"
#include "targets/nomad/nomad.h"
#include "targets/rocoto/rocoto.h"
#include "targets/slurm/slurm.h"
#include "targets/snakemake/snakemake.h"

namespace wfc::targets {

llvm::ArrayRef<const target::Target*> all() {
  static const local::Local kLocal;
  static const slurm::Slurm kSlurm;
  static const snakemake::Snakemake kSnakemake;
  static const rocoto::Rocoto kRocoto;
  static const nomad::Nomad kNomad;
  static const target::Target* const kAll[] = {&kLocal, &kSlurm, &kSnakemake, &kRocoto, &kNomad};
  return kAll;
}

const target::Target* find(llvm::StringRef name) {
  for (const target::Target* target : all())
    if (target->name() == name) return target;
  return nullptr;
}

}  // namespace wfc::targets
