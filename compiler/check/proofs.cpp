// What is proven of a flow before anything runs: no cycle of families, no dependence on the future,
// keys that are unique, guards that strand nobody, throttles that let every dependency live; what
// is proven of single instances stands in instances.cpp.
#include <algorithm>
#include <set>

#include "compiler/check/graph.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

static std::string textOf(Session& s, const ir::Ref& ref) {
  Range range = s.rangeOf(ref.loc);
  return ref.families.empty() ? s.text(range).str() : s.module[ref.families.front()].name;
}

/// Follows references that do not go strictly back; a way that comes home is a cycle.
static bool findCycle(uint32_t at, const std::vector<std::vector<const Edge*>>& next,
                      std::vector<int>& mark, std::vector<const Edge*>& way) {
  mark[at] = 1;
  for (const Edge* edge : next[at]) {
    uint32_t to = edge->producer.index();
    if (mark[to] == 2) continue;
    way.push_back(edge);
    if (mark[to] == 1 || findCycle(to, next, mark, way)) return true;
    way.pop_back();
  }
  mark[at] = 2;
  return false;
}

static void proveAcyclic(Session& s, const std::vector<Edge>& edges) {
  std::vector<std::vector<const Edge*>> next(s.module.families.size());
  for (const Edge& edge : edges)
    if (edge.direction != Direction::Before) next[edge.reader.index()].push_back(&edge);
  std::vector<int> mark(next.size());
  std::vector<const Edge*> way;
  for (uint32_t f = 0; f < next.size(); ++f) {
    if (mark[f] || !findCycle(f, next, mark, way)) continue;
    // The way leads into the cycle; its last edge closes it.
    ir::FamilyId home = way.back()->producer;
    auto start =
        std::find_if(way.begin(), way.end(), [&](const Edge* e) { return e->reader == home; });
    way.erase(way.begin(), start);
    auto future = std::find_if(way.begin(), way.end(),
                               [](const Edge* e) { return e->direction == Direction::After; });
    std::string names;
    for (const Edge* edge : way) names += "`" + s.module[edge->reader].name + "` needs ";
    names += "`" + s.module[home].name + "`";
    const Edge* at = future != way.end() ? *future : way.front();
    Range range = s.rangeOf(s.module[at->ref].loc);
    if (future != way.end())
      s.report(range, diag::DependsOnFuture{.reference = s.module[at->producer].name,
                                            .way = names,
                                            .madeAt = s.rangeOf(s.module[at->producer].loc)});
    else
      s.report(range, diag::GraphCycle{.way = names, .madeAt = s.rangeOf(s.module[home].loc)});
    return;
  }
}

/// Keys of a written-out set: unique, and short enough for a component of a path.
static void proveListKeys(Session& s, const ir::Space& space) {
  std::set<std::string> keys;
  for (const ir::Value& value : space.values) {
    std::string key = ir::keyText(s.module, value);
    if (key.size() > 200)
      s.report(s.rangeOf(space.loc), diag::KeyTooLong{.key = key.substr(0, 40) + "…",
                                                      .length = std::to_string(key.size())});
    if (keys.insert(key).second) continue;
    s.report(s.rangeOf(space.loc), diag::DuplicateElement{.element = key});
    return;
  }
}

/// A product whose record marks only some fields as `key`: two elements that differ in another one
/// would have one name. No element is looked at but the first.
static void proveProductKeys(Session& s, ir::SpaceId id) {
  const ir::Space& space = s.module[id];
  const ir::Type record = s.module.types[space.element];
  bool hasKeys = std::any_of(record.fields.begin(), record.fields.end(),
                             [](const ir::Field& field) { return field.key; });
  if (!hasKeys || !ir::isStatic(s.module, id) || ir::sizeOf(s.module, id) == 0) return;
  for (size_t n = 0; n < space.factors.size() && n < record.fields.size(); ++n) {
    if (record.fields[n].key || ir::sizeOf(s.module, space.factors[n]) == 1) continue;
    std::string key = ir::keyText(s.module, ir::elementAt(s.module, id, 0));
    s.report(s.rangeOf(space.loc), diag::DuplicateElement{.element = key});
    return;
  }
}

static void proveKeys(Session& s) {
  std::set<uint32_t> seen;
  std::vector<ir::SpaceId> todo;
  for (const ir::Loop& loop : s.module.loops) todo.push_back(loop.space);
  while (!todo.empty()) {
    ir::SpaceId id = todo.back();
    todo.pop_back();
    if (!seen.insert(id.index()).second) continue;
    const ir::Space& space = s.module[id];
    if (space.kind == ir::Space::List) proveListKeys(s, space);
    if (space.kind == ir::Space::Product) proveProductKeys(s, id);
    if (space.base.valid()) todo.push_back(space.base);
    todo.insert(todo.end(), space.factors.begin(), space.factors.end());
  }
}

/// A reader outside a guard needs what may not be made inside it.
static void proveGuards(Session& s, const std::vector<Edge>& edges) {
  for (const Edge& edge : edges) {
    const ir::Family &reader = s.module[edge.reader], &producer = s.module[edge.producer];
    const ir::Ref& ref = s.module[edge.ref];
    bool tolerant =
        ref.demand != ir::Demand::All || ref.ifMade || ref.families.size() > 1 || !ref.single;
    if (tolerant) continue;
    for (const ir::Guard& guard : producer.guards) {
      bool shared =
          std::any_of(reader.guards.begin(), reader.guards.end(), [&](const ir::Guard& g) {
            return g.condition == guard.condition && g.wanted == guard.wanted;
          });
      if (shared) continue;
      std::optional<ir::Value> known = s.constantOf(guard.condition);
      if (known && known->truth() == guard.wanted) continue;
      // An index of its own (`raster[z + 1]`) may name exactly those that the guard admits; the
      // space proof has judged it.
      bool moved =
          std::any_of(ref.indices.begin(), ref.indices.end(),
                      [](const ir::IndexPattern& p) { return p.kind == ir::IndexPattern::At; });
      if (moved && guard.isStatic) continue;
      s.report(s.rangeOf(ref.loc), diag::StrandedDependent{.reader = reader.name,
                                                           .reference = textOf(s, ref),
                                                           .guardAt = s.rangeOf(guard.loc)});
      break;
    }
  }
}

/// An output that declares its size must fit its budget even once.
static void proveBudgets(Session& s) {
  for (const ir::Budget& budget : s.module.budgets) {
    if (budget.resource != "disk") continue;
    for (const ir::Family& family : s.module.families)
      if (family.role == ir::Family::Work)
        for (const ir::Output& output : s.module[family.task].outputs)
          if (std::optional<ir::Value> size = s.constantOf(output.size);
              size && size->i > budget.amount.i)
            s.report(s.rangeOf(budget.loc),
                     diag::BudgetTooSmall{.amount = ir::toText(s.module, budget.amount),
                                          .output = output.name,
                                          .size = ir::toText(s.module, *size),
                                          .sizeAt = s.rangeOf(output.loc)});
  }
}

void proveFlow(Session& s, const syntax::Decl& decl) {
  if (s.module.families.empty() && !s.emitter.hasErrors())
    s.report(decl.name.range, diag::EmptyBlock{.what = "flow"});
  for (const ir::Family& family : s.module.families)
    if (family.role != ir::Family::Wait && !family.task.valid()) return;
  std::vector<Edge> edges = edgesOf(s);
  proveAcyclic(s, edges);
  provePaths(s);
  proveKeys(s);
  proveGuards(s, edges);
  proveThrottles(s, edges);
  proveBudgets(s);
  proveDisks(s);
  proveValues(s);
}

}  // namespace wfc::check
