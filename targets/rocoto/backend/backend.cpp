// The table of backend.h.
#include "targets/rocoto/backend/backend.h"

#include "targets/rocoto/backend/standing.h"

namespace wfc::rocoto {

const run::Backend& backend() {
  static const run::Backend rocoto = [] {
    run::Backend all = {"rocoto", start, step, stop, run::askClaims, nullptr, task};
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
