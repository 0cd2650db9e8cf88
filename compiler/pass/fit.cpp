// Comparison of needs with partitions.
#include "compiler/pass/fit.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/STLExtras.h"

#include "compiler/site/quantity.h"

namespace wfc::pass {

namespace {

using site::Partition;

const Amount* find(const Needs& needs, const char* key) {
  auto it = needs.amounts.find(key);
  return it == needs.amounts.end() ? nullptr : &it->second;
}

void checkCores(const Needs& needs, const Partition& partition, std::vector<Misfit>& out) {
  double nodes = needs.ceiling("nodes", 1), tasks = needs.ceiling("tasks", nodes),
         cpus = needs.ceiling("cpus", 1);
  double onNode = std::ceil(tasks / nodes) * cpus;
  if (!partition.cores.isStated() || onNode <= static_cast<double>(partition.cores.value)) return;
  const Amount* blame = find(needs, "cpus");
  if (!blame) blame = find(needs, "tasks");
  out.push_back({blame,
                 fmt::format("{} cores on a node", amountText("cpus", onNode)),
                 fmt::format("{}", partition.cores.value),
                 partition.cores.at,
                 Misfit::Size,
                 {}});
}

void checkGpus(const Needs& needs, const Partition& partition, std::vector<Misfit>& out) {
  for (const Gpus& asked : needs.gpus) {
    if (asked.count.ceiling == 0) continue;
    const site::Gpus* has = nullptr;
    for (const site::Gpus& gpus : partition.gpus)
      if (asked.model.empty() || asked.model == gpus.model) has = &gpus;
    std::string text = fmt::format("{}{} GPUs on a node", amountText("gpus", asked.count.ceiling),
                                   asked.model.empty() ? "" : " " + asked.model);
    if (!has)
      out.push_back({&asked.count, text, "none", partition.at, Misfit::Gpu, asked.model});
    else if (asked.count.ceiling > static_cast<double>(has->count.value))
      out.push_back({&asked.count, text, fmt::format("{}", has->count.value), has->count.at,
                     Misfit::Size, asked.model});
  }
}

void checkFeatures(const Needs& needs, const Partition& partition, std::vector<Misfit>& out) {
  for (const Feature& feature : needs.features) {
    bool isThere = llvm::any_of(partition.features, [&](const site::Text& has) {
      return llvm::is_contained(feature.anyOf, has.text);
    });
    if (!isThere)
      out.push_back({nullptr,
                     fmt::format("`{}`", fmt::join(feature.anyOf, "` or `")),
                     {},
                     partition.at,
                     Misfit::Feature,
                     feature.anyOf.front(),
                     feature.need});
  }
}

void checkOne(const Needs& needs, const char* key, const site::Amount& limit, const char* unit,
              std::vector<Misfit>& out) {
  const Amount* amount = find(needs, key);
  if (!amount || !limit.isStated() || amount->ceiling <= static_cast<double>(limit.value)) return;
  out.push_back({amount,
                 amountText(key, amount->ceiling) + unit,
                 amountText(key, static_cast<double>(limit.value)),
                 limit.at,
                 Misfit::Size,
                 {}});
}

/// Small partitions first; GPUs are what is dearest.
auto sizeOf(const Partition& partition) {
  int64_t gpus = 0;
  for (const site::Gpus& each : partition.gpus) gpus += each.count.value;
  return std::make_tuple(gpus, partition.memoryOfJobs().value, partition.cores.value,
                         partition.walltime.value);
}

}  // namespace

bool asksGpu(const Needs& needs) {
  return std::any_of(needs.gpus.begin(), needs.gpus.end(),
                     [](const Gpus& gpus) { return gpus.count.ceiling > 0; });
}

std::vector<Misfit> misfits(const Needs& needs, const site::Site& site,
                            const Partition& partition) {
  std::vector<Misfit> out;
  // Where sizes are slots and no partition states any, whether the machine has them is a matter of
  // the run.
  auto areStated = [&](auto of) {
    return !site.oversubscribe || llvm::any_of(site.partitions, [&](const Partition& each) {
      return !(each.*of).empty();
    });
  };
  if (areStated(&Partition::gpus)) checkGpus(needs, partition, out);
  if (areStated(&Partition::features)) checkFeatures(needs, partition, out);
  checkCores(needs, partition, out);
  checkOne(needs, "memory", partition.memoryOfJobs(), " of memory on a node", out);
  checkOne(needs, "time", partition.walltime, "", out);
  checkOne(needs, "nodes", partition.nodes, " nodes", out);
  return out;
}

std::vector<Misfit> siteMisfits(const Needs& needs, const site::Site& site,
                                const Partition* partition) {
  std::vector<Misfit> out;
  checkOne(needs, "disk", site.localDisk, " of disk on a node", out);
  for (const Gpus& licence : needs.licences) {
    const site::Amount* has = nullptr;
    if (auto it = site.licences.find(licence.model); it != site.licences.end()) has = &it->second;
    if (partition)
      if (auto it = partition->licences.find(licence.model); it != partition->licences.end())
        has = &it->second;
    std::string text = fmt::format("{} licences of `{}`",
                                   amountText("licences", licence.count.ceiling), licence.model);
    if (!has)
      out.push_back({&licence.count, text, "none", {}, Misfit::Size, {}});
    else if (licence.count.ceiling > static_cast<double>(has->value))
      out.push_back(
          {&licence.count, text, fmt::format("{}", has->value), has->at, Misfit::Size, {}});
  }
  return out;
}

const Partition* choose(const Needs& needs, const site::Site& site) {
  bool wantsGpu = asksGpu(needs);
  const Partition* best = nullptr;
  for (const Partition& partition : site.partitions) {
    if (!misfits(needs, site, partition).empty()) continue;
    bool isDefault = partition.name == site.defaultPartition.text;
    if (isDefault && (wantsGpu || partition.gpus.empty())) return &partition;
    if (!best || sizeOf(partition) < sizeOf(*best)) best = &partition;
  }
  return best;
}

const Partition* nearest(const Needs& needs, const site::Site& site) {
  const Partition* best = nullptr;
  std::tuple<size_t, size_t, bool> bestRank;
  for (const Partition& partition : site.partitions) {
    std::vector<Misfit> found = misfits(needs, site, partition);
    size_t lacks = static_cast<size_t>(
        llvm::count_if(found, [](const Misfit& misfit) { return misfit.what != Misfit::Size; }));
    std::tuple rank{lacks, found.size(), partition.name != site.defaultPartition.text};
    if (!best || rank < bestRank) best = &partition, bestRank = rank;
  }
  return best;
}

}  // namespace wfc::pass
