// The graph of families: who waits for whom, how far back, and which need each other in turn.
#include <algorithm>
#include <cstdlib>

#include "llvm/ADT/STLExtras.h"

#include "compiler/forecast/parts.h"
#include "compiler/ir/eval.h"

namespace wfc::forecast {

namespace {

class Maker {
 public:
  explicit Maker(const ir::Module& module) : module_(module) {
    graph_.into.resize(module.families.size());
  }

  Graph make() {
    for (uint32_t reader = 0; reader < module_.families.size(); ++reader) addReads(reader);
    addRepeats();
    for (uint32_t e = 0; e < graph_.edges.size(); ++e) graph_.into[graph_.edges[e].to].push_back(e);
    findGroups();
    return std::move(graph_);
  }

 private:
  void addReads(uint32_t reader) {
    const ir::Family& family = module_.families[reader];
    if (family.role == ir::Family::Hook) return;
    std::vector<ir::RefId> refs = family.afters;
    for (ir::ExprId argument : family.args)
      if (argument) ir::collectRefs(module_, argument, refs);
    for (const ir::Guard& guard : family.guards)
      if (guard.condition) ir::collectRefs(module_, guard.condition, refs);
    ir::collectRefs(module_, family.wait, refs);
    for (ir::RefId ref : refs) addEdges(reader, module_[ref], true);
    for (ir::LoopId loop : family.loops) addSpace(reader, module_[loop].space);
  }

  void addEdges(uint32_t reader, const ir::Ref& ref, bool mayBar) {
    for (ir::FamilyId producer : ref.families) {
      graph_.edges.push_back(edgeOf(producer.index(), reader, ref));
      graph_.edges.back().isBarrier &= mayBar;
    }
  }

  /// The members of a set are read when all that yield it have ended; where instances are only
  /// named, each batch waits for its own.
  void addSpace(uint32_t reader, ir::SpaceId id) {
    const ir::Space& space = module_[id];
    if (space.ref) addEdges(reader, module_[space.ref], space.kind == ir::Space::SetOf);
    if (space.base) addSpace(reader, space.base);
    for (ir::SpaceId factor : space.factors) addSpace(reader, factor);
  }

  /// The iterations of a repeat come one after the other.
  void addRepeats() {
    for (uint32_t to = 0; to < module_.families.size(); ++to)
      for (ir::LoopId loop : module_.families[to].loops) {
        if (module_[module_[loop].space].kind != ir::Space::Repeat || !module_[loop].until)
          continue;
        std::vector<ir::RefId> refs;
        ir::collectRefs(module_, module_[loop].until, refs);
        for (ir::RefId ref : refs)
          for (ir::FamilyId from : module_[ref].families)
            graph_.edges.push_back({from.index(), to, false, false, false, {{loop, 1}}});
      }
  }

  Edge edgeOf(uint32_t from, uint32_t to, const ir::Ref& ref) const {
    Edge edge{from, to, true, true, ref.demand == ir::Demand::First, {}};
    const ir::Family& producer = module_.families[from];
    for (size_t n = 0; n < producer.loops.size(); ++n) {
      ir::IndexPattern index = n < ref.indices.size() ? ref.indices[n] : ir::IndexPattern{};
      edge.isBarrier &= index.kind == ir::IndexPattern::All;
      bool isPair = index.kind == ir::IndexPattern::All || index.kind == ir::IndexPattern::Same;
      edge.isPairing &= isPair;
      if (isPair) continue;
      int64_t steps = stepsOf(index, producer.loops[n]);
      if (steps != 0) edge.offsets.emplace_back(producer.loops[n], steps);
    }
    // Batches and groups take every member in one of them.
    if (ref.loop) edge.isBarrier = false;
    if (edge.isEarly || ref.fallback) edge.isBarrier = edge.isPairing = false;
    return edge;
  }

  /// How many steps back; what cannot be told, or is not of the reader's own iteration, counts as
  /// one where the two need each other, and as none elsewhere.
  int64_t stepsOf(const ir::IndexPattern& index, ir::LoopId loop) const {
    int64_t steps = index.offset;
    for (ir::ExprId at = index.a; at;) {
      const ir::Expr& expr = module_[at];
      bool isMoved = (expr.op == ir::Op::Add || expr.op == ir::Op::Sub) && expr.args.size() == 2 &&
                     module_[expr.args[1]].op == ir::Op::Const;
      if (!isMoved) break;
      int64_t by = module_[expr.args[1]].value.i;
      const ir::Space& space = module_[module_[loop].space];
      if (space.kind == ir::Space::Range && space.n != 0) by /= space.n;
      steps += expr.op == ir::Op::Add ? by : -by;
      at = expr.args[0];
    }
    return std::abs(steps);
  }

  // ---- families that need each other (Tarjan)

  void findGroups() {
    size_t count = module_.families.size();
    graph_.groupOf.assign(count, UINT32_MAX);
    low_.assign(count, 0), number_.assign(count, 0);
    for (uint32_t family = 0; family < count; ++family)
      if (number_[family] == 0) visit(family);
  }

  /// Recursion goes as deep as the longest chain of families, which the text writes out.
  void visit(uint32_t family) {
    low_[family] = number_[family] = ++next_;
    stack_.push_back(family);
    for (uint32_t e : graph_.into[family]) {
      uint32_t from = graph_.edges[e].from;
      if (number_[from] == 0) visit(from);
      if (graph_.groupOf[from] == UINT32_MAX) low_[family] = std::min(low_[family], low_[from]);
    }
    if (low_[family] != number_[family]) return;
    std::vector<uint32_t>& group = graph_.groups.emplace_back();
    for (uint32_t member = UINT32_MAX; member != family;) {
      member = stack_.back();
      stack_.pop_back();
      graph_.groupOf[member] = static_cast<uint32_t>(graph_.groups.size() - 1);
      group.push_back(member);
    }
    std::sort(group.begin(), group.end());
  }

  const ir::Module& module_;
  Graph graph_;
  std::vector<uint32_t> low_, number_, stack_;
  uint32_t next_ = 0;
};

}  // namespace

Graph graphOf(const ir::Module& module) { return Maker(module).make(); }

std::vector<ir::LoopId> chainOf(const ir::Module& module, const Graph& graph, uint32_t group) {
  std::vector<ir::LoopId> loops;
  auto add = [&](ir::LoopId loop) {
    bool isKnown = llvm::any_of(
        loops, [&](ir::LoopId known) { return module[known].space == module[loop].space; });
    if (!isKnown) loops.push_back(loop);
  };
  for (uint32_t member : graph.groups[group])
    for (uint32_t e : graph.into[member]) {
      const Edge& edge = graph.edges[e];
      if (graph.groupOf[edge.from] != group) continue;
      for (const auto& [loop, steps] : edge.offsets) add(loop);
      // An instance that needs others of its own family by no steps that can be told.
      bool isOwn = edge.from == edge.to && edge.offsets.empty();
      if (isOwn && !module.families[member].loops.empty())
        add(module.families[member].loops.back());
    }
  return loops;
}

}  // namespace wfc::forecast
