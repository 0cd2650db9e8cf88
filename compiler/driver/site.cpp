// `wfc site discover`: asks a live scheduler and writes the site file that describes it.
#include "fmt/format.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/process.h"
#include "compiler/driver/session.h"

#include "targets/registry.h"

namespace wfc::driver {

namespace {

/// What the command printed, or nullopt if it could not be run or failed.
std::optional<std::string> outputOf(llvm::ArrayRef<std::string> argv) {
  std::optional<Ran> ran = runProgram(argv);
  if (!ran || ran->status != 0) return std::nullopt;
  return std::move(ran->output);
}

}  // namespace

int runSite(Session& session) {
  if (session.arguments.positional.front() != "discover") {
    rejectValue(session.emitter, "wfc site", session.arguments.positional.front(), {"discover"});
    session.finish();
    return WrongUse;
  }
  std::string wanted = session.arguments.value("target"), errors;
  for (const target::Target* target : targets::all()) {
    if (!wanted.empty() && target->name() != wanted) continue;
    target::Discovery found = target->discover(outputOf);
    if (found.toml.empty()) {
      errors +=
          fmt::format("{}{}: {}", errors.empty() ? "" : "; ", target->name().str(), found.error);
      continue;
    }
    if (session.arguments.has("output"))
      session.write(session.arguments.value("output"), found.toml);
    else
      session.print(found.toml);
    return session.finish();
  }
  if (errors.empty()) errors = fmt::format("there is no target `{}`", wanted);
  session.emitter.report({}, diag::NoScheduler{.why = errors});
  return session.finish();
}

}  // namespace wfc::driver
