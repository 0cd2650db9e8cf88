// Needs to options of sbatch: long options, MiB, D-HH:MM:SS.
#include "targets/slurm/directives.h"

#include <algorithm>

#include "fmt/format.h"

#include "compiler/ir/planned.h"

#include "targets/slurm/steps.h"

namespace wfc::targets::slurm {

namespace {

constexpr int64_t kMiB = 1 << 20;

class Writer {
 public:
  Writer(const ir::Module& module, const ir::Family& family, const ir::Placement& placement)
      : module_(module), family_(family), task_(module[family.task]), placement_(placement) {}

  Directives all() {
    option("--job-name", fmt::format("{}.{}", module_.flow, family_.name));
    if (!placement_.partition.empty()) option("--partition", placement_.partition);
    if (!placement_.qos.empty()) option("--qos", placement_.qos);
    sizes();
    gpus();
    memory();
    time();
    std::string licences = licenceList();
    if (!licences.empty()) option("--licenses", licences);
    amount("disk", "--tmp",
           [](int64_t bytes) { return fmt::format("{}M", (bytes + kMiB - 1) / kMiB); });
    // The body requeues its own id: for another attempt, or for the next slice.
    bool requeues = !task_.retries.empty() || task_.resume.output >= 0;
    flag(requeues ? "--requeue" : "--no-requeue");
    option("--open-mode", "append");
    return std::move(result_);
  }

 private:
  void option(const char* name, const std::string& value) {
    result_.options.push_back(fmt::format("{}={}", name, value));
  }
  void flag(const char* name) { result_.options.push_back(name); }

  /// A need as a number; nullopt if it is not asked for. One that varies goes to the command line.
  template <class Text>
  void amount(const std::string& key, const char* name, Text text) {
    auto it = placement_.notes.find(key);
    if (it == placement_.notes.end()) return;
    int64_t value = 0;
    if (it->second == "varies" || llvm::StringRef(it->second).getAsInteger(10, value))
      result_.onCommandLine.push_back(name);
    else
      option(name, text(value));
  }

  void sizes() {
    auto plain = [](int64_t count) { return fmt::format("{}", count); };
    bool hasNodes = placement_.notes.contains("nodes"),
         hasTasks = placement_.notes.contains("tasks");
    if (hasNodes)
      amount("nodes", "--nodes", plain);
    else
      option("--nodes", "1");
    if (hasTasks)
      amount("tasks", "--ntasks", plain);
    else if (hasNodes)
      option("--ntasks-per-node", "1");
    else
      option("--ntasks", "1");
    amount("cpus", "--cpus-per-task", plain);
    if (placement_.notes.contains("exclusive")) flag("--exclusive");
    if (auto feature = placement_.notes.find("feature"); feature != placement_.notes.end())
      option("--constraint", feature->second);
  }

  void gpus() {
    bool isPerNode = ir::fact(module_, "gpu_flag") == "gpus-per-node";
    const char* name = isPerNode ? "--gpus-per-node" : "--gres";
    std::string list;
    for (const auto& [key, note] : placement_.notes) {
      if (!llvm::StringRef(key).starts_with("gpus.") || note == "0") continue;
      if (note == "varies") return result_.onCommandLine.push_back(name);
      std::string model = key.substr(5);
      list += fmt::format("{}{}{}{}", list.empty() ? "" : ",",
                          isPerNode ? "" : "gpu:", model.empty() ? "" : model + ":", note);
    }
    if (!list.empty()) option(name, list);
  }

  void memory() {
    amount("memory", "--mem",
           [](int64_t bytes) { return fmt::format("{}M", (bytes + kMiB - 1) / kMiB); });
  }

  /// The need plus the site's margin, capped by the partition; at the cap the wrapper ends that
  /// much earlier.
  void time() {
    int64_t margin = ir::factNumber(module_, "margin_ms", 0);
    int64_t most = ir::factNumber(
        module_, fmt::format("partition.{}.walltime_ms", placement_.partition), INT64_MAX);
    amount("time", "--time", [&](int64_t need) { return timeText(std::min(need + margin, most)); });
    int64_t lead = task_.resume.output >= 0 ? task_.resume.leadMs : 0;
    if (lead > 0) option("--signal", fmt::format("B:USR1@{}", (lead + margin + 999) / 1000));
  }

  std::string licenceList() {
    std::string list;
    for (const auto& [key, note] : placement_.notes) {
      if (!llvm::StringRef(key).starts_with("licence.") || note == "0") continue;
      if (note == "varies") {
        result_.onCommandLine.push_back("--licenses");
        return {};
      }
      list += fmt::format("{}{}:{}", list.empty() ? "" : ",", key.substr(8), note);
    }
    return list;
  }

  const ir::Module& module_;
  const ir::Family& family_;
  const ir::Task& task_;
  const ir::Placement& placement_;
  Directives result_;
};

}  // namespace

Directives directivesOf(const ir::Module& module, const ir::Family& family,
                        const ir::Placement& placement) {
  return Writer(module, family, placement).all();
}

std::vector<std::string> poolDirectives(const ir::Module& module, const ir::Pool& pool) {
  ir::Family whole;
  whole.name = pool.name;
  whole.task = pool.task;
  Directives directives = directivesOf(module, whole, pool.placement);
  std::vector<std::string> options;
  for (std::string& option : directives.options) {
    llvm::StringRef text(option);
    // The job ends with its work, or when SLURM ends it; another takes its place.
    if (text == "--requeue" || text.starts_with("--ntasks")) continue;
    options.push_back(std::move(option));
  }
  options.emplace_back("--ntasks-per-node=1");
  bool isPart = pool.placement.notes.contains("cpus") || pool.placement.notes.contains("memory");
  if (!isPart && !pool.placement.notes.contains("exclusive")) options.emplace_back("--exclusive");
  if (!pool.placement.notes.contains("memory")) options.emplace_back("--mem=0");
  // A node that fails does not end the others.
  options.emplace_back("--no-kill");
  if (std::find(options.begin(), options.end(), "--no-requeue") == options.end())
    options.emplace_back("--no-requeue");
  return options;
}

std::string timeText(int64_t milliseconds) {
  int64_t seconds = (milliseconds + 999) / 1000;
  return fmt::format("{}-{:02}:{:02}:{:02}", seconds / 86400, seconds / 3600 % 24,
                     seconds / 60 % 60, seconds % 60);
}

}  // namespace wfc::targets::slurm
