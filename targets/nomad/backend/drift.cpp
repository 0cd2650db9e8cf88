// `wfr drift`: Nomad plans each job of the run as it would be registered from the artifacts now,
// and says what that would change. What only Nomad or a start fills in is no difference.
#include <cstdio>
#include <functional>

#include "fmt/format.h"

#include "targets/nomad/backend/backend.h"
#include "targets/nomad/backend/jobs.h"

namespace wfc::nomad {

namespace {

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

void each(const Object& object, llvm::StringRef key,
          const std::function<void(const Object&)>& visit) {
  const Array* list = object.getArray(key);
  if (list == nullptr) return;
  for (const Value& value : *list)
    if (value.getAsObject() != nullptr) visit(*value.getAsObject());
}

/// `group model, task model, Resources: MemoryMB is 100, was built as 2080`, a line each.
void tell(const Object& diff, const std::string& place, std::vector<std::string>& lines) {
  if (text(diff, "Type") == "None") return;
  each(diff, "Fields", [&](const Object& field) {
    if (text(field, "Type") == "None") return;
    auto worded = [&](const char* key) {
      std::string value = text(field, key);
      return value.empty() ? std::string("nothing") : value;
    };
    lines.push_back(fmt::format("{}{} is {}, was built as {}", place, text(field, "Name"),
                                worded("Old"), worded("New")));
  });
  auto below = [&](const char* key, const char* what) {
    each(diff, key, [&](const Object& inner) {
      tell(inner, fmt::format("{}{}{}: ", place, what, text(inner, "Name")), lines);
    });
  };
  below("Objects", "");
  below("TaskGroups", "group ");
  below("Tasks", "task ");
}

class Comparison {
 public:
  explicit Comparison(const Api& api) : api_(api) {}

  /// False: Nomad was not reached.
  bool compare(Object job) {
    std::string id = text(job, "ID");
    Answer registered = api_.get("/v1/job/" + Api::word(id));
    Value value = registered.json();
    const Object* object = registered.isGood() ? value.getAsObject() : nullptr;
    if (registered.status != 404 && object == nullptr) return fail(registered);
    if (object == nullptr || object->getBoolean("Stop").value_or(false)) {
      say(id, {"is not registered"});
      return true;
    }
    // Of the start, not of the artifact.
    const Object* meta = object->getObject("Meta");
    for (const char* key : {"started", "address"})
      if (meta != nullptr && meta->getString(key)) (*job.getObject("Meta"))[key] = text(*meta, key);
    Answer planned = api_.post(fmt::format("/v1/job/{}/plan", Api::word(id)),
                               Object{{"Job", std::move(job)}, {"Diff", true}});
    Value plan = planned.json();
    const Object* outcome = planned.isGood() ? plan.getAsObject() : nullptr;
    const Object* diff = outcome == nullptr ? nullptr : outcome->getObject("Diff");
    if (diff == nullptr) return fail(planned);
    std::vector<std::string> lines;
    tell(*diff, "", lines);
    int64_t index = outcome->getInteger("JobModifyIndex").value_or(0);
    if (lines.empty())
      fmt::print("{}: as built (modify index {})\n", id, index);
    else
      say(fmt::format("{} (modify index {})", id, index), lines);
    return true;
  }

  bool hasDrifted() const { return hasDrifted_; }

 private:
  void say(const std::string& what, const std::vector<std::string>& lines) {
    hasDrifted_ = true;
    for (const std::string& line : lines) fmt::print("{}: {}\n", what, line);
  }

  static bool fail(const Answer& answer) {
    fmt::print(stderr, "wfr: Nomad does not tell: {}\n", answer.text);
    return false;
  }

  const Api& api_;
  bool hasDrifted_ = false;
};

}  // namespace

int drift(const std::string& run, const std::string& artifacts) {
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  Api api;
  if (!view) {
    fmt::print(stderr, "wfr: {}\n", error);
    return run::abi::WrongUse;
  }
  Jobs jobs(*view, artifacts);
  if (!jobs.wrong().empty()) {
    fmt::print(stderr, "wfr: {}\n", jobs.wrong());
    return run::abi::WrongUse;
  }
  std::optional<std::vector<Listed>> alive = listJobs(api, jobs.tag());
  if (!alive) {
    fmt::print(stderr, "wfr: Nomad is not reached\n");
    return run::abi::LostControl;
  }
  // What its last tasks leave is dead a moment later.
  if (alive->empty() || readLeft(run)) {
    fmt::print("the run is not at work: none of its jobs is registered\n");
    return run::abi::Good;
  }
  std::vector<Object> all = jobs.artifactJobs();
  all.push_back(jobs.coordinatorJob());
  Comparison comparison(api);
  for (Object& job : all)
    if (!comparison.compare(std::move(job))) return run::abi::LostControl;
  return comparison.hasDrifted() ? run::abi::Drifted : run::abi::Good;
}

}  // namespace wfc::nomad
