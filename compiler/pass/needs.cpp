// Evaluates needs over the index of a family.
#include "compiler/pass/needs.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "fmt/format.h"

#include "compiler/ir/eval.h"
#include "compiler/ir/space.h"
#include "compiler/site/quantity.h"

namespace wfc::pass {

namespace {

/// Beyond this many values of the index a need is no longer looked at one by one.
constexpr uint64_t kMostPoints = 1 << 20;

/// What an expression of a task depends on, through the arguments of a call.
struct Dependence {
  std::set<uint32_t> loops;
  bool isAtRunTime = false;
};

class Evaluator {
 public:
  Evaluator(const ir::Module& module, const ir::Family& family) : module_(module), family_(family) {
    elements_.resize(module.loops.size());
    positions_.resize(module.loops.size());
    scope_.loopVar = [this](ir::LoopId loop) -> const ir::Value* {
      return &elements_[loop.index()];
    };
    scope_.loopPosition = [this](ir::LoopId loop) {
      return std::optional(positions_[loop.index()]);
    };
    scope_.input = [this](uint32_t input) { return argument(input); };
  }

  Dependence dependence(ir::ExprId expr) {
    Dependence result;
    addDependence(expr, result);
    for (uint32_t loop : result.loops)
      if (!ir::isStatic(module_, module_.loops[loop].space)) result.isAtRunTime = true;
    return result;
  }

  /// Number of points of the loops, saturating.
  uint64_t points(const std::set<uint32_t>& loops) const {
    uint64_t count = 1;
    for (uint32_t loop : loops) {
      uint64_t size = ir::sizeOf(module_, module_.loops[loop].space);
      if (size == ir::Open || (size != 0 && count > kMostPoints / size)) return ir::Open;
      count *= size;
    }
    return count;
  }

  /// Calls `visit` with the value at every point; stops at the first error, which is returned.
  std::string each(ir::ExprId expr, const std::set<uint32_t>& loops,
                   const std::function<void(const ir::Value&)>& visit) {
    uint64_t count = points(loops);
    for (uint64_t point = 0; point < count; ++point) {
      goTo(loops, point);
      ir::Result result = ir::evaluate(module_, expr, scope_);
      if (!result) return result.error;
      visit(*result.value);
    }
    return {};
  }

 private:
  const ir::Value* argument(uint32_t input) {
    if (input >= family_.args.size() || !family_.args[input]) return nullptr;
    ir::Result result = ir::evaluate(module_, family_.args[input], scope_);
    if (!result) return nullptr;
    arguments_[input] = std::move(*result.value);
    return &arguments_[input];
  }

  void addDependence(ir::ExprId expr, Dependence& result) {
    ir::walk(module_, expr, [&](const ir::Expr& part) {
      if (part.op == ir::Op::Ref) result.isAtRunTime = true;
      if (part.op == ir::Op::LoopVar || part.op == ir::Op::IsFirst || part.op == ir::Op::IsLast)
        result.loops.insert(part.index);
      if (part.op == ir::Op::Input && part.index < family_.args.size() && family_.args[part.index])
        addDependence(family_.args[part.index], result);
    });
  }

  void goTo(const std::set<uint32_t>& loops, uint64_t point) {
    arguments_.clear();
    for (uint32_t loop : loops) {
      ir::SpaceId space = module_.loops[loop].space;
      uint64_t size = ir::sizeOf(module_, space);
      elements_[loop] = ir::elementAt(module_, space, point % size);
      positions_[loop] = {point % size, size};
      point /= size;
    }
  }

  const ir::Module& module_;
  const ir::Family& family_;
  std::vector<ir::Value> elements_;
  std::vector<std::pair<uint64_t, uint64_t>> positions_;
  std::map<uint32_t, ir::Value> arguments_;
  ir::Scope scope_;
};

std::optional<double> numberOf(const ir::Value& value) {
  switch (value.kind) {
    case ir::Value::Bool:
    case ir::Value::Int:
    case ir::Value::Bytes:
      return static_cast<double>(value.i);
    case ir::Value::Duration:
      return value.j == 0 ? std::optional(static_cast<double>(value.i)) : std::nullopt;
    case ir::Value::Float:
      return value.f;
    default:
      return std::nullopt;
  }
}

bool isName(const ir::Need& need) {
  return need.key == "partition" || need.key == "qos" || need.key == "account";
}

class Collector {
 public:
  Collector(const ir::Module& module, const ir::Family& family)
      : task_(module[family.task]), at_(module, family) {}

  Needs collect() {
    for (const ir::Need& need : task_.needs) add(need);
    return std::move(needs_);
  }

 private:
  void add(const ir::Need& need) {
    Dependence on = at_.dependence(need.value);
    if (on.isAtRunTime) {
      needs_.atRunTime.push_back(need.key);
      return;
    }
    if (at_.points(on.loops) == ir::Open) {
      mistake(need, fmt::format("more than {}", kMostPoints), "", true);
      needs_.atRunTime.push_back(need.key);
      return;
    }
    if (isName(need)) return addName(need, on);
    Amount amount{&need, nullptr, INFINITY, -INFINITY, 0, {}};
    bool isNumber = true;
    std::string error = at_.each(need.value, on.loops, [&](const ir::Value& value) {
      auto number = numberOf(value);
      if (!number) return void(isNumber = false);
      amount.smallest = std::min(amount.smallest, *number);
      amount.largest = std::max(amount.largest, *number);
    });
    if (!error.empty() || !isNumber)
      return mistake(need, need.key + " that cannot be computed",
                     error.empty() ? "this is no amount" : error);
    // An empty index: no instance, no need.
    if (amount.largest < amount.smallest) return;
    grow(amount, need.key);
    keep(need, std::move(amount));
  }

  void keep(const ir::Need& need, Amount amount) {
    if (need.key == "exclusive") {
      needs_.exclusive = amount.largest != 0;
      return;
    }
    bool mayBeZero = need.key == "gpus" || need.key == "licences" || need.key == "disk";
    if (amount.smallest < 0 || (amount.smallest == 0 && !mayBeZero))
      return mistake(need, amountText(need.key, amount.smallest) + " " + need.key, "");
    if (need.key == "gpus")
      needs_.gpus.push_back({need.of, std::move(amount)});
    else if (need.key == "licences")
      needs_.licences.push_back({need.of, std::move(amount)});
    else
      needs_.amounts[need.key] = std::move(amount);
  }

  void addName(const ir::Need& need, const Dependence& on) {
    std::string name;
    bool isOne = true;
    std::string error = at_.each(need.value, on.loops, [&](const ir::Value& value) {
      isOne = isOne && (name.empty() || name == value.s);
      name = value.s;
    });
    if (!error.empty()) return mistake(need, need.key + " that cannot be computed", error);
    if (!isOne)
      return mistake(need, fmt::format("several {}s in one family", need.key),
                     "differs within the family");
    needs_.names[need.key] = {name, &need};
  }

  /// The ceiling: the base times each clause's growth to the power of its count.
  void grow(Amount& amount, const std::string& key) {
    double factor = 1, sum = 0;
    for (const ir::Retry& retry : task_.retries) {
      for (const ir::Growth& growth : retry.growths) {
        if (growth.key != key) continue;
        double by = growth.multiply ? 1 : 0;
        std::string error = at_.each(
            growth.by, at_.dependence(growth.by).loops,
            [&](const ir::Value& value) { by = std::max(by, numberOf(value).value_or(by)); });
        double count = static_cast<double>(retry.count);
        if (growth.multiply)
          factor *= std::pow(by, count);
        else
          sum += by * count;
        amount.grows = &retry;
      }
    }
    // Growth below 1 shrinks: the first attempt is then the largest.
    amount.ceiling = std::max(amount.largest, std::ceil(amount.largest * factor + sum));
    if (amount.grows && amount.ceiling > amount.largest)
      amount.how = fmt::format("{} × {:g}{} on the last attempt", amountText(key, amount.largest),
                               factor, sum > 0 ? " + " + amountText(key, sum) : "");
  }

  void mistake(const ir::Need& need, std::string what, std::string why, bool tooMany = false) {
    needs_.mistakes.push_back({need.loc, std::move(what), std::move(why), tooMany});
  }

  const ir::Task& task_;
  Evaluator at_;
  Needs needs_;
};

}  // namespace

Needs needsOf(const ir::Module& module, const ir::Family& family) {
  return Collector(module, family).collect();
}

std::string amountText(llvm::StringRef key, double amount) {
  int64_t whole = amount >= 9e18 ? INT64_MAX : static_cast<int64_t>(amount);
  if (key == "memory" || key == "disk") return site::bytesText(whole);
  if (key == "time") return site::timeText(whole);
  return fmt::format("{}", whole);
}

}  // namespace wfc::pass
