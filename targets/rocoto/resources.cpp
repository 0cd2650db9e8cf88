// See resources.h.
#include "targets/rocoto/resources.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/ir/planned.h"

namespace wfc::targets::rocoto {

namespace {

constexpr int64_t kMiB = 1 << 20;

/// `08:05:00`, `2:00:00:00`.
std::string walltime(int64_t milliseconds) {
  int64_t seconds = (milliseconds + 999) / 1000, days = seconds / 86400;
  std::string text =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  return days > 0 ? fmt::format("{}:{}", days, text) : text;
}

}  // namespace

std::string accountOf(const ir::Module& module, uint32_t family) {
  const ir::Placement* placement = ir::placementOf(module, ir::FamilyId(family));
  auto note =
      placement == nullptr ? decltype(placement->notes.end())() : placement->notes.find("account");
  if (placement == nullptr || note == placement->notes.end()) return ir::fact(module, "account");
  std::string named = ir::fact(module, "account." + note->second);
  return named.empty() ? note->second : named;
}

std::vector<Resource> resourcesOf(const run::Plan& plan, uint32_t family, const run::Needs& needs) {
  const ir::Module& module = plan.module();
  std::string partition = ir::partitionOf(module, ir::FamilyId(family));
  std::vector<Resource> all;
  int64_t tasks = std::max<int64_t>(1, needs.tasks), nodes = std::max<int64_t>(1, needs.nodes);
  // A need of nodes alone is one process on each.
  if (needs.tasks <= 1) tasks = nodes;
  int64_t perNode = (tasks + nodes - 1) / nodes;
  all.push_back(
      {"nodes", "nodes",
       fmt::format("{}:ppn={}:tpp={}", nodes, perNode, std::max<int64_t>(1, needs.cpus))});
  if (needs.timeMs > 0) {
    int64_t most =
        ir::factNumber(module, fmt::format("partition.{}.walltime_ms", partition), INT64_MAX);
    int64_t time = std::min(needs.timeMs + ir::factNumber(module, "margin_ms", 0), most);
    all.push_back({"walltime", "walltime", walltime(time)});
  }
  if (needs.memory > 0)
    all.push_back({"memory", "memory", fmt::format("{}M", (needs.memory + kMiB - 1) / kMiB)});
  if (perNode * nodes != tasks)
    all.push_back({"native", "ntasks", fmt::format("--ntasks={}", tasks)});
  if (needs.gpus > 0) {
    bool isPerNode = ir::fact(module, "gpu_flag") == "gpus-per-node";
    std::string model = needs.gpuModel.empty() ? "" : needs.gpuModel + ":";
    all.push_back(
        {"native", "gpus",
         fmt::format("{}{}{}", isPerNode ? "--gpus-per-node=" : "--gres=gpu:", model, needs.gpus)});
  }
  std::string licences;
  for (const auto& [name, count] : needs.licences)
    if (count > 0) licences += fmt::format("{}{}:{}", licences.empty() ? "" : ",", name, count);
  if (!licences.empty()) all.push_back({"native", "licences", "--licenses=" + licences});
  const ir::Placement* placement = ir::placementOf(module, ir::FamilyId(family));
  if (placement != nullptr && placement->notes.contains("feature"))
    all.push_back({"native", "feature", "--constraint=" + placement->notes.at("feature")});
  if (needs.disk > 0)
    all.push_back({"native", "disk", fmt::format("--tmp={}M", (needs.disk + kMiB - 1) / kMiB)});
  // An ordinary user can only be nice; who matters more stands first in the document.
  int64_t nice = -100 * module.families[family].priority;
  if (nice > 0) all.push_back({"native", "nice", fmt::format("--nice={}", nice)});
  all.push_back({"native", "requeue", "--no-requeue"});
  return all;
}

}  // namespace wfc::targets::rocoto
