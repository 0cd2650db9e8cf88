// `wfr task` inside a job that Rocoto submitted: the runtime's turn, and markers for Rocoto to see
// at once, without waiting for the next step.
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/control/turn.h"
#include "runtime/control/watcher.h"
#include "targets/rocoto/backend/backend.h"
#include "targets/rocoto/backend/document.h"

namespace wfc::rocoto {

namespace {

/// `kind` of `ok`, `go`, `held`, `late`.
std::string markerPath(const run::RunView& view, const char* kind, run::InstanceId id) {
  targets::rocoto::Shape shape;
  shape.file = targets::rocoto::fileOf(view.plan->module().families[id.family]);
  return fmt::format("{}/{}/{}", view.run, kind,
                     targets::rocoto::markerOf(*view.engine, shape, id));
}

/// Failed for good, or not yet to be tried again: Rocoto would submit it at once.
bool isHeld(const run::Instance& instance) {
  return instance.phase == run::Phase::Delayed ||
         (instance.phase == run::Phase::Ended && !hasEndedWell(instance));
}

}  // namespace

int task(llvm::ArrayRef<std::string> args) {
  std::optional<run::TurnArguments> arguments = run::parseTurn(args);
  if (!arguments) return run::abi::WrongUse;
  arguments->instance = targets::rocoto::flowKey(arguments->instance);
  std::string late;
  std::optional<run::Watcher> watcher;
  run::TurnHooks hooks;
  hooks.begun = [&](const run::RunView& view, run::InstanceId id) {
    late = markerPath(view, "late", id);
    ::unlink(markerPath(view, "go", id).c_str());
  };
  hooks.isDead = [&](const run::RunView& view, run::InstanceId id, uint32_t attempt) {
    watcher.emplace(view.run, run::findScheduler(view.plan->module().siteFacts));
    return watcher->endOf(*view.engine, id, attempt);
  };
  hooks.leaving = [&](const run::RunView& view, run::InstanceId id) {
    const run::Instance& instance = view.engine->state().at(id);
    if (hasEndedWell(instance)) touch(markerPath(view, "ok", id));
    if (isHeld(instance)) touch(markerPath(view, "held", id));
  };
  hooks.wish = [&] {
    bool isLate = !late.empty() && ::access(late.c_str(), F_OK) == 0;
    return isLate ? run::AttemptSignals::Deadline : run::AttemptSignals::GoOn;
  };
  return run::takeTurn(*arguments, hooks);
}

}  // namespace wfc::rocoto
