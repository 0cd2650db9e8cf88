// `wfc graph FILE`: families as boxes, edges by relation.
#include "fmt/format.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/graph/graph.h"
#include "compiler/driver/recipe.h"
#include "compiler/pass/pass.h"

namespace wfc::driver {

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
  graph::Graph graph = graph::graphOf(pass::prune(std::move(*module), context));
  graph::layOut(graph);
  std::string text = as == "dot" ? graph::dot(graph) : graph::svg(graph);
  if (session.arguments.has("output"))
    session.write(session.arguments.value("output"), text);
  else
    session.print(text);
  return session.finish();
}

}  // namespace wfc::driver
