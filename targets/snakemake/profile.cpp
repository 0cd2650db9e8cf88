// profiles/default/config.yaml: how to go on after a failure, and the site: what one machine has,
// or where SLURM shall run each rule. Resources in the rules are amounts; names of partitions stand
// here.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/base/writer.h"
#include "compiler/ir/planned.h"

#include "targets/snakemake/rules.h"

namespace wfc::targets::snakemake {

namespace {

/// So many jobs in SLURM's queue where the site says nothing.
constexpr int64_t kUsualJobs = 500;

/// The site's facts that are numbers, summed over its partitions: nodes times what a node has.
int64_t siteTotal(const ir::Module& module, llvm::StringRef what) {
  int64_t total = 0;
  for (const auto& [key, text] : module.siteFacts) {
    llvm::StringRef name = key;
    if (!name.consume_front("partition.")) continue;
    auto [partition, rest] = name.split('.');
    int64_t amount = 0, nodes = 1;
    bool isIt = rest == what || (what == "gpus" && rest.starts_with("gpus."));
    if (!isIt || llvm::StringRef(text).getAsInteger(10, amount)) continue;
    nodes = ir::factNumber(module, fmt::format("partition.{}.nodes", partition.str()), 1);
    total += amount * (what == "nodes" ? 1 : nodes);
  }
  return total;
}

class Profile {
 public:
  Profile(const run::Plan& plan, const std::vector<Shape>& shapes)
      : plan_(plan), module_(plan.module()), shapes_(shapes) {}

  std::string text() {
    bool isSlurm = ir::fact(module_, "scheduler") == "slurm";
    out_.line("# The site `{}`, for `snakemake` in this folder; the Snakefile holds nothing of it.",
              module_.site);
    out_.raw("# What is done says the ledger of the run, so the times of markers mean nothing.");
    if (isSlurm)
      executor();
    else
      cores();
    out_.raw("keep-going: true");
    out_.raw("rerun-incomplete: true");
    out_.raw("rerun-triggers: [code]");
    out_.raw("retries: 0");
    totals(isSlurm);
    if (isSlurm) setResources();
    return out_.take();
  }

 private:
  void cores() {
    int64_t cores = siteTotal(module_, "cores");
    out_.line("cores: {}", cores > 0 ? fmt::format("{}", cores) : "all");
  }

  /// `wfr start` adds the account, which belongs to the run. What is to be tried again decides the
  /// ledger, so a job is never requeued.
  void executor() {
    int64_t most = ir::factNumber(module_, "limit.submit");
    out_.raw("executor: slurm");
    out_.line("jobs: {}", most > 0 ? std::max<int64_t>(1, most - 4) : kUsualJobs);
    out_.raw("latency-wait: 60");
    out_.raw("slurm-no-requeue: true");
    // The plugin does not understand sacct's `CANCELLED by …`, and would wait for such a job.
    out_.raw("slurm-status-command: squeue");
    if (!module_.siteFacts.contains("account")) out_.raw("slurm-no-account: true");
  }

  /// Amounts that are shared: of the machine, and of the flow's limits.
  void totals(bool isSlurm) {
    std::vector<std::string> resources;
    auto add = [&](const std::string& name, int64_t amount) {
      if (amount > 0) resources.push_back(fmt::format("{}: {}", name, amount));
    };
    if (!isSlurm) {
      add("mem_mb", siteTotal(module_, "memory") >> 20);
      add("gpu", siteTotal(module_, "gpus"));
      add("nodes", siteTotal(module_, "nodes"));
      for (const auto& [key, text] : module_.siteFacts)
        if (llvm::StringRef(key).starts_with("licence."))
          add("licence_" + key.substr(8), ir::factNumber(module_, key));
      add("disk_mb", ir::factNumber(module_, "local_disk.bytes") >> 20);
    }
    for (size_t n = 0; n < module_.limits.size(); ++n)
      add(fmt::format("limit_{}", n + 1), module_.limits[n].count);
    list("resources", resources);
  }

  void list(const char* name, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    out_.line("{}:", name);
    auto indent = out_.indent();
    for (const std::string& line : lines) out_.raw(line);
  }

  void setResources() {
    out_.raw("set-resources:");
    auto indent = out_.indent();
    for (const ir::Placement& placement : module_.placements) {
      const Shape& shape = shapes_[placement.family.index()];
      if (shape.isRule) list(shape.rule.c_str(), ofRule(placement));
    }
  }

  /// A rule's place in SLURM, and what its plugin has no word for.
  std::vector<std::string> ofRule(const ir::Placement& placement) const {
    std::vector<std::string> lines;
    if (!placement.partition.empty())
      lines.push_back(fmt::format("slurm_partition: {}", placement.partition));
    if (!placement.qos.empty()) lines.push_back(fmt::format("qos: {}", placement.qos));
    auto note = [&](const char* key) {
      int64_t amount = 0;
      auto found = placement.notes.find(key);
      if (found != placement.notes.end())
        (void)llvm::StringRef(found->second).getAsInteger(10, amount);
      return amount;
    };
    if (int64_t tasks = note("tasks"); tasks > 1) {
      lines.push_back(fmt::format("tasks: {}", tasks));
      lines.push_back(fmt::format("cpus_per_task: {}", std::max<int64_t>(1, note("cpus"))));
    }
    std::string extra, licences;
    if (int64_t disk = note("disk"); disk > 0)
      extra = fmt::format("--tmp={}M", (disk + (1 << 20) - 1) >> 20);
    for (const auto& [key, amount] : placement.notes)
      if (llvm::StringRef(key).starts_with("licence."))
        licences += fmt::format("{}{}:{}", licences.empty() ? "" : ",", key.substr(8), amount);
    if (!licences.empty())
      extra += fmt::format("{}--licenses={}", extra.empty() ? "" : " ", licences);
    if (!extra.empty()) lines.push_back(fmt::format("slurm_extra: \"{}\"", extra));
    // A word of the plugin's own, which quotes it and refuses it among the extra ones.
    if (auto feature = placement.notes.find("feature"); feature != placement.notes.end())
      lines.push_back(fmt::format("constraint: \"{}\"", feature->second));
    return lines;
  }

  const run::Plan& plan_;
  const ir::Module& module_;
  const std::vector<Shape>& shapes_;
  base::Writer out_{2};
};

}  // namespace

std::string profileText(const run::Plan& plan, const std::vector<Shape>& shapes) {
  return Profile(plan, shapes).text();
}

}  // namespace wfc::targets::snakemake
