// A loop over a list that depends on the element of an outer loop (`for e in experiments, t in
// e.tests`). Its set is the union of all these lists, each value once, and a static guard keeps the
// elements that are in the outer element's own list. So families stay over sets that are known,
// whatever the list, and nothing below check/ knows of lists that differ from turn to turn.
#include <algorithm>
#include <set>

#include "compiler/check/flow.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

namespace {

/// Evaluates a list for every combination of the elements it depends on.
class Union {
 public:
  Union(Session& s, ir::ExprId list) : s_(s), list_(list) {
    ir::walk(s.module, list, [&](const ir::Expr& e) {
      isKnown_ = isKnown_ && e.op != ir::Op::Ref && e.op != ir::Op::Error;
      ir::LoopId loop{e.index};
      if (e.op == ir::Op::LoopVar && std::find(loops_.begin(), loops_.end(), loop) == loops_.end())
        loops_.push_back(loop);
    });
    uint64_t combinations = 1;
    for (ir::LoopId loop : loops_) {
      ir::SpaceId space = s.module[loop].space;
      isKnown_ = isKnown_ && ir::isStatic(s.module, space);
      uint64_t size = isKnown_ ? std::min(ir::sizeOf(s.module, space), kMost + 1) : 0;
      combinations = std::min(combinations * size, kMost + 1);
    }
    isKnown_ = isKnown_ && !loops_.empty() && combinations <= kMost;
  }

  /// All values in order of appearance; nullopt if they are not known now, or too many.
  std::optional<std::vector<ir::Value>> values() {
    if (!isKnown_) return std::nullopt;
    elements_.resize(loops_.size());
    walkLoop(0);
    return std::move(values_);
  }

 private:
  static constexpr uint64_t kMost = 100000;

  void walkLoop(size_t depth) {
    if (depth == loops_.size()) return add();
    ir::SpaceId space = s_.module[loops_[depth]].space;
    for (uint64_t i = 0, n = ir::sizeOf(s_.module, space); i < n; ++i) {
      elements_[depth] = ir::elementAt(s_.module, space, i);
      walkLoop(depth + 1);
    }
  }

  void add() {
    ir::Scope scope;
    scope.loopVar = [&](ir::LoopId id) -> const ir::Value* {
      auto at = std::find(loops_.begin(), loops_.end(), id);
      return at == loops_.end() ? nullptr : &elements_[static_cast<size_t>(at - loops_.begin())];
    };
    ir::Result list = ir::evaluate(s_.module, list_, scope);
    for (size_t i = 0; list && i < list.value->size(); ++i)
      if (seen_.insert(list.value->at(i)).second) values_.push_back(list.value->at(i));
  }

  Session& s_;
  ir::ExprId list_;
  std::vector<ir::LoopId> loops_;
  std::vector<ir::Value> elements_, values_;
  std::set<ir::Value> seen_;
  bool isKnown_ = true;
};

}  // namespace

bool isNestedList(const Session& s, ir::SpaceId id) {
  const ir::Space& space = s.module[id];
  return space.kind == ir::Space::List && !space.by.empty();
}

void nestList(Session& s, ir::LoopId loop, Place& place, Range at) {
  ir::SpaceId id = s.module[loop].space;
  if (!isNestedList(s, id)) return;
  ir::ExprId list = s.module[id].by.front();
  s.module.spaces[id.index()].by.clear();
  auto values = Union(s, list).values();
  if (!values) return s.report(at, diag::SetIsNotAList{});
  s.module.spaces[id.index()].values = std::move(*values);
  ir::ExprId element = s.make(ir::Op::LoopVar, s.module[id].element, {}, at, loop.index());
  ir::ExprId isIn = s.make(ir::Op::In, basic(TK::Bool), {element, list}, at);
  place.guards.push_back({isIn, true, true, s.loc(at)});
}

}  // namespace wfc::check
