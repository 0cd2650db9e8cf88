// See jobs.h.
#include "targets/nomad/backend/jobs.h"

#include "fmt/format.h"
#include "llvm/Support/FormatVariadic.h"

#include "compiler/target/text/manifest.h"

#include "targets/nomad/job.h"

namespace wfc::nomad {

namespace {

namespace emitted = targets::nomad;
using llvm::json::Object;
using llvm::json::Value;

/// The one task of the one group.
Object* groupOf(Object& job) {
  llvm::json::Array* groups = job.getArray("TaskGroups");
  return groups == nullptr || groups->empty() ? nullptr : groups->front().getAsObject();
}

Object* taskOf(Object& job) {
  Object* group = groupOf(job);
  llvm::json::Array* tasks = group == nullptr ? nullptr : group->getArray("Tasks");
  return tasks == nullptr || tasks->empty() ? nullptr : tasks->front().getAsObject();
}

/// Some of its allocations are in this state.
bool hasSome(const Object& job, const char* state) {
  const Object* summary = job.getObject("JobSummary");
  const Object* groups = summary == nullptr ? nullptr : summary->getObject("Summary");
  if (groups == nullptr) return false;
  for (const auto& [name, counts] : *groups)
    if (counts.getAsObject() != nullptr && counts.getAsObject()->getInteger(state).value_or(0) > 0)
      return true;
  return false;
}

std::string textOf(const Value& value) { return llvm::formatv("{0}", value).str(); }

}  // namespace

Jobs::Jobs(const run::RunView& view, const std::string& folder) : view_(view) {
  const ir::Module& module = view.plan->module();
  std::string birth = fmt::format("{} {}", view.run, view.header.created);
  tag_ = fmt::format("{}-{}", emitted::idText(module.flow, 30), target::blake3(birth).substr(0, 8));
  for (const ir::Family& family : module.families) {
    bool isJob = family.task && family.role == ir::Family::Work;
    jobs_.push_back(isJob ? std::optional<Object>(readJob(folder, emitted::stemOf(family)))
                          : std::nullopt);
  }
  coordinator_ = readJob(folder, emitted::kCoordinatorStem);
}

Object Jobs::readJob(const std::string& folder, const std::string& stem) {
  std::string path = fmt::format("{}/{}.nomad.json", folder, stem);
  std::optional<std::string> text = run::readFile(path);
  llvm::Expected<Value> value = llvm::json::parse(text.value_or(""));
  if (value && value->getAsObject() != nullptr) {
    Object* job = value->getAsObject()->getObject("Job");
    if (job != nullptr && taskOf(*job) != nullptr) return std::move(*job);
  }
  llvm::consumeError(value.takeError());
  if (wrong_.empty()) wrong_ = fmt::format("{} holds no job", path);
  return {};
}

Object Jobs::named(Object job, const std::string& id) const {
  job["ID"] = job["Name"] = id;
  job["Meta"] = Object{{"run", view_.run}, {"project", view_.header.project}};
  return job;
}

std::string Jobs::idOf(uint32_t family, const run::Needs& needs) const {
  const ir::Module& module = view_.plan->module();
  std::string id = fmt::format("{}-{}", tag_, emitted::idText(module.families[family].name, 45));
  Object own = jobs_[family].value_or(Object());
  Object* task = taskOf(own);
  if (task == nullptr) return id;
  Value wanted = emitted::resourcesOf(module, module.families[family], needs);
  const Object* disk = groupOf(own)->getObject("EphemeralDisk");
  int64_t room = disk == nullptr ? 0 : disk->getInteger("SizeMB").value_or(0);
  const Value* has = task->get("Resources");
  if (has != nullptr && *has == wanted && room == emitted::diskOf(needs)) return id;
  std::string sizes = fmt::format("{} {}", textOf(wanted), emitted::diskOf(needs));
  return fmt::format("{}-{}", id, target::blake3(sizes).substr(0, 6));
}

Object Jobs::taskJob(uint32_t family, const run::Needs& needs) const {
  const ir::Module& module = view_.plan->module();
  Object job = named(jobs_[family].value_or(Object()), idOf(family, needs));
  if (Object* task = taskOf(job)) {
    (*task)["Resources"] = emitted::resourcesOf(module, module.families[family], needs);
    groupOf(job)->erase("EphemeralDisk");
    if (int64_t disk = emitted::diskOf(needs); disk > 0)
      (*groupOf(job))["EphemeralDisk"] = Object{{"SizeMB", disk}};
  }
  return job;
}

Object Jobs::coordinatorJob() const { return named(coordinator_, coordinator()); }

std::vector<Object> Jobs::artifactJobs() const {
  std::vector<Object> all;
  const ir::Module& module = view_.plan->module();
  for (uint32_t f = 0; f < jobs_.size(); ++f) {
    if (!jobs_[f]) continue;
    std::string id = fmt::format("{}-{}", tag_, emitted::idText(module.families[f].name, 45));
    all.push_back(named(*jobs_[f], id));
  }
  return all;
}

std::string Jobs::tokenOf(const std::string& instance, uint32_t attempt,
                          const std::string& hash) const {
  return target::blake3(fmt::format("{} {} {} {}", tag_, attempt, hash, instance)).substr(0, 32);
}

std::optional<std::vector<Listed>> listJobs(const Api& api, const std::string& tag) {
  Answer answer = api.get(fmt::format("/v1/jobs?prefix={}&filter={}", Api::word(tag + "-"),
                                      Api::word("Status != \"dead\"")));
  if (!answer.isGood()) return std::nullopt;
  std::vector<Listed> all;
  Value value = answer.json();
  if (const llvm::json::Array* jobs = value.getAsArray())
    for (const Value& each : *jobs)
      if (const Object* job = each.getAsObject())
        all.push_back({job->getString("ID").value_or("").str(),
                       job->getBoolean("ParameterizedJob").value_or(false),
                       hasSome(*job, "Unknown"), hasSome(*job, "Queued")});
  return all;
}

Answer registerJob(const Api& api, Object job) {
  return api.post("/v1/jobs", Object{{"Job", std::move(job)}});
}

}  // namespace wfc::nomad
