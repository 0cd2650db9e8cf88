// `wfc graph FILE`: families as boxes, edges by relation.
#include "fmt/format.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/graph/graph.h"
#include "compiler/driver/recipe.h"
#include "compiler/pass/pass.h"

namespace wfc::driver {

namespace {

/// More boxes than that nobody looks at.
constexpr uint64_t kMostInstances = 500;

}  // namespace

int runGraph(Session& session) {
  std::string as = session.arguments.value("as", "svg");
  std::vector<std::string_view> known = {"svg", "dot"};
  if (std::find(known.begin(), known.end(), as) == known.end()) {
    rejectValue(session.emitter, "--as", as, known);
    session.finish();
    return WrongUse;
  }
  std::optional<ir::Module> module =
      compile(session, session.arguments.positional.front(), {}, ir::Stage::Checked);
  if (!module) return session.finish();
  pass::Context context{.sources = session.sources, .emitter = session.emitter};
  ir::Module pruned = pass::prune(std::move(*module), context);
  bool isByInstance = session.arguments.has("instances");
  if (uint64_t count = isByInstance ? graph::instancesIn(pruned) : 0; count > kMostInstances) {
    session.emitter.report(
        {}, diag::TooManyInstances{
                .flow = pruned.flow,
                .count = count == UINT64_MAX ? "no end of them" : fmt::format("{}", count),
                .most = fmt::format("{}", kMostInstances)});
    return session.finish();
  }
  graph::Graph graph = isByInstance ? graph::instanceGraphOf(pruned) : graph::graphOf(pruned);
  graph::layOut(graph);
  std::string text = as == "dot" ? graph::dot(graph) : graph::svg(graph);
  if (session.arguments.has("output"))
    session.write(session.arguments.value("output"), text);
  else
    session.print(text);
  return session.finish();
}

}  // namespace wfc::driver
