// See planned.h.
#include "compiler/ir/planned.h"

#include <algorithm>

#include "llvm/ADT/StringRef.h"

#include "compiler/ir/eval.h"
#include "compiler/ir/features.h"

namespace wfc::ir {

std::string fact(const Module& module, const std::string& key) {
  auto found = module.siteFacts.find(key);
  return found == module.siteFacts.end() ? "" : found->second;
}

int64_t factNumber(const Module& module, const std::string& key, int64_t otherwise) {
  int64_t value = 0;
  return llvm::StringRef(fact(module, key)).getAsInteger(10, value) ? otherwise : value;
}

const Placement* placementOf(const Module& module, FamilyId family) {
  for (const Placement& placement : module.placements)
    if (placement.family == family) return &placement;
  return nullptr;
}

std::string partitionOf(const Module& module, FamilyId family) {
  const Placement* placement = placementOf(module, family);
  return placement == nullptr ? "" : placement->partition;
}

std::vector<std::string> featuresOf(const Placement& placement) {
  auto note = placement.notes.find("feature");
  if (note == placement.notes.end()) return {};
  return featuresIn(note->second).value_or(std::vector<std::string>());
}

std::set<std::string> varyingNeeds(const Module& module, FamilyId family, bool withGrowth) {
  std::set<std::string> keys;
  if (const Placement* placement = placementOf(module, family))
    for (const auto& [key, note] : placement->notes)
      if (note == "varies") keys.insert(key);
  if (withGrowth && module[family].task)
    for (const Retry& retry : module[module[family].task].retries)
      for (const Growth& growth : retry.growths) keys.insert(growth.key);
  return keys;
}

const Pool* poolNamed(const Module& module, llvm::StringRef name) {
  for (const Pool& pool : module.pools)
    if (pool.name == name) return &pool;
  return nullptr;
}

std::vector<RefId> nodeReads(const Module& module, const Family& family) {
  std::vector<RefId> refs, found;
  for (ExprId arg : family.args)
    if (arg.valid()) collectRefs(module, arg, refs);
  for (RefId id : refs) {
    const Ref& ref = module[id];
    const Family& producer = module[ref.families.front()];
    bool isSmall = producer.task && ref.output < module[producer.task].outputs.size() &&
                   module[producer.task].outputs[ref.output].small;
    if (producer.disk == Family::OnNode && !ref.valueless && !isSmall) found.push_back(id);
  }
  return found;
}

bool isPacked(const Module& module, const Family& family) {
  if (family.disk != Family::OnEveryNode) return false;
  const Type& type = module.types[module[family.task].outputs.front().type];
  return type.kind == Type::Artifact && module[type.artifact].isDir;
}

bool holdsBudget(const Module& module, FamilyId family) {
  if (!module[family].task) return false;
  const Task& task = module[module[family].task];
  for (const Budget& budget : module.budgets) {
    // Every attempt takes time.
    if (budget.resource == "node_hours" || budget.resource == "gpu_hours") return true;
    for (const Output& output : task.outputs)
      if (budget.resource == "disk" && output.size) return true;
    for (const Need& need : task.needs)
      if (need.key == budget.resource || need.of == budget.resource) return true;
  }
  return false;
}

uint64_t mostAttempts(const Task& task) {
  int64_t count = 1;
  for (const Retry& retry : task.retries) count += std::max<int64_t>(retry.count, 0);
  if (task.resume.output >= 0) count *= std::max<int64_t>(task.resume.slices, 1);
  return static_cast<uint64_t>(count);
}

}  // namespace wfc::ir
