// See standing.h. Rocoto knows jobs by cycle and task, so an instance is found by those.
#include "targets/rocoto/backend/standing.h"

#include <fmt/format.h>

#include "runtime/control/controller.h"
#include "targets/rocoto/backend/document.h"

namespace wfc::rocoto {

using targets::rocoto::Outline;
using targets::rocoto::Place;

std::string standing(const std::string& run, const std::string& family, uint32_t iteration) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  std::optional<uint32_t> index = view ? view->plan->familyNamed(family) : std::nullopt;
  if (!index) return {};
  Outline outline = targets::rocoto::outlineOf(*view->plan);
  if (!outline.shapes[*index].isTask) return {};
  Place place = targets::rocoto::placeOf(*view->engine, outline, {*index, iteration});
  for (const KnownJob& known : knownJobs(run)) {
    if (known.cycle != place.cycle || known.task != place.task || known.state == "-") continue;
    return fmt::format("Rocoto has task {} of {} {} as job {}", known.task, known.cycle,
                       known.state, known.job);
  }
  return {};
}

std::string whose(const std::string& run, llvm::StringRef job) {
  std::string error, found;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (!view) return {};
  Outline outline = targets::rocoto::outlineOf(*view->plan);
  for (const KnownJob& known : knownJobs(run)) {
    if (known.job != job) continue;
    view->engine->forEach([&](run::InstanceId id) {
      if (!outline.shapes[id.family].isTask) return;
      Place place = targets::rocoto::placeOf(*view->engine, outline, id);
      if (place.cycle == known.cycle && place.task == known.task) found = view->engine->idOf(id);
    });
  }
  return found;
}

}  // namespace wfc::rocoto
