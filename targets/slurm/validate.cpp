// What SLURM and the file system set as limits of names, and what needs steps where jobs may not
// submit jobs.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/target/text/body.h"

#include "targets/slurm/slurm.h"
#include "targets/slurm/steps.h"

namespace wfc::targets::slurm {

void Slurm::validate(const ir::Module& module, const target::Locator& locate,
                     diag::Emitter& emitter) const {
  // 255 bytes a component of a path, less our suffixes.
  constexpr size_t kMost = 255 - 16;
  auto fact = module.siteFacts.find("submit_from_compute");
  bool maySubmit = fact == module.siteFacts.end() || fact->second != "false";
  std::vector<std::string> reasons = reasonsForSteps(module);
  for (uint32_t i = 0; i < module.families.size(); ++i) {
    const ir::Family& family = module.families[i];
    size_t length = target::fileName(family.name).size();
    if (length > kMost)
      emitter.report(locate(family.loc), diag::NameTooLong{.what = "the script of",
                                                           .name = family.name,
                                                           .length = fmt::format("{}", length),
                                                           .target = "a file system",
                                                           .most = fmt::format("{}", kMost)});
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
