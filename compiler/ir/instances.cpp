// Instances of a family: how many there are, what they are called, where their outputs lie.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/ir/space.h"

namespace wfc::ir {

std::string keyOf(const Module& module, SpaceId id, const Value& element) {
  const Space& space = module[id];
  if (element.kind != Value::List || element.size() == 0) return keyText(module, element);
  const Value& first = element.at(0);
  if (space.kind == Space::Batches) return keyOf(module, space.base, first);
  if (space.kind != Space::Groups) return keyText(module, element);
  Scope scope;
  scope.loopVar = [&](LoopId) { return &first; };
  std::string text;
  for (size_t n = 0; n < space.by.size(); ++n) {
    Result part = evaluate(module, space.by[n], scope);
    text += (n > 0 ? "," : "") + (part ? keyText(module, *part.value) : "none");
  }
  return text;
}

namespace {

/// Counts the combinations of elements of some loops under which every static guard holds.
class GuardedCount {
 public:
  GuardedCount(const Module& module, const Family& family, std::vector<LoopId> loops)
      : module_(module), family_(family), loops_(std::move(loops)), at_(loops_.size()) {
    for (LoopId loop : loops_) sizes_.push_back(sizeOf(module, module[loop].space));
    elements_.resize(loops_.size());
    scope_.loopVar = [this](LoopId loop) { return element(loop); };
    scope_.loopPosition = [this](LoopId loop) { return position(loop); };
  }

  uint64_t count(size_t depth = 0) {
    if (depth == loops_.size()) return holds();
    uint64_t total = 0;
    for (at_[depth] = 0; at_[depth] < sizes_[depth]; ++at_[depth]) {
      elements_[depth] = elementAt(module_, module_[loops_[depth]].space, at_[depth]);
      total += count(depth + 1);
    }
    return total;
  }

 private:
  const Value* element(LoopId loop) const {
    auto it = llvm::find(loops_, loop);
    return it == loops_.end() ? nullptr : &elements_[static_cast<size_t>(it - loops_.begin())];
  }

  std::optional<std::pair<uint64_t, uint64_t>> position(LoopId loop) const {
    auto it = llvm::find(loops_, loop);
    if (it == loops_.end()) return std::nullopt;
    auto n = static_cast<size_t>(it - loops_.begin());
    return std::pair(at_[n], sizes_[n]);
  }

  bool holds() const {
    return llvm::all_of(family_.guards, [&](const Guard& guard) {
      if (!guard.isStatic) return true;
      Result result = evaluate(module_, guard.condition, scope_);
      return result && result.value->truth() == guard.wanted;
    });
  }

  const Module& module_;
  const Family& family_;
  std::vector<LoopId> loops_;
  std::vector<uint64_t> at_, sizes_;
  std::vector<Value> elements_;
  Scope scope_;
};

}  // namespace

// The loops whose element or position a static guard looks at.
static std::vector<LoopId> guardLoops(const Module& module, const Family& family) {
  std::set<LoopId> used;
  for (const Guard& guard : family.guards)
    if (guard.isStatic)
      walk(module, guard.condition, [&](const Expr& expr) {
        if (expr.op == Op::LoopVar || expr.op == Op::IsFirst || expr.op == Op::IsLast)
          used.insert(LoopId(expr.index));
      });
  std::vector<LoopId> loops;
  for (LoopId loop : family.loops)
    if (used.count(loop)) loops.push_back(loop);
  return loops;
}

std::optional<uint64_t> instancesOf(const Module& module, const Family& family) {
  std::vector<LoopId> guarded = guardLoops(module, family);
  uint64_t total = 1;
  for (LoopId loop : family.loops)
    if (!isStatic(module, module[loop].space)) return std::nullopt;
  for (LoopId loop : family.loops) {
    uint64_t size = sizeOf(module, module[loop].space);
    if (size == kOpen) return kOpen;
    if (llvm::is_contained(guarded, loop)) continue;
    if (__builtin_mul_overflow(total, size, &total)) return kOpen;
  }
  uint64_t kept = GuardedCount(module, family, std::move(guarded)).count();
  return __builtin_mul_overflow(total, kept, &total) ? kOpen : total;
}

std::string instanceId(const Family& family, llvm::ArrayRef<std::string> keys) {
  if (keys.empty()) return family.name;
  return fmt::format("{}[{}]", family.name, fmt::join(keys, ","));
}

std::string derivedPath(const Module& module, const Family& family,
                        llvm::ArrayRef<std::string> keys, uint32_t output) {
  std::string path = "files/" + family.name;
  std::replace(path.begin(), path.end(), '.', '/');
  for (const std::string& key : keys) path += "/" + key;
  const Task& task = module[family.task];
  const Output& made = task.outputs[output];
  auto files = llvm::count_if(task.outputs, [](const Output& o) { return !o.small; });
  if (files > 1) path += "/" + made.name;
  const Type& type = module.types[made.type];
  if (type.kind != Type::Artifact) return path;
  const Kind& kind = module[type.artifact];
  return kind.extension.empty() ? path : path + "." + kind.extension;
}

}  // namespace wfc::ir
