// What needs steps, and where jobs may not submit jobs.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/ir/planned.h"

#include "targets/slurm/slurm.h"
#include "targets/slurm/steps.h"

namespace wfc::targets::slurm {

void Slurm::validate(const ir::Module& module, const target::Locator& locate,
                     diag::Emitter& emitter) const {
  for (const ir::Family& family : module.families)
    if (family.disk != ir::Family::Shared && ir::fact(module, "local_disk.path").empty())
      emitter.report(locate(family.loc),
                     diag::NoNodeDisk{.family = family.name, .site = module.site});
  bool maySubmit = ir::fact(module, "submit_from_compute") != "false";
  std::vector<std::string> reasons = reasonsForSteps(module);
  for (uint32_t i = 0; i < module.families.size(); ++i) {
    const ir::Family& family = module.families[i];
    if (reasons[i].empty()) continue;
    if (!maySubmit)
      emitter.report(
          locate(family.loc),
          diag::StepsNotAllowed{.family = family.name, .site = module.site, .reason = reasons[i]});
    else
      emitter.report(locate(family.loc),
                     diag::CarriedBySteps{.family = family.name, .reason = reasons[i]});
  }
}

}  // namespace wfc::targets::slurm
