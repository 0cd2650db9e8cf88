// The questions of backend.h that need no file of their own.
#include "targets/nomad/backend/backend.h"

#include "fmt/format.h"

#include "runtime/control/controller.h"
#include "targets/nomad/backend/attempt.h"
#include "targets/nomad/backend/verdict.h"

namespace wfc::nomad {

namespace {

std::vector<run::Alive> ask(const std::string& run, llvm::ArrayRef<run::Asked> attempts) {
  std::vector<run::Alive> answers;
  for (const run::Asked& asked : attempts)
    answers.push_back(showsLife(run, asked.instance, asked.attempt) ? run::Alive::Yes
                                                                    : run::Alive::Unknown);
  return answers;
}

/// The dispatched job of an instance that has not begun, and why it waits.
std::string standing(const std::string& run, const std::string& family, uint32_t iteration) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (!view) return {};
  std::optional<uint32_t> index = view->plan->familyNamed(family);
  if (!index) return {};
  std::vector<const run::Attempt*> attempts = view->engine->attemptsOf({*index, iteration});
  if (attempts.empty() || attempts.back()->hasEnded) return {};
  std::string job(view->engine->detailsOf(*attempts.back()).job);
  if (job.empty()) return "it is yet to be dispatched to Nomad";
  std::string why = whyQueued(Api(), job);
  return fmt::format("job {} is in Nomad's queue{}{}", job, why.empty() ? "" : ": ", why);
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend nomad = [] {
    run::Backend made = {"nomad", start, coordinate, stop, ask, nullptr, task};
    made.standing = standing;
    made.drift = drift;
    made.leftOutside = leftOutside;
    return made;
  }();
  return nomad;
}

}  // namespace wfc::nomad
