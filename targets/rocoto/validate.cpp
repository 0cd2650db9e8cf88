// The limits of names, in a file system and in the lists of Rocoto.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/target/text/body.h"

#include "targets/rocoto/rocoto.h"

namespace wfc::targets::rocoto {

void Rocoto::validate(const ir::Module& module, const target::Locator& locate,
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
}

}  // namespace wfc::targets::rocoto
