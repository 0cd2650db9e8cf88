// The points of a family's index at which an expression of its task, or a guard, can differ: an
// expression that depends on two of five loops is looked at once for each pair of their elements.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/ir/eval.h"

namespace wfc::ir {

/// Beyond this many values of the index an expression is no longer looked at one by one.
inline constexpr uint64_t kMostPoints = 1 << 20;

/// What an expression of a task depends on, through the arguments of a call.
struct Dependence {
  std::set<uint32_t> loops;
  bool isAtRunTime = false;
};

class Points {
 public:
  /// Both must outlive it.
  Points(const Module& module, const Family& family);
  Points(const Points&) = delete;
  Points& operator=(const Points&) = delete;

  Dependence dependence(ExprId expr);
  /// Number of points of the loops; `kOpen` if there are more than kMostPoints.
  uint64_t count(const std::set<uint32_t>& loops) const;
  /// Goes to a point of the loops: what is evaluated then, is evaluated there.
  void goTo(const std::set<uint32_t>& loops, uint64_t point);
  /// Goes to an instance by its position in the index, the last loop fastest. All loops are static
  /// and have an end.
  void goToInstance(uint64_t position);
  /// Whether every static guard holds at the point.
  bool exists();
  Result evaluate(ExprId expr);
  /// Calls `visit` with the value at every point; stops at the first error, which is returned.
  std::string each(ExprId expr, const std::set<uint32_t>& loops,
                   const std::function<void(const Value&)>& visit);

 private:
  const Value* argument(uint32_t input);
  void addDependence(ExprId expr, Dependence& result);

  const Module& module_;
  const Family& family_;
  std::vector<Value> elements_;
  std::vector<std::pair<uint64_t, uint64_t>> positions_;
  std::map<uint32_t, Value> arguments_;
  Scope scope_;
};

/// Counts as they are, sizes in bytes, times in milliseconds; nullopt for what is no amount.
std::optional<double> numberOf(const Value& value);

}  // namespace wfc::ir
