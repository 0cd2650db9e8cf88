// The limits of a file system on names, and limits that Snakemake's resources cannot count.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/target/text/body.h"

#include "targets/snakemake/snakemake.h"

namespace wfc::targets::snakemake {

void Snakemake::validate(const ir::Module& module, const target::Locator& locate,
                         diag::Emitter& emitter) const {
  // 255 bytes a component, less the longest suffix of ours.
  constexpr size_t kMost = 255 - 16;
  for (const ir::Family& family : module.families) {
    size_t length = target::fileName(family.name).size();
    if (length <= kMost) continue;
    emitter.report(locate(family.loc), diag::NameTooLong{.what = "the script of",
                                                         .name = family.name,
                                                         .length = fmt::format("{}", length),
                                                         .target = "a file system",
                                                         .most = fmt::format("{}", kMost)});
  }
  for (const ir::Limit& limit : module.limits) {
    if (!limit.loop) continue;
    emitter.report(locate(limit.loc),
                   diag::Unsupported{.target = "snakemake",
                                     .what = "a limit on the iterations of a loop",
                                     .reason = "Snakemake counts running jobs, not iterations that "
                                               "are open; limit the calls in the loop instead, or "
                                               "build for `local` or `slurm`"});
  }
}

}  // namespace wfc::targets::snakemake
