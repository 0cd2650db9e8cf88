// Writes a plan as a flow and a site, and holds what was built from them against it.
#include <algorithm>
#include <map>

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/base/writer.h"
#include "compiler/diag/catalog/audit.h"
#include "compiler/ir/space.h"
#include "compiler/target/text/body.h"

#include "targets/slurm/foreign/foreign.h"
#include "targets/slurm/foreign/plan.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;

namespace {

/// `@{` is a hole in a body.
std::string withoutHoles(StringRef text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    bool isHole = text[i] == '@' &&
                  (text.substr(i + 1).starts_with("{") || text.substr(i + 1).starts_with("raw{"));
    if (isHole) result += '@';
    result += text[i];
  }
  return result;
}

class FlowWriter {
 public:
  explicit FlowWriter(const Plan& plan) : plan_(plan) {
    std::set<std::string> accounts;
    for (const Node& node : plan.nodes) accounts.insert(node.wants.account);
    hasManyAccounts_ = accounts.size() > 1;
  }

  std::string flow() {
    out_.line("//! Imported from {}.", fmt::join(plan_.files, ", "));
    for (const Node& node : plan_.nodes) task(node);
    out_.line();
    out_.line("flow main {{");
    for (const Node& node : plan_.nodes) call(node);
    out_.line("}}");
    return out_.take();
  }

  std::string site() {
    out_.line(
        "# What the imported scripts name; the sizes of the machine are not stated. `wfc site "
        "discover` writes them.");
    out_.line("name = \"imported\"");
    out_.line("scheduler = \"slurm\"");
    out_.line("oversubscribe = true");
    if (usesGpuOption()) out_.line("gpu_flag = \"gpus-per-node\"");
    accounts();
    std::map<std::string, int64_t> licences;
    std::set<std::string> partitions;
    for (const Node& node : plan_.nodes) {
      partitions.insert(node.wants.partition);
      for (const auto& [name, count] : node.wants.licences)
        licences[name] = std::max(licences[name], count);
    }
    partitions.erase("");
    for (const std::string& name : partitions) out_.line("\n[partitions.{}]", key(name));
    if (!licences.empty()) out_.line("\n[licences]");
    for (const auto& [name, count] : licences) out_.line("{} = {}", key(name), count);
    return out_.take();
  }

 private:
  static std::string key(StringRef name) {
    bool isBare =
        llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-'; });
    return isBare ? name.str() : "\"" + name.str() + "\"";
  }

  void task(const Node& node) {
    out_.line();
    out_.line("/// {}", node.job.script->path.substr(node.job.script->path.rfind('/') + 1).str());
    std::string parameter = node.indices ? kIndexName.str() + ": Int" : "";
    out_.line("task {}({}) {{", node.name, parameter);
    out_.line("  needs {}", needsText(node.wants, hasManyAccounts_ && !node.wants.account.empty()));
    out_.line("  bash \"\"\"");
    for (const std::string& line : node.before) out_.raw("    " + line);
    llvm::SmallVector<StringRef> lines;
    StringRef(node.body).rtrim("\n").split(lines, '\n');
    for (StringRef line : lines) out_.raw(line.empty() ? "" : "    " + withoutHoles(line));
    out_.line("  \"\"\"");
    out_.line("}}");
  }

  void call(const Node& node) {
    std::string line = "  ";
    if (node.indices) line += fmt::format("for n in {} {{ ", setText(*node.indices));
    line += fmt::format("{}({})", node.name, node.indices ? kIndexName.str() + ": n" : "");
    if (node.indices && node.indices->limit > 0)
      line += fmt::format("  limit {}", node.indices->limit);
    std::vector<std::string> waits;
    for (const Node::After& after : node.after) {
      const Node& other = plan_.nodes[after.node];
      waits.push_back(fmt::format("{}{}{}", after.how == Node::After::Ended ? "ended " : "",
                                  other.name,
                                  !other.indices                        ? ""
                                  : after.how == Node::After::SameIndex ? "[n]"
                                                                        : "[*]"));
    }
    if (!waits.empty()) line += fmt::format("  after {}", fmt::join(waits, ", "));
    if (node.indices) line += " }";
    out_.raw(line);
  }

  static std::string setText(const Indices& indices) {
    if (indices.runs.size() == 1 && indices.runs[0].first < indices.runs[0].last) {
      const Indices::Run& run = indices.runs[0];
      return fmt::format("{} .. {}{}", run.first, run.last,
                         run.step > 1 ? fmt::format(" step {}", run.step) : "");
    }
    return fmt::format("[{}]", fmt::join(indices.all(), ", "));
  }

  bool usesGpuOption() const {
    return std::any_of(plan_.nodes.begin(), plan_.nodes.end(), [](const Node& node) {
      return !node.wants.gpus.empty() && !node.job.find("gres");
    });
  }

  void accounts() {
    std::set<std::string> names;
    for (const Node& node : plan_.nodes)
      if (!node.wants.account.empty()) names.insert(node.wants.account);
    if (names.empty()) return;
    std::vector<std::string> entries;
    for (const std::string& name : names)
      entries.push_back(fmt::format("{} = \"{}\"", hasManyAccounts_ ? key(name) : "default", name));
    out_.line("accounts = {{ {} }}", fmt::join(entries, ", "));
  }

  const Plan& plan_;
  bool hasManyAccounts_ = false;
  base::Writer out_;
};

class Comparison {
 public:
  Comparison(const Plan& plan, const ir::Module& module, const target::Artifacts& artifacts)
      : plan_(plan), module_(module), artifacts_(artifacts) {}

  std::vector<target::Difference> run() {
    for (uint32_t n = 0; n < module_.families.size(); ++n) familyOf_[module_.families[n].name] = n;
    if (module_.families.size() != plan_.nodes.size())
      add({}, fmt::format("{} jobs instead of {}", module_.families.size(), plan_.nodes.size()));
    for (const Node& node : plan_.nodes) {
      auto known = familyOf_.find(node.name);
      if (known == familyOf_.end())
        add(node.at, fmt::format("`{}` is missing", node.name));
      else
        one(node, module_.families[known->second]);
    }
    return std::move(found_);
  }

 private:
  void add(source::Range at, std::string what) { found_.push_back({at, std::move(what)}); }

  void one(const Node& node, const ir::Family& family) {
    script(node);
    indices(node, family);
    order(node, family);
  }

  void script(const Node& node) {
    std::string path = fmt::format("jobs/{}.sbatch", target::fileName(node.name));
    auto artifact = std::find_if(artifacts_.begin(), artifacts_.end(),
                                 [&](const target::Artifact& one) { return one.path == path; });
    if (artifact == artifacts_.end())
      return add(node.at, fmt::format("`{}` has no script", node.name));
    source::Sources sources;
    Script built = readScript(sources, sources.add(path, artifact->text));
    // Of a script that was built, only the needs are looked at.
    std::erase_if(built.given, [](const Given& one) {
      return one.option && (one.option->name == "requeue" || one.option->name == "signal");
    });
    std::vector<Refusal> refusals;
    Wants wants = wantsOf({&built}, refusals);
    for (const std::string& difference : differences(node.wants, wants))
      add(node.at, fmt::format("`{}` has {}", node.name, difference));
    for (const Refusal& refusal : refusals)
      add(node.at, fmt::format("`{}` has {}", node.name, refusal.what));
    std::string body = StringRef(node.body).rtrim("\n").str();
    if (artifact->text.find("\n" + body + "\n") == std::string::npos)
      add(node.at, fmt::format("the body of `{}` is another one", node.name));
  }

  void indices(const Node& node, const ir::Family& family) {
    std::vector<int64_t> wanted, got;
    if (node.indices) wanted = node.indices->all();
    int64_t limit = 0;
    for (ir::LoopId loop : family.loops) {
      ir::SpaceId space = module_[loop].space;
      for (uint64_t n = 0; n < ir::sizeOf(module_, space); ++n)
        got.push_back(ir::elementAt(module_, space, n).i);
    }
    for (const ir::Limit& one : module_.limits)
      for (ir::FamilyId id : one.families)
        if (&module_[id] == &family) limit = one.count;
    if (got != wanted) add(node.at, fmt::format("`{}` has other indices", node.name));
    if (limit != (node.indices ? node.indices->limit : 0))
      add(node.at, fmt::format("of `{}` run {} at once", node.name, limit));
  }

  void order(const Node& node, const ir::Family& family) {
    std::vector<Node::After> got;
    for (ir::RefId id : family.afters) {
      const ir::Ref& ref = module_[id];
      for (ir::FamilyId producer : ref.families) {
        Node::After after;
        auto known = std::find_if(plan_.nodes.begin(), plan_.nodes.end(), [&](const Node& one) {
          return one.name == module_[producer].name;
        });
        after.node = static_cast<size_t>(known - plan_.nodes.begin());
        bool isOne = !ref.indices.empty() && ref.indices[0].kind != ir::IndexPattern::All;
        after.how = ref.demand == ir::Demand::Ended ? Node::After::Ended
                    : isOne                         ? Node::After::SameIndex
                                                    : Node::After::Ok;
        got.push_back(after);
      }
    }
    if (!std::is_permutation(got.begin(), got.end(), node.after.begin(), node.after.end()))
      add(node.at, fmt::format("`{}` waits for others", node.name));
  }

  const Plan& plan_;
  const ir::Module& module_;
  const target::Artifacts& artifacts_;
  std::map<std::string, uint32_t> familyOf_;
  std::vector<target::Difference> found_;
};

std::string counted(size_t count, StringRef what) {
  return fmt::format("{} {}{}", count, what.str(), count == 1 ? "" : "s");
}

}  // namespace

std::optional<target::Imported> Scripts::import(const target::Reading& reading) const {
  Library library(reading);
  std::vector<Chain> chains;
  Plan plan = planOf(reading, library, chains);
  for (const Refusal& refusal : plan.refusals)
    reading.emitter.report(refusal.at,
                           diag::CannotImport{.what = refusal.what, .why = refusal.why});
  if (!plan.refusals.empty()) return std::nullopt;
  size_t jobs = 0, orders = 0;
  for (const Node& node : plan.nodes) {
    for (const Given* given : leftOut(node.job))
      reading.emitter.report(given->at, diag::LeftOutOfImport{.option = given->option->name.str()});
    jobs += node.indices ? static_cast<size_t>(node.indices->count()) : 1;
    orders += node.after.size();
  }
  return target::Imported{
      FlowWriter(plan).flow(), FlowWriter(plan).site(),
      fmt::format("{} in {}, {}", counted(jobs, "job"), counted(plan.nodes.size(), "task"),
                  orders == 1 ? "1 dependency" : fmt::format("{} dependencies", orders))};
}

std::vector<target::Difference> Scripts::compare(const target::Reading& reading,
                                                 const ir::Module& module,
                                                 const target::Artifacts& artifacts) const {
  Library library(reading);
  std::vector<Chain> chains;
  Plan plan = planOf(reading, library, chains);
  return Comparison(plan, module, artifacts).run();
}

}  // namespace wfc::targets::slurm::foreign
