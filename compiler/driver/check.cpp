// `wfc check FILE…`: every report, nothing written. With --site the needs are checked too, with
// --target what it refuses, and scripts by shellcheck where that is installed.
#include "compiler/driver/recipe.h"

namespace wfc::driver {

int runCheck(Session& session) {
  Choice choice;
  choice.isPartial = true;
  choice.shellcheck = "auto";
  if (!choose(session, "", choice)) return session.finish();
  for (const std::string& path : session.arguments.positional)
    compile(session, path, choice, ir::Stage::Legal);
  return session.finish();
}

}  // namespace wfc::driver
