// The limits of a file system on names.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/target/text/body.h"

#include "targets/local/local.h"

namespace wfc::targets::local {

void Local::validate(const ir::Module& module, const target::Locator& locate,
                     diag::Emitter& emitter) const {
  // 255 bytes a component, less the longest suffix of ours.
  constexpr size_t kMost = 255 - 16;
  for (const ir::Task& task : module.tasks) {
    size_t length = target::fileName(task.name).size();
    if (length <= kMost) continue;
    emitter.report(locate(task.loc), diag::NameTooLong{.what = "the script of task",
                                                       .name = task.name,
                                                       .length = fmt::format("{}", length),
                                                       .target = "a file system",
                                                       .most = fmt::format("{}", kMost)});
  }
}

}  // namespace wfc::targets::local
