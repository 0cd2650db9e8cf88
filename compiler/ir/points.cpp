// See points.h.
#include "compiler/ir/points.h"

#include "llvm/ADT/STLExtras.h"

#include "compiler/ir/space.h"

namespace wfc::ir {

Points::Points(const Module& module, const Family& family) : module_(module), family_(family) {
  elements_.resize(module.loops.size());
  positions_.resize(module.loops.size());
  scope_.loopVar = [this](LoopId loop) -> const Value* { return &elements_[loop.index()]; };
  scope_.loopPosition = [this](LoopId loop) { return std::optional(positions_[loop.index()]); };
  scope_.input = [this](uint32_t input) { return argument(input); };
}

Dependence Points::dependence(ExprId expr) {
  Dependence result;
  addDependence(expr, result);
  for (uint32_t loop : result.loops)
    if (!isStatic(module_, module_.loops[loop].space)) result.isAtRunTime = true;
  return result;
}

uint64_t Points::count(const std::set<uint32_t>& loops) const {
  uint64_t count = 1;
  for (uint32_t loop : loops) {
    uint64_t size = sizeOf(module_, module_.loops[loop].space);
    if (size == kOpen || (size != 0 && count > kMostPoints / size)) return kOpen;
    count *= size;
  }
  return count;
}

void Points::goTo(const std::set<uint32_t>& loops, uint64_t point) {
  arguments_.clear();
  for (uint32_t loop : loops) {
    SpaceId space = module_.loops[loop].space;
    uint64_t size = sizeOf(module_, space);
    elements_[loop] = elementAt(module_, space, point % size);
    positions_[loop] = {point % size, size};
    point /= size;
  }
}

void Points::goToInstance(uint64_t position) {
  arguments_.clear();
  for (size_t n = family_.loops.size(); n-- > 0;) {
    uint32_t loop = family_.loops[n].index();
    SpaceId space = module_.loops[loop].space;
    uint64_t size = sizeOf(module_, space);
    elements_[loop] = elementAt(module_, space, position % size);
    positions_[loop] = {position % size, size};
    position /= size;
  }
}

bool Points::exists() {
  return llvm::all_of(family_.guards, [&](const Guard& guard) {
    // What hangs on the run exists, as far as anybody can tell.
    if (!guard.isStatic || dependence(guard.condition).isAtRunTime) return true;
    Result result = evaluate(guard.condition);
    return result && result.value->truth() == guard.wanted;
  });
}

Result Points::evaluate(ExprId expr) { return ir::evaluate(module_, expr, scope_); }

std::string Points::each(ExprId expr, const std::set<uint32_t>& loops,
                         const std::function<void(const Value&)>& visit) {
  uint64_t points = count(loops);
  for (uint64_t point = 0; point < points; ++point) {
    goTo(loops, point);
    Result result = evaluate(expr);
    if (!result) return result.error;
    visit(*result.value);
  }
  return {};
}

const Value* Points::argument(uint32_t input) {
  if (input >= family_.args.size() || !family_.args[input]) return nullptr;
  Result result = ir::evaluate(module_, family_.args[input], scope_);
  if (!result) return nullptr;
  arguments_[input] = std::move(*result.value);
  return &arguments_[input];
}

void Points::addDependence(ExprId expr, Dependence& result) {
  walk(module_, expr, [&](const Expr& part) {
    if (part.op == Op::Ref) result.isAtRunTime = true;
    if (part.op == Op::LoopVar || part.op == Op::IsFirst || part.op == Op::IsLast)
      result.loops.insert(part.index);
    if (part.op == Op::Input && part.index < family_.args.size() && family_.args[part.index])
      addDependence(family_.args[part.index], result);
  });
}

std::optional<double> numberOf(const Value& value) {
  switch (value.kind) {
    case Value::Bool:
    case Value::Int:
    case Value::Bytes:
      return static_cast<double>(value.i);
    case Value::Duration:
      return value.j == 0 ? std::optional(static_cast<double>(value.i)) : std::nullopt;
    case Value::Float:
      return value.f;
    default:
      return std::nullopt;
  }
}

}  // namespace wfc::ir
