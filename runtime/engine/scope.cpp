// What an expression sees from a place in a run: loop variables, references as values, needs, paths
// of outputs.
//
// The closures of a scope share one store of values already worked out; it lives as long as a copy
// of the scope does.
#include <cmath>

#include <fmt/format.h>

#include "compiler/ir/space.h"

#include "runtime/abi/abi.h"
#include "runtime/engine/impl.h"
#include "runtime/engine/members.h"
#include "runtime/engine/retry.h"

namespace wfc::run {

namespace {

/// What the closures of one scope share.
struct Known {
  std::map<uint32_t, ir::Value> loops, inputs;
};

/// `base` grown `times` times by one growth.
ir::Value grow(ir::Value base, const ir::Growth& growth, const ir::Value& by, int64_t times) {
  for (int64_t n = 0; n < times; ++n) {
    double factor = by.kind == ir::Value::Float ? by.f : static_cast<double>(by.i);
    if (growth.multiply)
      base.i = static_cast<int64_t>(std::llround(static_cast<double>(base.i) * factor));
    else
      base.i += by.i;
  }
  return base;
}

}  // namespace

ir::Result Engine::Impl::evaluate(ir::ExprId expr, Where where,
                                  std::optional<InstanceId> instance) const {
  if (!expr.valid()) return {ir::Value::none(), {}, {}};
  return ir::evaluate(m, expr, scopeAt(where, instance, 0));
}

ir::Scope Engine::Impl::scopeAt(Where where, std::optional<InstanceId> instance,
                                uint32_t attempt) const {
  auto known = std::make_shared<Known>();
  ir::Scope scope;
  scope.loopVar = [this, where, known](ir::LoopId loop) -> const ir::Value* {
    auto found = known->loops.find(loop.index());
    if (found != known->loops.end()) return &found->second;
    std::optional<uint32_t> iteration = iterationOf(where, loop);
    if (!iteration) return nullptr;
    return &(known->loops[loop.index()] = elementOf(loop, *iteration));
  };
  scope.loopPosition = [this,
                        where](ir::LoopId loop) -> std::optional<std::pair<uint64_t, uint64_t>> {
    std::optional<uint32_t> iteration = iterationOf(where, loop);
    if (!iteration) return std::nullopt;
    const LoopState& l = state.loops[loop.index()];
    const Iteration i = l.iterations[*iteration];
    uint64_t size = plan.loop(loop.index()).isOpen ? ir::kOpen : l.broods[i.parent].count;
    return std::pair<uint64_t, uint64_t>(i.position, size);
  };
  scope.ref = [this, where, instance](ir::RefId ref) { return valueOf(ref, where, instance); };
  if (!instance) return scope;
  InstanceId id = *instance;
  scope.input = [this, known, id](uint32_t input) -> const ir::Value* {
    auto found = known->inputs.find(input);
    if (found != known->inputs.end()) return &found->second;
    const ir::Family& family = m.families[id.family];
    if (input >= family.args.size()) return nullptr;
    // Arguments are evaluated outside the task: they see loops and references, not inputs.
    ir::Result value = ir::evaluate(m, family.args[input], scopeAt(whereOf(id), {}, 0));
    if (!value) return nullptr;
    return &(known->inputs[input] = std::move(*value.value));
  };
  scope.output = [this, id](uint32_t output) -> std::optional<ir::Value> {
    return ir::Value::text(pathOf(id, output), ir::Value::Path);
  };
  scope.need = [this, id, attempt](llvm::StringRef key) { return needValue(id, key, attempt); };
  scope.special = [this, id, attempt](llvm::StringRef name) -> std::optional<ir::Value> {
    if (name == "instance") return ir::Value::text(idOf(id));
    if (name == "attempt") return ir::Value::integer(attempt - neverBegun(id, attempt));
    return std::nullopt;
  };
  return scope;
}

uint32_t Engine::Impl::neverBegun(InstanceId id, uint32_t n) const {
  uint32_t count = 0;
  for (uint32_t at = headOf(id); at != kNone; at = state.attempts[at].previous) {
    const Attempt& earlier = state.attempts[at];
    count += earlier.n > 0 && earlier.n < n && earlier.hasEnded && earlier.uncounted &&
             earlier.started == 0;
  }
  return count;
}

std::string Engine::Impl::pathOf(InstanceId id, uint32_t output) const {
  const ir::Family& family = m.families[id.family];
  std::string path = plainPathOf(id, output);
  bool isOnNode = family.disk == ir::Family::OnNode && !path.starts_with("/");
  return isOnNode ? fmt::format("{}/{}", nodeFolder, path) : path;
}

std::string Engine::Impl::plainPathOf(InstanceId id, uint32_t output) const {
  const ir::Family& family = m.families[id.family];
  const ir::Output& o = m[family.task].outputs[output];
  if (o.path.valid()) {
    ir::Scope scope = scopeAt(whereOf(id), id, 0);
    scope.output = nullptr;
    ir::Result path = ir::evaluate(m, o.path, scope);
    if (path) {
      bool isWhole = llvm::StringRef(path.value->s).starts_with("/");
      return isWhole ? path.value->s : std::string(abi::kFilesDir) + "/" + path.value->s;
    }
  }
  return ir::derivedPath(m, family, keysOf(id), output);
}

std::optional<ir::Value> Engine::Impl::outputValue(InstanceId producer, uint32_t output) const {
  const ir::Family& family = m.families[producer.family];
  if (!family.task.valid()) return ir::Value::none();
  const ir::Output& o = m[family.task].outputs[output];
  std::optional<Attempt> last = lastOf(producer);
  if (o.small) {
    if (!last) return std::nullopt;
    for (const Details::Small& small : detailsOf(*last).values) {
      if (small.output == output) return ir::fromJson(m, o.type, small.json).value;
    }
    return std::nullopt;
  }
  bool isCopied = family.disk == ir::Family::OnEveryNode;
  std::string path = isCopied ? copyOf(producer) : wholePath(pathOf(producer, output));
  const ir::Type& type = m.types[o.type];
  if (type.kind == ir::Type::Set) {
    std::vector<ir::Value> members;
    auto found = sets.find({producer, output});
    if (found != sets.end()) {
      for (const std::string& member : found->second)
        members.push_back(memberValue(type.element, o.pattern, path, member));
    }
    ir::Value set = ir::Value::composite(ir::Value::Set, std::move(members), o.type);
    set.s = path;
    return set;
  }
  ir::Value file = ir::Value::text(path, ir::Value::File);
  file.type = o.type;
  return file;
}

std::optional<ir::Value> Engine::Impl::valueOf(ir::RefId id, Where where,
                                               std::optional<InstanceId> reader) const {
  const ir::Ref& ref = m[id];
  if (ref.valueless) return ir::Value::none();
  Terms terms = termsOf(ref, where);
  std::vector<InstanceId> made;
  auto choice = reader ? chosen.find({*reader, id.index()}) : chosen.end();
  if (choice != chosen.end())
    made = choice->second;
  else
    made = okOf(ref, terms, ref.demand == ir::Demand::First ? countOf(ref, where) : -1);
  if (ref.single) {
    if (!made.empty()) return outputValue(made.front(), ref.output);
    if (!ref.otherwise.valid()) return std::nullopt;
    return evaluate(ref.otherwise, where).value;
  }
  std::vector<ir::Value> values;
  for (InstanceId producer : made) {
    std::optional<ir::Value> value = outputValue(producer, ref.output);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return ir::Value::composite(ir::Value::List, std::move(values));
}

std::optional<ir::Value> Engine::Impl::needValue(InstanceId id, llvm::StringRef key,
                                                 uint32_t attempt) const {
  const ir::Family& family = m.families[id.family];
  if (!family.task.valid()) return std::nullopt;
  const ir::Task& task = m[family.task];
  for (const ir::Need& need : task.needs) {
    if (need.key != key && need.of != key) continue;
    ir::Scope scope = scopeAt(whereOf(id), id, attempt);
    scope.need = nullptr;
    ir::Result base = ir::evaluate(m, need.value, scope);
    if (!base) return std::nullopt;
    ir::Value value = std::move(*base.value);
    if (task.retries.empty()) return value;
    llvm::SmallVector<ir::Outcome> counted = countedBefore(id, attempt);
    for (const ir::Retry& clause : task.retries) {
      int64_t times = usesOf(clause, counted);
      for (const ir::Growth& growth : clause.growths) {
        if (growth.key != need.key || times == 0) continue;
        ir::Result by = ir::evaluate(m, growth.by, scope);
        if (by) value = grow(std::move(value), growth, *by.value, times);
      }
    }
    return value;
  }
  return std::nullopt;
}

Needs Engine::Impl::needsOf(InstanceId id, uint32_t attempt) const {
  Needs needs;
  const ir::Family& family = m.families[id.family];
  if (!family.task.valid()) return needs;
  for (const ir::Need& need : m[family.task].needs) {
    std::optional<ir::Value> value =
        needValue(id,
                  need.key == "licences" || need.key == "licence" ? llvm::StringRef(need.of)
                                                                  : llvm::StringRef(need.key),
                  attempt);
    if (!value) continue;
    if (need.key == "nodes")
      needs.nodes = value->i;
    else if (need.key == "tasks")
      needs.tasks = value->i;
    else if (need.key == "cpus")
      needs.cpus = value->i;
    else if (need.key == "gpus")
      needs.gpus = value->i, needs.gpuModel = need.of;
    else if (need.key == "memory")
      needs.memory = value->i;
    else if (need.key == "time")
      needs.timeMs = value->i;
    else if (need.key == "disk")
      needs.disk = value->i;
    else if (need.key == "exclusive")
      needs.exclusive = value->truth();
    else if (need.key == "licences" || need.key == "licence")
      needs.licences.push_back({need.of, value->i});
    else
      needs.names.push_back({need.key, ir::toText(m, *value)});
  }
  return needs;
}

}  // namespace wfc::run
