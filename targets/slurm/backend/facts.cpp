// Reading the frozen facts of the site; keys as compiler/site/facts.cpp writes them.
#include "targets/slurm/backend/facts.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/ir/planned.h"

#include "runtime/control/account.h"

namespace wfc::slurm {

using llvm::StringRef;

std::string Facts::text(const std::string& key) const { return ir::fact(module_, key); }

uint64_t Facts::number(const std::string& key, uint64_t otherwise) const {
  uint64_t value = 0;
  return StringRef(text(key)).getAsInteger(10, value) ? otherwise : value;
}

uint64_t Facts::workJobs() const {
  uint64_t limit = number("limit.submit", 0);
  return limit == 0 ? UINT64_MAX : limit - std::min<uint64_t>(limit, 4);
}

bool Facts::account(const run::Needs& needs, std::string& account, std::string& error) const {
  account = text("account");
  for (const auto& [key, value] : needs.names) {
    if (key != "account") continue;
    std::string named = text("account." + value);
    account = named.empty() ? value : named;
  }
  return run::resolveAccount(std::string(account), account, error);
}

bool Facts::hasVaryingNeeds(uint32_t family) const {
  return !ir::varyingNeeds(module_, ir::FamilyId(family), false).empty();
}

std::string Facts::gpuOption(const run::Needs& needs) const {
  std::string model = needs.gpuModel.empty() ? "" : needs.gpuModel + ":";
  if (text("gpu_flag") == "gpus-per-node")
    return fmt::format("--gpus-per-node={}{}", model, needs.gpus);
  return fmt::format("--gres=gpu:{}{}", model, needs.gpus);
}

std::string Facts::partitionOf(uint32_t family) const {
  return ir::partitionOf(module_, ir::FamilyId(family));
}

int64_t Facts::walltimeMs(uint32_t family) const {
  return static_cast<int64_t>(
      number(fmt::format("partition.{}.walltime_ms", partitionOf(family)), 0));
}

SmallJobs Facts::smallJobs() const {
  std::set<std::string> withGpus;
  std::map<std::string, uint64_t> nodes;
  for (const auto& [key, value] : module_.siteFacts) {
    StringRef rest(key);
    if (!rest.consume_front("partition.")) continue;
    if (size_t at = rest.find(".gpus."); at != StringRef::npos)
      withGpus.insert(rest.take_front(at).str());
    else if (rest.ends_with(".nodes"))
      nodes[rest.drop_back(6).str()] = number(key, 1);
    else
      nodes.try_emplace(rest.rsplit('.').first.str(), 1);
  }
  std::string best;
  for (const auto& [name, count] : nodes) {
    if (withGpus.contains(name) || name.find(".licence") != std::string::npos) continue;
    if (best.empty() || count > nodes[best]) best = name;
  }
  std::string stated = text("default_partition");
  if (!stated.empty() && !withGpus.contains(stated)) best = stated;
  if (best.empty() && !module_.placements.empty()) best = module_.placements.front().partition;
  return {best, text(fmt::format("partition.{}.qos", best))};
}

std::string needsText(const run::Needs& needs) {
  std::string text = fmt::format("{} {} {} {} {} {} {}", needs.nodes, needs.tasks, needs.cpus,
                                 needs.gpus, needs.gpuModel, needs.memory, needs.timeMs);
  for (const auto& [licence, count] : needs.licences) text += fmt::format(" {}:{}", licence, count);
  return text;
}

int64_t sweepSeconds() {
  const char* value = std::getenv("WFR_SWEEP_SECONDS");
  int64_t seconds = 0;
  return value != nullptr && !StringRef(value).getAsInteger(10, seconds) && seconds > 0 ? seconds
                                                                                        : 240;
}

}  // namespace wfc::slurm
