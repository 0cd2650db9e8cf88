// See first_needs.h. What planning wrote as notes is read back into needs.
#include "runtime/engine/first_needs.h"

#include <algorithm>

#include "compiler/ir/planned.h"

namespace wfc::run {

Needs placedNeeds(const ir::Module& module, uint32_t family) {
  Needs needs;
  const ir::Placement* placement = ir::placementOf(module, ir::FamilyId(family));
  if (placement == nullptr) return needs;
  for (const auto& [name, note] : placement->notes) {
    llvm::StringRef key(name);
    int64_t amount = 0;
    needs.exclusive |= key == "exclusive";
    if (llvm::StringRef(note).getAsInteger(10, amount)) continue;
    if (key == "cpus") needs.cpus = amount;
    if (key == "tasks") needs.tasks = amount;
    if (key == "nodes") needs.nodes = amount;
    if (key == "memory") needs.memory = amount;
    if (key == "time") needs.timeMs = amount;
    if (key == "disk") needs.disk = amount;
    if (key.consume_front("gpus.")) needs.gpus = amount, needs.gpuModel = key.str();
    if (key.consume_front("licence.")) needs.licences.emplace_back(key.str(), amount);
  }
  return needs;
}

int64_t coresOf(const Needs& needs) { return std::max(needs.nodes, needs.tasks) * needs.cpus; }

Needs firstNeeds(const Engine& engine, uint32_t family) {
  const std::vector<Instance>& instances = engine.state().families[family].instances;
  for (uint32_t n = 0; n < instances.size(); ++n)
    if (instances[n].phase != Phase::Absent) return engine.needsOf({family, n}, 1);
  return placedNeeds(engine.plan().module(), family);
}

}  // namespace wfc::run
