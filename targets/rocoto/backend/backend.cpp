// The table of backend.h.
#include "targets/rocoto/backend/backend.h"

#include "targets/rocoto/backend/cron.h"
#include "targets/rocoto/backend/standing.h"

namespace wfc::rocoto {

const run::Backend& backend() {
  static const run::Backend rocoto = [] {
    run::Backend all = {"rocoto", start, step, stop, run::askClaims, nullptr, task};
    all.hasCron = true;
    all.forget = removeCron;
    all.whose = whose;
    all.standing = standing;
    all.rewritten = {"run.ent"};
    all.ownFiles = {"workflow.xml", "run.ent", "found", "rocoto.db", "rocoto_lock.db",
                    "jobs",         "ok",      "go",    "held",      "late"};
    all.cannotSet = "they stand in Rocoto's document; build anew with another limit";
    return all;
  }();
  return rocoto;
}

}  // namespace wfc::rocoto
