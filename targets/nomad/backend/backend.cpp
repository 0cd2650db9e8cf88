// The questions of backend.h that need no file of their own.
#include "targets/nomad/backend/backend.h"

#include "fmt/format.h"

#include "runtime/control/controller.h"
#include "targets/nomad/backend/api.h"
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
  std::vector<run::Attempt> attempts = view->engine->attemptsOf({*index, iteration});
  if (attempts.empty() || attempts.back().hasEnded) return {};
  std::string job(view->engine->detailsOf(attempts.back()).job);
  if (job.empty()) return "it is yet to be dispatched to Nomad";
  std::string why = whyQueued(Api(), job);
  return fmt::format("job {} is in Nomad's queue{}{}", job, why.empty() ? "" : ": ", why);
}

/// A job, or an allocation, whose id says its job.
llvm::json::Value jobNamed(llvm::StringRef word) {
  Api api;
  Answer answer = api.get("/v1/allocation/" + Api::word(word));
  llvm::json::Value value = answer.isGood() ? answer.json() : llvm::json::Value(nullptr);
  const llvm::json::Object* object = value.getAsObject();
  std::string job = object == nullptr ? word.str() : text(*object, "JobID");
  answer = api.get("/v1/job/" + Api::word(job));
  return answer.isGood() ? answer.json() : llvm::json::Value(nullptr);
}

std::string runOf(llvm::StringRef word) {
  llvm::json::Value job = jobNamed(word);
  const llvm::json::Object* object = job.getAsObject();
  const llvm::json::Object* meta = object == nullptr ? nullptr : object->getObject("Meta");
  return meta == nullptr ? "" : text(*meta, "run");
}

std::string whose(const std::string& run, llvm::StringRef word) {
  std::string error, found;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  llvm::json::Value value = jobNamed(word);
  const llvm::json::Object* object = value.getAsObject();
  std::string job = object == nullptr ? "" : text(*object, "ID");
  if (!view || job.empty()) return {};
  view->engine->forEach([&](run::InstanceId id) {
    for (const run::Attempt& attempt : view->engine->attemptsOf(id))
      if (attempt.n > 0 && view->engine->detailsOf(attempt).job == job)
        found = view->engine->idOf(id);
  });
  return found;
}

}  // namespace

const run::Backend& backend() {
  static const run::Backend nomad = [] {
    run::Backend made = {"nomad", start, coordinate, stop, ask, nullptr, task};
    made.standing = standing;
    made.whose = whose;
    made.runOf = runOf;
    made.drift = drift;
    made.leftOutside = leftOutside;
    return made;
  }();
  return nomad;
}

}  // namespace wfc::nomad
