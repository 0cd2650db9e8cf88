// The artifacts of `local`: the plan, and one script a task, `jobs/TASK.sh`, so that what runs can
// be read (and run by hand, with its variables set). The engine starts the script as a child of its
// wrapper; compiler/ir/body.h says how the variables reach it.
//
// A check that watches a task is a script of its own, `jobs/TASK.check1.sh`.
#include <set>

#include "fmt/format.h"

#include "compiler/target/text/body.h"
#include "compiler/target/text/manifest.h"

#include "targets/local/local.h"

namespace wfc::targets::local {

namespace {

using target::Artifacts;
using target::Origin;

/// Where the scripts of a task lie.
struct Scripts {
  std::string body;
  std::vector<std::string> checks;
};

class Emission {
 public:
  Emission(const ir::Module& module, const Origin& origin) : module_(module), origin_(origin) {}

  Artifacts run() {
    artifacts_.push_back(target::planArtifact(module_));
    // A pool runs nothing itself.
    std::set<ir::TaskId> pools;
    for (const ir::Pool& pool : module_.pools) pools.insert(pool.task);
    for (uint32_t n = 0; n < module_.tasks.size(); ++n)
      scripts_.push_back(pools.contains(ir::TaskId{n}) ? Scripts{} : addTask(module_.tasks[n]));
    artifacts_.push_back(target::manifestArtifact(
        module_, origin_, artifacts_, [this](llvm::json::OStream& json) { list(json); }));
    return std::move(artifacts_);
  }

 private:
  Scripts addTask(const ir::Task& task) {
    Scripts scripts;
    std::string stem = fmt::format("jobs/{}", target::fileName(task.name));
    // Two tasks of one name, as from two modules, are told apart by a number.
    if (!used_.insert(stem).second) stem += fmt::format("~{}", used_.size());
    scripts.body = add(stem + ".sh", fmt::format("task {}", task.name), task, task.body);
    for (size_t i = 0; i < task.checks.size(); ++i)
      scripts.checks.push_back(add(fmt::format("{}.check{}.sh", stem, i + 1),
                                   fmt::format("a check of task {}", task.name), task,
                                   task.checks[i].body));
    return scripts;
  }

  std::string add(std::string path, const std::string& what, const ir::Task& task,
                  const ir::Body& body) {
    std::string text = "#!/bin/bash\n" + target::header(module_, origin_, what, task.loc);
    artifacts_.push_back({path, text + target::scriptText(module_, task, body, {}), true});
    return path;
  }

  void list(llvm::json::OStream& json) const {
    for (const ir::Family& family : module_.families) {
      if (!family.task) continue;
      const Scripts& scripts = scripts_[family.task.index()];
      json.object([&] {
        json.attribute("name", family.name);
        json.attribute("script", scripts.body);
        if (!scripts.checks.empty())
          json.attributeArray("checks", [&] {
            for (const std::string& check : scripts.checks) json.value(check);
          });
      });
    }
  }

  const ir::Module& module_;
  const Origin& origin_;
  Artifacts artifacts_;
  std::vector<Scripts> scripts_;
  std::set<std::string> used_;
};

}  // namespace

llvm::StringRef Local::defaultSite() const {
  static const std::string site = target::siteAtHand(name());
  return site;
}

Artifacts Local::emit(const ir::Module& module, const Origin& origin) const {
  return Emission(module, origin).run();
}

}  // namespace wfc::targets::local
