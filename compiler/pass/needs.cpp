// Evaluates needs over the index of a family.
#include "compiler/pass/needs.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/points.h"
#include "compiler/ir/space.h"
#include "compiler/site/quantity.h"

namespace wfc::pass {

namespace {

bool isName(const ir::Need& need) {
  return need.key == "partition" || need.key == "qos" || need.key == "account" ||
         need.key == "feature" || need.key == "ray";
}

/// What any scheduler can write in a condition.
bool isFeature(llvm::StringRef name) {
  return !name.empty() && llvm::all_of(name, [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("_-.:+").contains(c);
  });
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
    ir::Dependence on = at_.dependence(need.value);
    if (on.isAtRunTime) {
      needs_.atRunTime.push_back(need.key);
      return;
    }
    if (at_.count(on.loops) == ir::kOpen) {
      mistake(need, fmt::format("more than {}", ir::kMostPoints), "", true);
      needs_.atRunTime.push_back(need.key);
      return;
    }
    if (isName(need)) return addName(need, on);
    Amount amount{&need, nullptr, INFINITY, -INFINITY, 0, {}};
    bool isNumber = true;
    std::string error = at_.each(need.value, on.loops, [&](const ir::Value& value) {
      auto number = ir::numberOf(value);
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

  void addName(const ir::Need& need, const ir::Dependence& on) {
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
    if (need.key == "feature") return addFeature(need, name);
    needs_.names[need.key] = {name, &need};
  }

  void addFeature(const ir::Need& need, llvm::StringRef text) {
    Feature feature;
    feature.need = &need;
    llvm::SmallVector<llvm::StringRef> names;
    text.split(names, '|');
    for (llvm::StringRef name : names) {
      if (!isFeature(name.trim()))
        return mistake(need, fmt::format("the feature `{}`", text),
                       "a name, or several with `|` between them; what must hold at once are "
                       "several needs");
      feature.anyOf.push_back(name.trim().str());
    }
    needs_.features.push_back(std::move(feature));
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
            [&](const ir::Value& value) { by = std::max(by, ir::numberOf(value).value_or(by)); });
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
  ir::Points at_;
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
