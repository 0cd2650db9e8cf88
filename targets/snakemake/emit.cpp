// The artifacts of `snakemake`: Snakefile, index.json, profiles/default/config.yaml, one script a
// family, the plan and the manifest. Together they dry-run as they are: `WFR=wfr snakemake -n`.
#include "fmt/format.h"

#include "compiler/target/text/body.h"
#include "compiler/target/text/manifest.h"

#include "targets/snakemake/rules.h"
#include "targets/snakemake/shape.h"
#include "targets/snakemake/snakemake.h"

namespace wfc::targets::snakemake {

namespace {

target::Artifact script(const ir::Module& module, const target::Origin& origin,
                        const ir::Family& family, const Shape& shape) {
  const ir::Task& task = module[family.task];
  std::string text = "#!/bin/bash\n" +
                     target::header(module, origin, target::describe(module, family), family.loc);
  return {scriptPath(shape), text + target::scriptText(module, task, task.body, {}), true};
}

}  // namespace

llvm::StringRef Snakemake::defaultSite() const {
  return "# The machine at hand: sizes are not stated, so they are whatever it has, and a task "
         "that asks for more gets all.\n"
         "name = \"here\"\n"
         "scheduler = \"snakemake\"\n"
         "oversubscribe = true\n"
         "\n"
         "[defaults]\n"
         "cpus = 1\n"
         "memory = \"1GiB\"\n"
         "time = \"24h\"\n"
         "\n"
         "[modules]\n"
         "system = \"lmod\"\n"
         "\n"
         "[containers]\n"
         "runtime = \"docker\"\n";
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
      artifacts.push_back(script(module, origin, module.families[f], shapes[f]));
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
