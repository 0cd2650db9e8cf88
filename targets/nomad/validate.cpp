// What a job of Nomad cannot say, in a flow whose every capability it has: names that are no node
// pools, whole nodes of unknown size, images that are known only at run time.
#include "fmt/format.h"

#include "compiler/diag/catalog/target.h"
#include "compiler/ir/planned.h"

#include "targets/nomad/job.h"
#include "targets/nomad/nomad.h"

namespace wfc::targets::nomad {

namespace {

class Validator {
 public:
  Validator(const ir::Module& module, const target::Locator& locate, diag::Emitter& emitter)
      : module_(module), locate_(locate), emitter_(emitter) {}

  void all() {
    for (const ir::Family& family : module_.families) {
      if (!family.task) continue;
      needs(family);
      if (ir::fact(module_, "driver") == "docker") image(family);
    }
  }

 private:
  void refuse(ir::Loc loc, const char* what, const char* reason) {
    emitter_.report(locate_(loc),
                    diag::Unsupported{.target = "nomad", .what = what, .reason = reason});
  }

  void needs(const ir::Family& family) {
    const ir::Task& task = module_[family.task];
    for (const ir::Need& need : task.needs) {
      if (need.key == "qos" || need.key == "account")
        refuse(need.loc, need.key == "qos" ? "a QOS" : "an account",
               "a job of Nomad has a node pool, which is the partition, and nothing else of the "
               "kind; leave it out");
      bool isKnown =
          !ir::fact(module_, fmt::format("partition.{}.cores", poolOf(module_, family))).empty();
      if (need.key == "exclusive" && !isKnown)
        refuse(need.loc, "exclusive",
               "all cores of a node are asked for, and the site file does not say how many; give "
               "`cores` for its partition, or ask for cpus instead");
    }
  }

  void image(const ir::Family& family) {
    const ir::Task& task = module_[family.task];
    if (!task.container && ir::fact(module_, "image").empty())
      refuse(task.loc, "a task without a container",
             "the site says `driver = \"docker\"` and names no `image` for such tasks");
    if (task.container && module_[task.container].op != ir::Op::Const)
      refuse(module_[task.container].loc, "a container whose image is computed",
             "the site says `driver = \"docker\"`, and a job names its image; write it as a text");
  }

  const ir::Module& module_;
  const target::Locator& locate_;
  diag::Emitter& emitter_;
};

}  // namespace

void Nomad::validate(const ir::Module& module, const target::Locator& locate,
                     diag::Emitter& emitter) const {
  Validator(module, locate, emitter).all();
}

}  // namespace wfc::targets::nomad
