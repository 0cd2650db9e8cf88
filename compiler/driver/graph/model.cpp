// From a module to boxes and edges, without positions.
#include <algorithm>

#include "fmt/format.h"

#include "compiler/driver/graph/graph.h"
#include "compiler/ir/eval.h"
#include "compiler/ir/space.h"

namespace wfc::driver::graph {

namespace {

class Maker {
 public:
  explicit Maker(const ir::Module& module) : module_(module) { graph_.title = module.flow; }

  Graph make() {
    for (const ir::Family& family : module_.families) addBox(family);
    for (uint32_t i = 0; i < module_.families.size(); ++i) addEdges(i);
    for (const ir::Publish& publish : module_.publishes) addPublish(publish);
    return std::move(graph_);
  }

 private:
  void addBox(const ir::Family& family) {
    Box box;
    box.kind = family.role == ir::Family::Wait   ? Box::Kind::Wait
               : family.role == ir::Family::Hook ? Box::Kind::Hook
                                                 : Box::Kind::Task;
    box.title = family.name;
    box.below = indexText(family);
    if (!family.loops.empty()) box.group = spaceName(module_[family.loops.back()]);
    if (family.task && module_[family.task].name != family.name)
      box.below += fmt::format("{}{}", box.below.empty() ? "" : " · ", module_[family.task].name);
    if (family.role == ir::Family::Wait) box.below += box.below.empty() ? "waits" : " · waits";
    graph_.boxes.push_back(std::move(box));
  }

  std::string spaceName(const ir::Loop& loop) const {
    ir::SpaceId id = loop.space;
    // A part of a named set goes by the set's name.
    while (module_[id].name.empty() && module_[id].base) id = module_[id].base;
    return module_[id].name.empty() ? loop.variable : module_[id].name;
  }

  /// `6 members × 2 seeds`; where conditions leave out some of these, `9 of members × seeds`.
  std::string indexText(const ir::Family& family) const {
    std::string text, names;
    uint64_t product = 1;
    for (ir::LoopId id : family.loops) {
      const ir::Loop& loop = module_[id];
      std::string size;
      if (ir::isStatic(module_, loop.space)) {
        uint64_t count = ir::sizeOf(module_, loop.space);
        size = count == ir::kOpen ? "open " : fmt::format("{} ", count);
        product = count == ir::kOpen ? ir::kOpen : product * count;
      }
      const char* times = text.empty() ? "" : " × ";
      text += fmt::format("{}{}{}", times, size, spaceName(loop));
      names += times + spaceName(loop);
    }
    std::optional<uint64_t> all = ir::instancesOf(module_, family);
    bool isPart = all && *all != ir::kOpen && *all != product;
    return isPart ? fmt::format("{} of {}", *all, names) : text;
  }

  void addEdges(uint32_t reader) {
    const ir::Family& family = module_.families[reader];
    std::vector<ir::RefId> refs;
    for (ir::ExprId argument : family.args)
      if (argument) ir::collectRefs(module_, argument, refs);
    for (const ir::Guard& guard : family.guards)
      if (guard.condition) ir::collectRefs(module_, guard.condition, refs);
    for (ir::LoopId loop : family.loops) ir::collectRefs(module_, module_[loop].space, refs);
    for (ir::RefId ref : refs) addEdge(module_[ref], reader, false);
    for (ir::RefId ref : family.afters) addEdge(module_[ref], reader, true);
    for (ir::FamilyId of : family.hook.of) put({of.index(), reader, "on end", true, true, {}});
  }

  void addEdge(const ir::Ref& ref, size_t reader, bool isOrderOnly) {
    for (ir::FamilyId producer : ref.families)
      put({producer.index(), reader, label(ref), isOrderOnly, ref.isTolerant(), {}});
  }

  void addPublish(const ir::Publish& publish) {
    Box box;
    box.kind = Box::Kind::Publish;
    const ir::Expr& at = module_[publish.at];
    box.title = at.op == ir::Op::Const ? at.value.s : "published";
    box.below = "published";
    graph_.boxes.push_back(std::move(box));
    for (ir::FamilyId producer : module_[publish.ref].families)
      put({producer.index(), graph_.boxes.size() - 1, "", false, false, {}});
  }

  /// The same relation is drawn once.
  void put(Edge edge) {
    auto isSame = [&](const Edge& known) {
      return known.from == edge.from && known.to == edge.to && known.label == edge.label;
    };
    if (std::none_of(graph_.edges.begin(), graph_.edges.end(), isSame))
      graph_.edges.push_back(std::move(edge));
  }

  std::string label(const ir::Ref& ref) const {
    std::string text;
    for (const ir::IndexPattern& index : ref.indices) {
      std::string part = indexLabel(index);
      if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
    }
    std::string count = ref.count ? variable(ref.count) : "n";
    switch (ref.demand) {
      case ir::Demand::All:
        break;
      case ir::Demand::Ok:
        text += " ok";
        break;
      case ir::Demand::AtLeast:
        text = text == "all" ? "at least " + count : text + ", at least " + count;
        break;
      case ir::Demand::First:
        text = text == "all" ? "first " + count : text + ", first " + count;
        break;
      case ir::Demand::Ended:
        text += " ended";
        break;
    }
    return llvm::StringRef(text).trim().str();
  }

  std::string variable(ir::ExprId id) const {
    if (!id) return {};
    const ir::Expr& expr = module_[id];
    if (expr.op == ir::Op::LoopVar && expr.index < module_.loops.size())
      return module_.loops[expr.index].variable;
    return expr.op == ir::Op::Const ? ir::keyText(module_, expr.value) : "…";
  }

  std::string indexLabel(const ir::IndexPattern& index) const {
    std::string a = variable(index.a);
    if (index.offset != 0)
      a += fmt::format(" {} {}", index.offset < 0 ? "−" : "+",
                       index.offset < 0 ? -index.offset : index.offset);
    switch (index.kind) {
      case ir::IndexPattern::Same:
        return {};
      case ir::IndexPattern::At:
        return a;
      case ir::IndexPattern::All:
        return "all";
      case ir::IndexPattern::UpTo:
        return ".. " + a;
      case ir::IndexPattern::From:
        return a + " ..";
      case ir::IndexPattern::Between:
        return a + " .. " + variable(index.b);
      case ir::IndexPattern::Where:
        return "some";
    }
    return {};
  }

  const ir::Module& module_;
  Graph graph_;
};

}  // namespace

Graph graphOf(const ir::Module& module) { return Maker(module).make(); }

}  // namespace wfc::driver::graph
