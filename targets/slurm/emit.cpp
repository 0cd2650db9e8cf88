// SLURM's artifacts: one script a family, `jobs/FAMILY.sbatch`; `tables/LOOP.tsv` where the
// elements of a loop follow from no formula; the plan and the manifest.
//
// A script has two lives. In the first it hands over to the runtime, which claims the attempt,
// checks its parents, sets the variables and runs the same script again; in the second it is the
// user's command. What belongs to a run and not to the flow (account, array indices, dependencies,
// folder, log) is given by `wfr start` on the command line, and is therefore not in the script: no
// directive has two sources. How steps and sweeps work is the runtime's (backend/).
#include <deque>
#include <future>
#include <set>

#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/ir/body.h"
#include "compiler/ir/eval.h"
#include "compiler/ir/space.h"
#include "compiler/target/text/body.h"
#include "compiler/target/text/manifest.h"
#include "compiler/target/text/values.h"

#include "targets/slurm/directives.h"
#include "targets/slurm/slurm.h"
#include "targets/slurm/steps.h"

namespace wfc::targets::slurm {

namespace {

using target::Artifact;
using target::Artifacts;
using target::Origin;

std::string poolPath(const ir::Pool& pool) {
  return fmt::format("jobs/{}.sbatch", target::fileName(pool.name));
}

/// Larger sets are in the plan only: nobody reads such a table.
constexpr uint64_t kLongestTable = 100000;

std::string scriptPath(const ir::Family& family) {
  return fmt::format("jobs/{}.sbatch", target::fileName(family.name));
}

/// Whether position n of the space is seen from n alone.
bool isFormula(const ir::Module& module, ir::SpaceId id) {
  const ir::Space& space = module[id];
  switch (space.kind) {
    case ir::Space::Range:
    case ir::Space::Cycle:
    case ir::Space::Repeat:
      return true;
    case ir::Space::EveryNth:
    case ir::Space::Reverse:
    case ir::Space::Slice:
      return isFormula(module, space.base);
    case ir::Space::List:
    case ir::Space::Product:
    case ir::Space::Files:
    case ir::Space::SetOf:
    case ir::Space::Members:
    case ir::Space::Batches:
    case ir::Space::Groups:
      return false;
  }
  return false;
}

/// `a<TAB>b`: tabs and line ends inside a value become blanks.
std::string cell(std::string text) {
  for (char& c : text)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return text;
}

class Emission {
 public:
  Emission(const ir::Module& module, const Origin& origin)
      : module_(module), origin_(origin), steps_(reasonsForSteps(module)) {}

  Artifacts run() {
    // The plan is as long as all scripts together, and neither needs the other.
    std::future<Artifact> plan =
        std::async(std::launch::async, [this] { return target::planArtifact(module_); });
    artifacts_.emplace_back();
    for (const ir::Placement& placement : module_.placements)
      if (module_[placement.family].task) addFamily(module_[placement.family], placement);
    for (const ir::Pool& pool : module_.pools) addPool(pool);
    artifacts_.front() = plan.get();
    artifacts_.push_back(target::manifestArtifact(
        module_, origin_, artifacts_, [this](llvm::json::OStream& json) { list(json); }));
    return std::move(artifacts_);
  }

 private:
  void addFamily(const ir::Family& family, const ir::Placement& placement) {
    const ir::Task& task = module_[family.task];
    base::Writer out;
    out.raw("#!/bin/bash");
    out.write(target::header(module_, origin_, target::describe(module_, family), family.loc));
    const Directives& directives =
        directives_.emplace_back(directivesOf(module_, family, placement));
    if (family.pool.empty())
      for (const std::string& option : directives.options) out.line("#SBATCH {}", option);
    else
      out.line("# Runs on a node of the pool `{}`, which jobs/{}.sbatch holds.", family.pool,
               target::fileName(family.pool));
    writeOutside(out, family, directives);
    std::string text =
        out.take() + target::scriptText(module_, task, task.body,
                                        family.pool.empty() ? handOver(family) : std::string());
    artifacts_.push_back({scriptPath(family), std::move(text), true});
    for (ir::LoopId loop : family.loops) addTable(module_[loop]);
  }

  /// The job that holds the nodes: a controller in it hands out the work.
  void addPool(const ir::Pool& pool) {
    base::Writer out;
    out.raw("#!/bin/bash");
    out.write(target::header(
        module_, origin_, fmt::format("{}: nodes held over several steps", pool.name), pool.loc));
    for (const std::string& option : poolDirectives(module_, pool)) out.line("#SBATCH {}", option);
    out.line("# What runs in it: {}", fmt::join(familiesIn(pool), ", "));
    out.line("exec \"$WFR\" step \"$WFR_RUN\" pool {}", ir::shellWord(pool.name));
    artifacts_.push_back({poolPath(pool), out.take(), true});
  }

  std::vector<std::string> familiesIn(const ir::Pool& pool) const {
    std::vector<std::string> names;
    for (const ir::Family& family : module_.families)
      if (family.pool == pool.name) names.push_back(family.name);
    return names;
  }

  /// What a reader might miss among the directives, and why it is not there.
  void writeOutside(base::Writer& out, const ir::Family& family,
                    const Directives& directives) const {
    std::string list;
    for (const std::string& option : directives.onCommandLine)
      list += (list.empty() ? "" : ", ") + option;
    if (!list.empty()) out.line("# By index, from the runtime: {}", list);
    if (!family.loops.empty()) out.line("# Indices, from the runtime: {}", indices(family));
    const std::vector<ir::Input>& inputs = module_[family.task].inputs;
    size_t widest = 0;
    for (const ir::Input& input : inputs) widest = std::max(widest, input.name.size());
    if (!inputs.empty())
      out.line("# What it is given{}:", family.loops.empty() ? "" : ", by index");
    for (size_t n = 0; n < inputs.size(); ++n)
      out.line("#   {:<{}}  {}", inputs[n].name, widest,
               target::valueText(module_, family.args[n]));
  }

  std::string indices(const ir::Family& family) const {
    std::string how;
    // Open: known only at run time, or without an end.
    uint64_t size = 1;
    for (ir::LoopId loop : family.loops) {
      const ir::Loop& each = module_[loop];
      uint64_t count =
          ir::isStatic(module_, each.space) ? ir::sizeOf(module_, each.space) : ir::kOpen;
      if (count == ir::kOpen || size == ir::kOpen || __builtin_mul_overflow(size, count, &size))
        size = ir::kOpen;
      bool hasTable = count <= kLongestTable && !isFormula(module_, each.space);
      how += fmt::format("{}{}{}", how.empty() ? "" : ", ", each.variable,
                         hasTable ? fmt::format(" ({})", tablePath(each)) : "");
    }
    std::string range = size == 0           ? "none"
                        : size == ir::kOpen ? "as they become known"
                                            : fmt::format("0-{}", size - 1);
    return fmt::format("{}, over {}{}", range, how,
                       family.loops.size() > 1 ? ", the last one fastest" : "");
  }

  static std::string handOver(const ir::Family& family) {
    std::string index = family.loops.empty() ? "" : " \"$SLURM_ARRAY_TASK_ID\"";
    return "# The first time through, hand over to the runtime: it claims the attempt, checks what "
           "it needs, sets the\n"
           "# variables named below, runs this script again as its child, and records how it "
           "ended.\n" +
           fmt::format("[[ -n ${{WFR_INSTANCE-}} ]] || exec \"$WFR\" task {}{} -- bash \"$0\"\n",
                       ir::shellWord(family.name), index);
  }

  std::string tablePath(const ir::Loop& loop) const {
    const ir::Space& space = module_[loop.space];
    return fmt::format("tables/{}.tsv",
                       target::fileName(space.name.empty() ? loop.variable : space.name));
  }

  void addTable(const ir::Loop& loop) {
    if (isFormula(module_, loop.space) || !ir::isStatic(module_, loop.space)) return;
    uint64_t size = ir::sizeOf(module_, loop.space);
    std::string path = tablePath(loop);
    if (size > kLongestTable || !tables_.insert(path).second) return;
    const ir::Type& type = module_.types[module_[loop.space].element];
    std::string text = fmt::format("# index\t{}", cell(loop.variable));
    if (type.kind == ir::Type::Record)
      for (const ir::Field& field : type.fields) text += "\t" + cell(field.name);
    text += '\n';
    for (uint64_t i = 0; i < size; ++i) {
      ir::Value value = ir::elementAt(module_, loop.space, i);
      text += fmt::format("{}\t{}", i, cell(ir::keyText(module_, value)));
      if (value.kind == ir::Value::Record)
        for (size_t field = 0; field < value.size(); ++field)
          text += "\t" + cell(ir::toText(module_, value.at(field)));
      text += '\n';
    }
    artifacts_.push_back({path, std::move(text), false});
  }

  void list(llvm::json::OStream& json) const {
    auto next = directives_.begin();
    for (const ir::Placement& placement : module_.placements) {
      const ir::Family& family = module_[placement.family];
      if (!family.task) continue;
      const Directives& directives = *next++;
      auto instances = ir::instancesOf(module_, family);
      json.object([&] {
        json.attribute("name", family.name);
        json.attribute("script", scriptPath(family));
        if (instances && *instances != ir::kOpen) json.attribute("instances", *instances);
        if (!directives.onCommandLine.empty())
          json.attributeArray("by_index", [&] {
            for (const std::string& option : directives.onCommandLine) json.value(option);
          });
        if (const std::string& reason = steps_[placement.family.index()]; !reason.empty())
          json.attribute("steps", reason);
      });
    }
  }

  const ir::Module& module_;
  const Origin& origin_;
  std::vector<std::string> steps_;
  /// Of the families with a task, in the order of the placements.
  std::deque<Directives> directives_;
  Artifacts artifacts_;
  std::set<std::string> tables_;
};

}  // namespace

Artifacts Slurm::emit(const ir::Module& module, const Origin& origin) const {
  return Emission(module, origin).run();
}

}  // namespace wfc::targets::slurm
