// The graph of families. The direction of a reference is found by asking the spaces themselves:
// where does the element that the index names stand, next to the reader's own?
#include "compiler/check/graph.h"

namespace wfc::check {

static std::vector<ir::RefId> refsOfFamily(const ir::Module& module, const ir::Family& family) {
  std::vector<ir::RefId> refs;
  for (ir::ExprId arg : family.args) ir::collectRefs(module, arg, refs);
  refs.insert(refs.end(), family.afters.begin(), family.afters.end());
  for (const ir::Guard& guard : family.guards) ir::collectRefs(module, guard.condition, refs);
  ir::collectRefs(module, family.wait, refs);
  for (ir::LoopId loop : family.loops) ir::collectRefs(module, module[loop].space, refs);
  return refs;
}

namespace {

struct Moved {
  Direction direction = Direction::Here;
  int64_t steps = 0;
};

/// Where the index stands relative to the reader's element, if that is the same direction for every
/// element.
Moved directionOf(const ir::Module& module, const ir::IndexPattern& pattern,
                  ir::LoopId producerLoop) {
  ir::SpaceId space = module[producerLoop].space;
  // Of a range the last element decides: if that lies before, all do.
  bool isBetween = pattern.kind == ir::IndexPattern::Between;
  bool isPointed =
      isBetween || pattern.kind == ir::IndexPattern::At || pattern.kind == ir::IndexPattern::UpTo;
  if (!isPointed) return {};
  const ir::ExprId last = isBetween ? pattern.b : pattern.a;
  const int64_t offset = isBetween ? pattern.offsetB : pattern.offset;
  ir::LoopId loop;
  bool single = true;
  ir::walk(module, last, [&](const ir::Expr& e) {
    if (e.op != ir::Op::LoopVar) return;
    if (loop.valid() && loop.index() != e.index) single = false;
    loop = ir::LoopId{e.index};
  });
  if (!loop.valid() || !single || module[loop].space != space || !ir::isStatic(module, space))
    return {};
  if (module[last].op == ir::Op::LoopVar)
    return {offset < 0   ? Direction::Before
            : offset > 0 ? Direction::After
                         : Direction::Here,
            offset};
  // Where none has a partner, nothing waits.
  Moved moved{Direction::Before, 0};
  uint64_t size = std::min<uint64_t>(ir::sizeOf(module, space), 1000);
  for (uint64_t i = 0; i < size; ++i) {
    ir::Value element = ir::elementAt(module, space, i);
    ir::Scope scope;
    scope.loopVar = [&](ir::LoopId id) { return id == loop ? &element : nullptr; };
    ir::Result at = ir::evaluate(module, last, scope);
    auto position = at ? ir::findIn(module, space, *at.value) : std::nullopt;
    if (!position) continue;
    int64_t steps = static_cast<int64_t>(*position) + offset - static_cast<int64_t>(i);
    Direction direction = steps < 0   ? Direction::Before
                          : steps > 0 ? Direction::After
                                      : Direction::Here;
    if (moved.steps && direction != moved.direction) return {};
    moved = {direction, steps};
  }
  return moved;
}

}  // namespace

std::vector<Edge> edgesOf(Session& s) {
  const ir::Module& module = s.module;
  std::vector<Edge> edges;
  for (uint32_t f = 0; f < module.families.size(); ++f)
    for (ir::RefId id : refsOfFamily(module, module.families[f])) {
      const ir::Ref* ref = &module[id];
      if (ref->loop.valid()) continue;  // the space's own reference is in the list already
      for (ir::FamilyId producer : ref->families) {
        Edge edge{ir::FamilyId{f}, producer, id, Direction::Here, 0};
        const ir::Family& made = module[producer];
        for (size_t i = 0; i < ref->indices.size() && i < made.loops.size(); ++i) {
          Moved moved = directionOf(module, ref->indices[i], made.loops[i]);
          if (moved.direction == Direction::Here) continue;
          edge.direction = moved.direction;
          edge.steps = moved.steps;
          break;
        }
        edges.push_back(edge);
      }
    }
  return edges;
}

}  // namespace wfc::check
