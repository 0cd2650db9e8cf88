// See resources.h.
#include "targets/rocoto/resources.h"

#include <algorithm>

#include <fmt/format.h>

namespace wfc::targets::rocoto {

namespace {

constexpr int64_t kMiB = 1 << 20;

int64_t number(const ir::Module& module, const std::string& key, int64_t otherwise) {
  auto found = module.siteFacts.find(key);
  int64_t value = otherwise;
  if (found == module.siteFacts.end() || llvm::StringRef(found->second).getAsInteger(10, value))
    return otherwise;
  return value;
}

/// `08:05:00`, `2:00:00:00`.
std::string walltime(int64_t milliseconds) {
  int64_t seconds = (milliseconds + 999) / 1000, days = seconds / 86400;
  std::string text =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  return days > 0 ? fmt::format("{}:{}", days, text) : text;
}

}  // namespace

const ir::Placement* placementOf(const ir::Module& module, uint32_t family) {
  for (const ir::Placement& placement : module.placements)
    if (placement.family.index() == family) return &placement;
  return nullptr;
}

std::string accountOf(const ir::Module& module, uint32_t family) {
  const ir::Placement* placement = placementOf(module, family);
  std::string name;
  if (placement != nullptr)
    if (auto note = placement->notes.find("account"); note != placement->notes.end())
      name = note->second;
  if (!name.empty()) {
    auto named = module.siteFacts.find("account." + name);
    return named == module.siteFacts.end() ? name : named->second;
  }
  auto found = module.siteFacts.find("account");
  return found == module.siteFacts.end() ? "" : found->second;
}

run::Needs placedNeeds(const run::Engine& engine, uint32_t family) {
  const std::vector<run::Instance>& instances = engine.state().families[family].instances;
  for (uint32_t n = 0; n < instances.size(); ++n)
    if (instances[n].phase != run::Phase::Absent) return engine.needsOf({family, n}, 1);
  run::Needs needs;
  const ir::Placement* placement = placementOf(engine.plan().module(), family);
  if (placement == nullptr) return needs;
  for (const auto& [key, note] : placement->notes) {
    int64_t amount = 0;
    if (key == "exclusive") needs.exclusive = true;
    if (llvm::StringRef(note).getAsInteger(10, amount)) continue;
    if (key == "cpus") needs.cpus = amount;
    if (key == "tasks") needs.tasks = amount;
    if (key == "nodes") needs.nodes = amount;
    if (key == "memory") needs.memory = amount;
    if (key == "time") needs.timeMs = amount;
    if (key == "disk") needs.disk = amount;
    if (llvm::StringRef(key).starts_with("gpus.")) {
      needs.gpus = amount;
      needs.gpuModel = key.substr(5);
    }
    if (llvm::StringRef(key).starts_with("licence."))
      needs.licences.emplace_back(key.substr(8), amount);
  }
  return needs;
}

std::vector<Resource> resourcesOf(const run::Plan& plan, uint32_t family, const run::Needs& needs) {
  const ir::Module& module = plan.module();
  const ir::Placement* placement = placementOf(module, family);
  std::string partition = placement == nullptr ? "" : placement->partition;
  std::vector<Resource> all;
  int64_t tasks = std::max<int64_t>(1, needs.tasks), nodes = std::max<int64_t>(1, needs.nodes);
  // A need of nodes alone is one process on each.
  if (needs.tasks <= 1) tasks = nodes;
  int64_t perNode = (tasks + nodes - 1) / nodes;
  all.push_back(
      {"nodes", "nodes",
       fmt::format("{}:ppn={}:tpp={}", nodes, perNode, std::max<int64_t>(1, needs.cpus))});
  if (needs.timeMs > 0) {
    int64_t most = number(module, fmt::format("partition.{}.walltime_ms", partition), INT64_MAX);
    int64_t time = std::min(needs.timeMs + number(module, "margin_ms", 0), most);
    all.push_back({"walltime", "walltime", walltime(time)});
  }
  if (needs.memory > 0)
    all.push_back({"memory", "memory", fmt::format("{}M", (needs.memory + kMiB - 1) / kMiB)});
  if (perNode * nodes != tasks)
    all.push_back({"native", "ntasks", fmt::format("--ntasks={}", tasks)});
  if (needs.gpus > 0) {
    auto style = module.siteFacts.find("gpu_flag");
    bool isPerNode = style != module.siteFacts.end() && style->second == "gpus-per-node";
    std::string model = needs.gpuModel.empty() ? "" : needs.gpuModel + ":";
    all.push_back(
        {"native", "gpus",
         fmt::format("{}{}{}", isPerNode ? "--gpus-per-node=" : "--gres=gpu:", model, needs.gpus)});
  }
  std::string licences;
  for (const auto& [name, count] : needs.licences)
    if (count > 0) licences += fmt::format("{}{}:{}", licences.empty() ? "" : ",", name, count);
  if (!licences.empty()) all.push_back({"native", "licences", "--licenses=" + licences});
  if (needs.disk > 0)
    all.push_back({"native", "disk", fmt::format("--tmp={}M", (needs.disk + kMiB - 1) / kMiB)});
  // An ordinary user can only be nice; who matters more stands first in the document.
  int64_t nice = -100 * module.families[family].priority;
  if (nice > 0) all.push_back({"native", "nice", fmt::format("--nice={}", nice)});
  all.push_back({"native", "requeue", "--no-requeue"});
  return all;
}

}  // namespace wfc::targets::rocoto
