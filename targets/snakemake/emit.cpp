// The artifacts of `snakemake`: Snakefile, index.json, profiles/default/config.yaml, one script a
// family, the plan and the manifest. Together they dry-run as they are: `WFR=wfr snakemake -n`.
#include "fmt/format.h"

#include "compiler/target/text/manifest.h"

#include "targets/snakemake/rules.h"
#include "targets/snakemake/shape.h"
#include "targets/snakemake/snakemake.h"

namespace wfc::targets::snakemake {

llvm::StringRef Snakemake::defaultSite() const {
  static const std::string site = target::siteAtHand(name());
  return site;
}

target::Artifacts Snakemake::emit(const ir::Module& module, const target::Origin& origin) const {
  run::Plan plan(module);
  run::Engine engine(plan);
  engine.settle(0);
  std::vector<Shape> shapes = shapesOf(plan);
  target::Artifacts artifacts;
  artifacts.push_back(target::planArtifact(module));
  artifacts.push_back({"Snakefile", snakefileText(plan, shapes, origin), false});
  artifacts.push_back({"index.json", indexText(engine, shapes), false});
  artifacts.push_back({"profiles/default/config.yaml", profileText(plan, shapes), false});
  for (uint32_t f = 0; f < shapes.size(); ++f)
    if (shapes[f].isRule)
      artifacts.push_back(
          target::scriptArtifact(module, origin, module.families[f], scriptPath(shapes[f])));
  artifacts.push_back(
      target::manifestArtifact(module, origin, artifacts, [&](llvm::json::OStream& json) {
        for (uint32_t f = 0; f < shapes.size(); ++f) {
          if (!shapes[f].isRule) continue;
          json.object([&] {
            json.attribute("name", module.families[f].name);
            json.attribute("rule", shapes[f].rule);
            json.attribute("script", scriptPath(shapes[f]));
          });
        }
      }));
  return artifacts;
}

}  // namespace wfc::targets::snakemake
