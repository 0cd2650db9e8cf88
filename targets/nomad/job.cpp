// See job.h.
#include "targets/nomad/job.h"

#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/planned.h"
#include "compiler/ir/space.h"
#include "compiler/target/text/body.h"
#include "compiler/target/text/manifest.h"

namespace wfc::targets::nomad {

namespace {

using llvm::json::Array;
using llvm::json::Object;

constexpr int64_t kMiB = 1 << 20, kSecond = 1000000000;
/// MiB for the wrapper, which the node counts with the body; not where the node has no more.
constexpr int64_t kWrapperMemory = 32;
/// Ids are <flow>-<run>-<family>-<needs>: 30 + 8 + 45 + 6 and three hyphens stay below 100.
constexpr size_t kLongestFlow = 30, kLongestFamily = 45;

Array datacenters(const ir::Module& module) {
  std::string all = ir::fact(module, "datacenters");
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(all).split(names, ',', -1, false);
  Array list;
  for (llvm::StringRef name : names) list.push_back(name.str());
  return list;
}

void place(Object& job, const ir::Module& module, const std::string& pool) {
  if (Array list = datacenters(module); !list.empty()) job["Datacenters"] = std::move(list);
  if (!pool.empty()) job["NodePool"] = pool;
}

/// The model as the site names it there, or any whose name contains it.
Object device(const ir::Module& module, const std::string& model, int64_t count) {
  std::string name = ir::fact(module, "device." + model);
  Object device{{"Name", name.empty() ? "nvidia/gpu" : name}, {"Count", count}};
  if (name.empty() && !model.empty())
    device["Constraints"] = Array{Object{{"LTarget", "${device.model}"},
                                         {"Operand", "regexp"},
                                         {"RTarget", fmt::format("(?i){}", model)}}};
  return device;
}

void enterImage(Object& config, const std::string& image) {
  llvm::StringRef plain(image);
  // Where the image comes from is what docker takes for granted.
  plain.consume_front("docker://");
  config["image"] = plain.str();
  config["volumes"] =
      Array{"${NOMAD_META_run}:${NOMAD_META_run}", "${NOMAD_META_project}:${NOMAD_META_project}"};
}

/// What runs in the task: the wrapper, which takes inputs in, runs the script and puts outputs out,
/// all three on the node that the task got.
Object configOf(const ir::Module& module, const ir::Family& family) {
  Object config{
      {"command", "${NOMAD_META_run}/bin/wfr"},
      {"args", Array{"task", "${NOMAD_META_run}", "${NOMAD_META_instance}", "${NOMAD_META_attempt}",
                     "${NOMAD_META_hash}", "--", stemOf(family) + ".sh"}}};
  if (ir::fact(module, "driver") != "docker") return config;
  const ir::Task& task = module[family.task];
  enterImage(config, task.container ? module[task.container].value.s : ir::fact(module, "image"));
  return config;
}

/// An instance takes about a kibibyte of the coordinator; a hook runs beside it.
int64_t coordinatorMemory(const ir::Module& module) {
  int64_t instances = 0, hooks = 0;
  for (const ir::Family& family : module.families) {
    int64_t size = 1;
    for (ir::LoopId loop : family.loops) {
      uint64_t count = ir::isStatic(module, module[loop].space)
                           ? ir::sizeOf(module, module[loop].space)
                           : uint64_t{1000};
      if (count == ir::kOpen) count = 1000;
      size = std::min<int64_t>(size * static_cast<int64_t>(std::max<uint64_t>(count, 1)), 10000000);
    }
    instances += size;
    if (family.role != ir::Family::Hook) continue;
    for (const ir::Need& need : module[family.task].needs)
      if (need.key == "memory" && module[need.value].op == ir::Op::Const)
        hooks = std::max(hooks, (module[need.value].value.i + kMiB - 1) / kMiB);
  }
  return 512 + instances / 1024 + hooks;
}

const ir::Placement* placementOf(const ir::Module& module, const ir::Family& family) {
  return ir::placementOf(module,
                         ir::FamilyId(static_cast<uint32_t>(&family - module.families.data())));
}

/// A node says in its meta what it has, with commas.
Array featuresOf(const ir::Module& module, const ir::Family& family) {
  Array constraints;
  const ir::Placement* placement = placementOf(module, family);
  if (placement == nullptr) return constraints;
  for (std::string& feature : ir::featuresOf(*placement)) {
    std::replace(feature.begin(), feature.end(), '|', ',');
    constraints.push_back(Object{{"LTarget", "${meta.features}"},
                                 {"Operand", "set_contains_any"},
                                 {"RTarget", std::move(feature)}});
  }
  return constraints;
}

}  // namespace

std::string idText(llvm::StringRef name, size_t most) {
  std::string text;
  for (char c : name) text += llvm::isAlnum(c) || c == '_' || c == '-' ? c : '-';
  if (text == name && text.size() <= most) return text;
  return fmt::format("{}-{}", text.substr(0, most - 7), target::blake3(name).substr(0, 6));
}

std::string stemOf(const ir::Family& family) {
  return fmt::format("jobs/{}", target::fileName(family.name));
}

std::string jobId(const ir::Module& module, const ir::Family& family) {
  return fmt::format("{}-{}", idText(module.flow, kLongestFlow),
                     idText(family.name, kLongestFamily));
}

std::string poolOf(const ir::Module& module, const ir::Family& family) {
  const ir::Placement* placement = placementOf(module, family);
  return placement == nullptr ? std::string() : placement->partition;
}

int64_t diskOf(const run::Needs& needs) { return (needs.disk + kMiB - 1) / kMiB; }

Object resourcesOf(const ir::Module& module, const ir::Family& family, const run::Needs& needs) {
  Object resources;
  int64_t cores = std::max<int64_t>(1, needs.tasks * needs.cpus);
  if (needs.exclusive)
    cores =
        ir::factNumber(module, fmt::format("partition.{}.cores", poolOf(module, family)), cores);
  if (int64_t mhz = ir::factNumber(module, "core_mhz", 0); mhz > 0)
    resources["CPU"] = cores * mhz;
  else
    resources["Cores"] = cores;
  int64_t memory = (needs.memory + kMiB - 1) / kMiB;
  int64_t most = ir::factNumber(module, fmt::format("partition.{}.memory", poolOf(module, family)),
                                INT64_MAX) /
                 kMiB;
  resources["MemoryMB"] = std::min(memory + kWrapperMemory, std::max(memory, most));
  if (needs.gpus > 0) resources["Devices"] = Array{device(module, needs.gpuModel, needs.gpus)};
  return resources;
}

Object taskJob(const ir::Module& module, const ir::Family& family, const run::Needs& needs) {
  std::string name = idText(family.name, kLongestFamily);
  std::string driver = ir::fact(module, "driver");
  Object task{{"Name", name},
              {"Driver", driver.empty() ? "raw_exec" : driver},
              {"KillSignal", "SIGTERM"},
              {"KillTimeout", 30 * kSecond},
              {"Config", configOf(module, family)},
              {"LogConfig", Object{{"Disabled", true}}},
              {"Resources", resourcesOf(module, family, needs)}};
  Object group{
      {"Name", name},
      {"Count", 1},
      {"RestartPolicy", Object{{"Attempts", 0}, {"Mode", "fail"}}},
      {"ReschedulePolicy", Object{{"Attempts", 0}, {"Unlimited", false}}},
      {"Disconnect",
       Object{{"LostAfter", ir::factNumber(module, "lost_after_ms", 3600000) * (kSecond / 1000)},
              {"Replace", false}}},
      {"Tasks", Array{std::move(task)}}};
  if (int64_t disk = diskOf(needs); disk > 0) group["EphemeralDisk"] = Object{{"SizeMB", disk}};
  Object job{{"ID", jobId(module, family)}, {"Name", jobId(module, family)}, {"Type", "batch"}};
  place(job, module, poolOf(module, family));
  if (Array features = featuresOf(module, family); !features.empty())
    job["Constraints"] = std::move(features);
  job["Meta"] = Object{{"run", "RUN"}, {"project", "PROJECT"}};
  job["ParameterizedJob"] =
      Object{{"Payload", "forbidden"}, {"MetaRequired", Array{"instance", "attempt", "hash"}}};
  job["TaskGroups"] = Array{std::move(group)};
  return job;
}

Object coordinatorJob(const ir::Module& module) {
  Object config{{"command", "${NOMAD_META_run}/bin/wfr"},
                {"args", Array{"step", "${NOMAD_META_run}", "coordinate"}}};
  bool isInImage = ir::fact(module, "driver") == "docker" && !ir::fact(module, "image").empty();
  if (isInImage) enterImage(config, ir::fact(module, "image"));
  // A short name: the socket of the task API lies below it, and its path may have 107 bytes.
  Object task{{"Name", "loop"},
              {"Driver", isInImage ? "docker" : "raw_exec"},
              {"KillSignal", "SIGTERM"},
              {"Config", std::move(config)},
              {"Identity", Object{{"Env", true}}},
              {"Resources", Object{{"CPU", 500}, {"MemoryMB", coordinatorMemory(module)}}}};
  // It may die as often as it likes: mode `delay` starts it again for ever.
  Object group{{"Name", "coordinator"},
               {"Count", 1},
               {"RestartPolicy", Object{{"Attempts", 20},
                                        {"Interval", 600 * kSecond},
                                        {"Delay", 2 * kSecond},
                                        {"Mode", "delay"}}},
               {"ReschedulePolicy", Object{{"Attempts", 0},
                                           {"Delay", 10 * kSecond},
                                           {"DelayFunction", "constant"},
                                           {"Unlimited", true}}},
               {"Tasks", Array{std::move(task)}}};
  std::string id = idText(module.flow, kLongestFlow) + "-coordinator";
  Object job{{"ID", id}, {"Name", id}, {"Type", "batch"}};
  place(job, module, ir::fact(module, "default_partition"));
  job["Meta"] = Object{{"run", "RUN"}, {"project", "PROJECT"}};
  job["TaskGroups"] = Array{std::move(group)};
  return job;
}

}  // namespace wfc::targets::nomad
