// The artifacts of `rocoto`: workflow.xml and the entities it reads, one script a family, the plan
// and the manifest. Together they pass Rocoto's grammar as they are.
#include "fmt/format.h"

#include "compiler/target/text/manifest.h"

#include "targets/rocoto/document.h"
#include "targets/rocoto/rocoto.h"

namespace wfc::targets::rocoto {

target::Artifacts Rocoto::emit(const ir::Module& module, const target::Origin& origin) const {
  run::Plan plan(module);
  run::Engine engine(plan);
  engine.settle(0);
  Outline outline = outlineOf(plan);
  Entities entities{"/path/of/the/run", "/path/of/the/run/bin/wfr", {}, outline.cycles, {}};
  target::Artifacts artifacts;
  artifacts.push_back(target::planArtifact(module));
  artifacts.push_back({"workflow.xml", documentText(engine, outline, origin), false});
  artifacts.push_back({"run.ent", entitiesText(engine, outline, entities), false});
  for (uint32_t f = 0; f < outline.shapes.size(); ++f) {
    const Shape& shape = outline.shapes[f];
    if (!shape.isTask || shape.isEmpty) continue;
    if (shape.isFound)
      artifacts.push_back({foundPath(shape), foundText(engine, outline, f), false});
    artifacts.push_back(
        target::scriptArtifact(module, origin, module.families[f], scriptPath(shape)));
  }
  artifacts.push_back(
      target::manifestArtifact(module, origin, artifacts, [&](llvm::json::OStream& json) {
        for (uint32_t f = 0; f < outline.shapes.size(); ++f) {
          const Shape& shape = outline.shapes[f];
          if (!shape.isTask || shape.isEmpty) continue;
          json.object([&] {
            json.attribute("name", module.families[f].name);
            json.attribute("task", shape.name);
            json.attribute("script", scriptPath(shape));
            if (!shape.gate.empty()) json.attribute("gate", shape.gate);
          });
        }
      }));
  return artifacts;
}

}  // namespace wfc::targets::rocoto
