// See verdict.h: allocations and their events, put into our words.
#include "targets/nomad/backend/verdict.h"

#include <map>
#include <vector>

#include "fmt/format.h"

#include "runtime/ledger/folder.h"

namespace wfc::nomad {

namespace {

using ir::Outcome;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

/// The events of its one task, first to last.
std::vector<const Object*> eventsOf(const Object& allocation) {
  std::vector<const Object*> events;
  const Object* tasks = allocation.getObject("TaskStates");
  if (tasks == nullptr) return events;
  for (const auto& [name, value] : *tasks) {
    const Object* task = value.getAsObject();
    const Array* list = task == nullptr ? nullptr : task->getArray("Events");
    if (list == nullptr) continue;
    for (const Value& event : *list)
      if (event.getAsObject() != nullptr) events.push_back(event.getAsObject());
  }
  return events;
}

Verdict ended(Outcome outcome, std::string why, bool isUncounted = false) {
  return {true, outcome, isUncounted, std::move(why)};
}

/// What kept a task from starting, as an event says it; empty: it tells of something else.
std::string whyUnstarted(const Object& event) {
  std::string type = text(event, "Type");
  bool isUnstarted = type == "Driver Failure" || type == "Failed Validation" ||
                     type == "Setup Failure" || type == "Failed Artifact Download";
  return isUnstarted ? fmt::format("{}: {}", type, text(event, "DisplayMessage")) : "";
}

Verdict ofEvents(const Object& allocation) {
  Verdict verdict = ended(Outcome::NodeLost, "its wrapper died", true);
  for (const Object* event : eventsOf(allocation)) {
    if (std::string why = whyUnstarted(*event); !why.empty()) verdict = ended(Outcome::Failed, why);
    if (text(*event, "Type") != "Terminated") continue;
    const Object* details = event->getObject("Details");
    int64_t exit = event->getInteger("ExitCode").value_or(0);
    int64_t signal = event->getInteger("Signal").value_or(0);
    if (details != nullptr && text(*details, "oom_killed") == "true")
      verdict = ended(Outcome::OutOfMemory, "it used more memory than it asked for");
    else if (signal == 0 && exit > 0 && exit < 128)
      verdict = ended(Outcome::Failed,
                      fmt::format("its wrapper ended with exit status {} and left no end", exit));
  }
  return verdict;
}

Verdict ofAllocation(const Object& allocation, int64_t lostAfterMs) {
  std::string status = text(allocation, "ClientStatus"), node = text(allocation, "NodeName");
  std::string wish = text(allocation, "DesiredStatus");
  std::string why = text(allocation, "DesiredDescription");
  if (status == "pending" || status == "running") return {};
  // Nomad itself leaves it so for ever, since nothing may replace it.
  int64_t changed = allocation.getInteger("ModifyTime").value_or(0) / 1000000;
  if (status == "unknown" && run::nowMs() - changed < lostAfterMs) return {};
  if (status == "lost" || status == "unknown")
    return ended(Outcome::NodeLost, fmt::format("its node {} was lost", node));
  if (llvm::StringRef(why).contains("preempt")) return ended(Outcome::Preempted, why);
  if (status == "complete" && wish == "stop")
    return ended(Outcome::Cancelled, "somebody stopped its job", true);
  return ofEvents(allocation);
}

/// `missing devices on 2 nodes`: what one group of an evaluation found in its way.
std::string metricText(const Object& metric) {
  std::string all;
  for (const char* key : {"ConstraintFiltered", "DimensionExhausted", "ClassFiltered"}) {
    const Object* counts = metric.getObject(key);
    if (counts == nullptr) continue;
    std::map<std::string, int64_t> sorted;
    for (const auto& [what, count] : *counts) sorted[what.str()] = count.getAsInteger().value_or(0);
    for (const auto& [what, count] : sorted)
      all += fmt::format("{}{} on {} node{}", all.empty() ? "" : ", ", what, count,
                         count == 1 ? "" : "s");
  }
  return all.empty() ? "no node is there for it" : all;
}

}  // namespace

Verdict verdictOf(const Api& api, const std::string& child, int64_t lostAfterMs) {
  Answer answer = api.get(fmt::format("/v1/job/{}/allocations", Api::word(child)));
  if (answer.status == 404) return ended(Outcome::Cancelled, "its job was taken away", true);
  Value value = answer.json();
  const Array* allocations = answer.isGood() ? value.getAsArray() : nullptr;
  if (allocations == nullptr) return {};
  const Object* last = nullptr;
  for (const Value& each : *allocations) {
    const Object* allocation = each.getAsObject();
    if (allocation == nullptr) continue;
    // One that Nomad put in the place of a lost one found the attempt claimed, and did nothing.
    if (text(*allocation, "ClientStatus") == "lost") return ofAllocation(*allocation, lostAfterMs);
    int64_t index = allocation->getInteger("CreateIndex").value_or(0);
    if (last == nullptr || index >= last->getInteger("CreateIndex").value_or(0)) last = allocation;
  }
  if (last == nullptr) return ended(Outcome::Cancelled, "its job was taken away", true);
  return ofAllocation(*last, lostAfterMs);
}

std::string whyNotStarted(const Api& api, const std::string& job) {
  Answer answer = api.get(fmt::format("/v1/job/{}/allocations", Api::word(job)));
  Value value = answer.json();
  const Array* allocations = answer.isGood() ? value.getAsArray() : nullptr;
  std::string why;
  int64_t at = 0;
  for (size_t n = 0; allocations != nullptr && n < allocations->size(); ++n) {
    const Object* allocation = (*allocations)[n].getAsObject();
    if (allocation == nullptr) continue;
    for (const Object* event : eventsOf(*allocation)) {
      int64_t time = event->getInteger("Time").value_or(0);
      std::string text = whyUnstarted(*event);
      if (!text.empty() && time >= at) why = text, at = time;
    }
  }
  return why;
}

std::string whyQueued(const Api& api, const std::string& job) {
  Answer answer = api.get(fmt::format("/v1/job/{}/evaluations", Api::word(job)));
  Value value = answer.json();
  const Array* evaluations = answer.isGood() ? value.getAsArray() : nullptr;
  if (evaluations == nullptr) return {};
  for (const Value& each : *evaluations) {
    const Object* evaluation = each.getAsObject();
    if (evaluation == nullptr || text(*evaluation, "Status") != "blocked") continue;
    const Object* groups = evaluation->getObject("FailedTGAllocs");
    if (groups == nullptr) return "it waits for room";
    for (const auto& [name, metric] : *groups)
      if (const Object* object = metric.getAsObject()) return metricText(*object);
  }
  return {};
}

}  // namespace wfc::nomad
