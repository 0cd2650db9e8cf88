// The site as the runtime sees it: a table of texts, frozen into the plan.
#include "fmt/format.h"

#include "compiler/site/site.h"

namespace wfc::site {

namespace {

void put(std::map<std::string, std::string>& facts, std::string key, const Amount& amount) {
  if (amount.isStated()) facts[std::move(key)] = fmt::format("{}", amount.value);
}

void put(std::map<std::string, std::string>& facts, std::string key, std::string text) {
  if (!text.empty()) facts[std::move(key)] = std::move(text);
}

void addPartition(std::map<std::string, std::string>& facts, const Partition& partition) {
  std::string prefix = "partition." + partition.name + ".";
  put(facts, prefix + "nodes", partition.nodes);
  put(facts, prefix + "cores", partition.cores);
  put(facts, prefix + "memory", partition.memoryOfJobs());
  put(facts, prefix + "walltime_ms", partition.walltime);
  if (!partition.qos.empty()) put(facts, prefix + "qos", partition.qos.front().text);
  for (const Gpus& gpus : partition.gpus) put(facts, prefix + "gpus." + gpus.model, gpus.count);
  for (const auto& [name, count] : partition.licences)
    put(facts, prefix + "licence." + name, count);
}

}  // namespace

const Partition* Site::partition(llvm::StringRef name) const {
  for (const Partition& partition : partitions)
    if (partition.name == name) return &partition;
  return nullptr;
}

std::map<std::string, std::string> facts(const Site& site) {
  std::map<std::string, std::string> facts;
  put(facts, "scheduler", site.scheduler.text);
  put(facts, "version", site.version);
  for (const auto& [name, account] : site.accounts)
    put(facts, name == "default" ? "account" : "account." + name, account.text);
  facts["submit_from_compute"] = site.submitFromCompute ? "true" : "false";
  facts["sacct"] = site.sacct ? "true" : "false";
  facts["oversubscribe"] = site.oversubscribe ? "true" : "false";
  put(facts, "gpu_flag", site.gpuFlag);
  put(facts, "default_partition", site.defaultPartition.text);
  facts["margin_ms"] = fmt::format("{}", site.marginMs);
  put(facts, "limit.array", site.arrayLimit);
  put(facts, "limit.submit", site.submitLimit);
  if (site.rate.perMs > 0) {
    facts["limit.rate_count"] = fmt::format("{}", site.rate.count);
    facts["limit.rate_ms"] = fmt::format("{}", site.rate.perMs);
  }
  std::string datacenters;
  for (const Text& name : site.datacenters)
    datacenters += (datacenters.empty() ? "" : ",") + name.text;
  put(facts, "datacenters", datacenters);
  put(facts, "driver", site.driver.text);
  put(facts, "image", site.image);
  put(facts, "core_mhz", site.coreMhz);
  put(facts, "lost_after_ms", site.lostAfter);
  put(facts, "pool_idle_ms", site.poolIdle);
  for (const auto& [model, device] : site.devices) put(facts, "device." + model, device.text);
  put(facts, "modules", site.modules.text);
  put(facts, "containers", site.containers.text);
  put(facts, "local_disk.path", site.localDiskPath);
  put(facts, "local_disk.bytes", site.localDisk);
  put(facts, "local_disk.scatter_rate", site.scatterRate);
  for (const auto& [name, count] : site.licences) put(facts, "licence." + name, count);
  for (const Partition& partition : site.partitions) addPartition(facts, partition);
  return facts;
}

}  // namespace wfc::site
