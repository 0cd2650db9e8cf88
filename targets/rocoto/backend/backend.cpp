// The questions of backend.h that need no file of their own.
#include "targets/rocoto/backend/backend.h"

#include "runtime/attempt/run.h"
#include "runtime/control/controller.h"
#include "targets/rocoto/backend/document.h"
#include "targets/rocoto/backend/scheduler.h"
#include "targets/rocoto/backend/standing.h"

namespace wfc::rocoto {

namespace {

std::vector<run::Alive> ask(const std::string& run, llvm::ArrayRef<run::Asked> attempts) {
  std::vector<run::Alive> answers;
  std::optional<std::map<std::string, std::string>> states = jobStates();
  for (const run::Asked& asked : attempts) {
    std::optional<run::Claim> claim = run::readClaim(run, asked.instance, asked.attempt);
    int alive = claim ? run::lives(claim->wrapper) : -1;
    if (alive < 0 && states) {
      auto found = states->find(asked.job);
      alive = found != states->end() && !isOver(found->second) ? 1 : 0;
    }
    answers.push_back(alive < 0    ? run::Alive::Unknown
                      : alive == 1 ? run::Alive::Yes
                                   : run::Alive::No);
  }
  return answers;
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend rocoto = [] {
    run::Backend all = {"rocoto", start, step, stop, ask, nullptr, task};
    all.hasCron = true;
    all.whose = whose;
    all.standing = standing;
    all.ownFiles = {"run.ent", "workflow.xml", "rocoto.db", "late", "ok", "jobs"};
    all.cannotReopen =
        "Rocoto's own record would hold them for done; use rocotorewind, or a new run";
    all.cannotSet = "they stand in Rocoto's document; build anew with another limit";
    return all;
  }();
  return rocoto;
}

}  // namespace wfc::rocoto
