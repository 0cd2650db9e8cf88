// The artifacts of `nomad`: for each family `jobs/FAMILY.nomad.hcl`, the same as JSON, and its
// script; the coordinator's job; the plan and the manifest.
//
// A job here is registered for each run under a name of the run's own, with the run's folder as
// meta; so two runs of one flow never meet. What is registered is the JSON; HCL is for people, and
// says the same.
#include <optional>
#include <set>

#include "fmt/format.h"
#include "llvm/Support/raw_ostream.h"

#include "compiler/ir/planned.h"
#include "compiler/target/text/body.h"
#include "compiler/target/text/manifest.h"

#include "runtime/engine/first_needs.h"
#include "targets/nomad/job.h"
#include "targets/nomad/nomad.h"

namespace wfc::targets::nomad {

namespace {

using llvm::json::Object;

std::string jsonText(Object job) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, 2);
  json.value(Object{{"Job", std::move(job)}});
  stream << '\n';
  return std::move(stream.str());
}

class Emission {
 public:
  Emission(const ir::Module& module, const target::Origin& origin)
      : module_(module), origin_(origin), plan_(module), engine_(plan_) {
    engine_.settle(0);
  }

  target::Artifacts run() {
    artifacts_.push_back(target::planArtifact(module_));
    for (uint32_t f = 0; f < module_.families.size(); ++f)
      if (isJob(module_.families[f])) addFamily(f);
    addCoordinator();
    artifacts_.push_back(target::manifestArtifact(
        module_, origin_, artifacts_, [this](llvm::json::OStream& json) { list(json); }));
    return std::move(artifacts_);
  }

 private:
  /// Hooks are run by the coordinator itself, waits are watched by it.
  static bool isJob(const ir::Family& family) {
    return family.task && family.role == ir::Family::Work;
  }

  void addFamily(uint32_t f) {
    const ir::Family& family = module_.families[f];
    artifacts_.push_back(target::scriptArtifact(module_, origin_, family, stemOf(family) + ".sh"));
    std::string head =
        target::header(module_, origin_, target::describe(module_, family), family.loc);
    std::vector<std::string> notes = {
        "Dispatched once for each attempt by the coordinator; each run registers it under a name "
        "of "
        "its own."};
    if (std::string varying = varyingOf(f); !varying.empty())
      notes.push_back(
          fmt::format("By instance or attempt: {}; other sizes are jobs of their own.", varying));
    addJob(stemOf(family), head, taskJob(module_, family, run::firstNeeds(engine_, f)), notes);
  }

  std::string varyingOf(uint32_t f) const {
    return fmt::format("{}", fmt::join(ir::varyingNeeds(module_, ir::FamilyId(f)), ", "));
  }

  void addCoordinator() {
    std::string what = fmt::format("{}: the coordinator of a run", module_.flow);
    std::vector<std::string> notes = {
        "Runs the engine's loop over the run's ledger and dispatches what is ready; goes on where "
        "it "
        "stood when it is started again."};
    addJob(kCoordinatorStem, target::header(module_, origin_, what, {}), coordinatorJob(module_),
           notes);
  }

  void addJob(const std::string& stem, const std::string& head, Object job,
              llvm::ArrayRef<std::string> notes) {
    artifacts_.push_back({stem + ".nomad.hcl", head + jobHcl(job, notes), false});
    artifacts_.push_back({stem + ".nomad.json", jsonText(std::move(job)), false});
  }

  void list(llvm::json::OStream& json) const {
    for (const ir::Family& family : module_.families) {
      if (!isJob(family)) continue;
      json.object([&] {
        json.attribute("name", family.name);
        json.attribute("job", stemOf(family) + ".nomad.hcl");
        json.attribute("script", stemOf(family) + ".sh");
      });
    }
  }

  const ir::Module& module_;
  const target::Origin& origin_;
  run::Plan plan_;
  run::Engine engine_;
  target::Artifacts artifacts_;
};

}  // namespace

target::Artifacts Nomad::emit(const ir::Module& module, const target::Origin& origin) const {
  return Emission(module, origin).run();
}

}  // namespace wfc::targets::nomad
