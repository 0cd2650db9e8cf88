// The picture of a small flow with a box for each instance. Who waits for whom the runtime's engine
// tells, of a run in which nothing has happened; a family whose members the run finds stays one
// box.
#include <map>
#include <set>

#include "compiler/driver/graph/graph.h"
#include "compiler/ir/space.h"

#include "runtime/engine/engine.h"

namespace wfc::driver::graph {

namespace {

using run::InstanceId;

class InstanceMaker {
 public:
  explicit InstanceMaker(const ir::Module& module)
      : plan_(ir::Module(module)), module_(plan_.module()), engine_(plan_) {
    engine_.settle(0);
  }

  Graph make() {
    graph_.title = module_.flow;
    for (uint32_t f = 0; f < module_.families.size(); ++f) addBoxes(f);
    for (const auto& [id, box] : boxes_) addEdges(id, box);
    leaveOutImplied();
    return std::move(graph_);
  }

 private:
  void addBoxes(uint32_t f) {
    const ir::Family& family = module_.families[f];
    if (family.role == ir::Family::Hook) return;
    size_t count = engine_.state().families[f].instances.size();
    size_t made = 0;
    for (uint32_t n = 0; n < count; ++n) {
      if (engine_.state().at({f, n}).phase == run::Phase::Absent) continue;
      add({f, n}, engine_.idOf({f, n}), "");
      ++made;
    }
    bool isOpen = !ir::instancesOf(module_, family).has_value();
    if (made == 0 && isOpen) add({f, run::kNone}, family.name, "found by the run");
  }

  void add(InstanceId id, std::string title, std::string below) {
    const ir::Family& family = module_.families[id.family];
    Box box;
    box.kind = family.role == ir::Family::Wait ? Box::Kind::Wait : Box::Kind::Task;
    box.title = std::move(title);
    box.below = std::move(below);
    // One colour a family.
    box.group = family.name;
    boxes_[id] = graph_.boxes.size();
    graph_.boxes.push_back(std::move(box));
  }

  void addEdges(InstanceId reader, size_t to) {
    for (const run::Wait& wait : plan_.family(reader.family).waits) {
      const ir::Ref& ref = module_[wait.ref];
      std::set<size_t> from;
      if (reader.iteration != run::kNone)
        for (InstanceId id : engine_.namedBy(reader, wait))
          if (auto box = boxes_.find(id); box != boxes_.end()) from.insert(box->second);
      // What is not known yet is one box, and so is what is found over it.
      for (ir::FamilyId producer : ref.families)
        for (const auto& [id, box] : boxes_)
          if (id.family == producer.index() &&
              (id.iteration == run::kNone || reader.iteration == run::kNone))
            from.insert(box);
      for (size_t each : from)
        if (each != to && known_.emplace(each, to).second)
          graph_.edges.push_back({each, to, "", ref.valueless, ref.isTolerant(), {}});
    }
  }

  /// An edge that follows from others (a before b, b before c: a before c) tells nothing, and a
  /// picture with all of them cannot be read.
  void leaveOutImplied() {
    std::vector<std::vector<size_t>> into(graph_.boxes.size());
    for (const Edge& edge : graph_.edges) into[edge.to].push_back(edge.from);
    auto isImplied = [&](const Edge& edge) {
      std::vector<size_t> open;
      std::vector<bool> seen(graph_.boxes.size());
      for (size_t from : into[edge.to])
        if (from != edge.from) open.push_back(from);
      while (!open.empty()) {
        size_t at = open.back();
        open.pop_back();
        if (at == edge.from) return true;
        if (seen[at]) continue;
        seen[at] = true;
        open.insert(open.end(), into[at].begin(), into[at].end());
      }
      return false;
    };
    std::vector<Edge> kept;
    for (Edge& edge : graph_.edges)
      if (!isImplied(edge)) kept.push_back(std::move(edge));
    graph_.edges = std::move(kept);
  }

  run::Plan plan_;
  const ir::Module& module_;
  run::Engine engine_;
  Graph graph_;
  std::map<InstanceId, size_t> boxes_;
  std::set<std::pair<size_t, size_t>> known_;
};

}  // namespace

uint64_t instancesIn(const ir::Module& module) {
  uint64_t sum = 0;
  for (const ir::Family& family : module.families) {
    std::optional<uint64_t> count = ir::instancesOf(module, family);
    // One box stands for what is found by the run.
    uint64_t boxes = count.value_or(1);
    if (family.role != ir::Family::Hook && __builtin_add_overflow(sum, boxes, &sum))
      return UINT64_MAX;
  }
  return sum;
}

Graph instanceGraphOf(const ir::Module& module) { return InstanceMaker(module).make(); }

}  // namespace wfc::driver::graph
