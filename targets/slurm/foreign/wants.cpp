// From options to needs.
#include "targets/slurm/foreign/wants.h"

#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/features.h"
#include "compiler/site/placeholder.h"
#include "compiler/site/quantity.h"
#include "compiler/target/text/flow.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;

namespace {

/// What becomes a need, an order or a part of the body.
constexpr StringRef kCarried =
    " partition qos account nodes ntasks ntasks-per-node tasks-per-node cpus-per-task mem "
    "mem-per-cpu mem-per-gpu gres gpus gpus-per-node gpus-per-task time exclusive licenses "
    "constraint array tmp dependency chdir export wrap ";
/// What a run does in its own way, and nobody misses.
constexpr StringRef kQuiet =
    " parsable no-requeue verbose quiet open-mode comment job-name kill-on-invalid-dep ignore-pbs ";
constexpr StringRef kLeft = " output error mail-type mail-user ";

/// As it stands behind `of`: a name, or a text where it is none. Empty: neither.
std::string sortText(StringRef sort) {
  bool isName = !sort.empty() && !llvm::isDigit(sort.front()) &&
                llvm::all_of(sort, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  if (isName) return sort.str();
  bool isText = !sort.empty() && sort.find_first_of("\"\\{") == StringRef::npos;
  return isText ? fmt::format("\"{}\"", sort.str()) : "";
}

class Reader {
 public:
  Reader(const Job& job, std::vector<Refusal>& refusals) : job_(job), refusals_(refusals) {}

  Wants run() {
    for (const Given& given : job_.script->given) known(given);
    if (job_.onLine)
      for (const Given& given : *job_.onLine) known(given);
    names();
    sizes();
    gpus();
    memory();
    time();
    return std::move(wants_);
  }

 private:
  void refuse(const Given& given, std::string why) {
    refusals_.push_back({given.at, fmt::format("`{}`", shown(given)), std::move(why)});
  }

  static std::string shown(const Given& given) {
    std::string name = given.option ? "--" + given.option->name.str() : optionText(given);
    bool isPlain = StringRef(given.value).find_first_of("\1\2\3") == StringRef::npos;
    return given.hasValue && isPlain ? fmt::format("{}={}", name, given.value) : name;
  }

  void known(const Given& given) {
    if (given.fault != Given::None) return refuse(given, "sbatch does not take it");
    StringRef name = given.option->name;
    if (!isAmong(kCarried, name) && !isAmong(kQuiet, name) && !isAmong(kLeft, name))
      return refuse(given, "a flow has no such need");
    bool isFree = isAmong(kQuiet, name) || isAmong(kLeft, name) || name == "dependency" ||
                  name == "wrap" || name == "export" || name == "chdir";
    if (isFree) return;
    if (StringRef(given.value).find_first_of("$\1\2\3`") != StringRef::npos)
      refuse(given, "its value is known only when it is submitted");
    else if (std::string why = whyWrong(*given.option, given.value); given.hasValue && !why.empty())
      refuse(given, why);
  }

  void names() {
    wants_.partition = job_.value("partition");
    wants_.qos = job_.value("qos");
    wants_.account = job_.value("account");
    for (StringRef name : {"partition", "qos", "account"})
      if (const Given* given = job_.find(name); given && site::isPlaceholder(given->value))
        refuse(*given, "it was meant to be replaced");
    if (StringRef(wants_.partition).contains(','))
      refuse(*job_.find("partition"), "a task goes to one partition");
    llvm::SmallVector<StringRef> licences;
    StringRef(job_.find("licenses") ? job_.find("licenses")->value : "")
        .split(licences, ',', -1, false);
    for (StringRef licence : licences) {
      auto [name, count] = licence.rsplit(':');
      std::optional<int64_t> number = licence.contains(':') ? readNumber(count) : 1;
      StringRef called = licence.contains(':') ? name : licence;
      if (!number || sortText(called).empty())
        refuse(*job_.find("licenses"), "it names no licence and how many");
      else
        wants_.licences.emplace_back(called.str(), *number);
    }
    std::sort(wants_.licences.begin(), wants_.licences.end());
    if (const Given* given = job_.find("exclusive")) {
      wants_.exclusive = true;
      if (given->hasValue) refuse(*given, "a task has nodes for itself or not");
    }
    if (const Given* given = job_.find("constraint")) {
      auto features = ir::featuresIn(given->value);
      if (!features) refuse(*given, "it says more than which features nodes have");
      wants_.features = features.value_or(wants_.features);
    }
    if (const Given* given = job_.find("tmp")) wants_.disk = readMemory(given->value).value_or(0);
  }

  void sizes() {
    const Given* nodes = job_.find("nodes");
    std::optional<Range64> range = nodes ? readNodes(nodes->value) : Range64{1, 1};
    if (range && range->least != range->most) refuse(*nodes, "a task has a fixed number of nodes");
    wants_.nodes = range ? range->least : 1;
    std::optional<int64_t> each = job_.tasksPerNode(), all = job_.number("ntasks");
    wants_.tasks = all ? *all : wants_.nodes * each.value_or(1);
    wants_.cpus = job_.number("cpus-per-task").value_or(1);
    const Given* tasks = job_.find("ntasks");
    if (!nodes && tasks && wants_.tasks > 1)
      refuse(*tasks, "on how many nodes is left to the scheduler; say it with `--nodes`");
    if (tasks && each && wants_.tasks != wants_.nodes * *each)
      refuse(*tasks, "the nodes have different numbers of tasks");
  }

  int64_t tasksOnNode() const {
    return std::max<int64_t>(1, wants_.tasks / std::max<int64_t>(1, wants_.nodes));
  }

  void gpus() {
    if (const Given* given = job_.find("gres")) {
      GresList list = readGres(given->value);
      llvm::SmallVector<StringRef> parts;
      StringRef(given->value).split(parts, ',');
      if (parts.size() != list.gpus.size() && given->value != "none")
        refuse(*given, "of generic resources a flow knows GPUs alone");
      wants_.gpus = list.gpus;
    }
    for (StringRef name : {"gpus-per-node", "gpus-per-task", "gpus"}) {
      const Given* given = job_.find(name);
      std::optional<Gpu> gpu = given ? readGpus(given->value) : std::nullopt;
      if (!gpu) continue;
      if (name == "gpus-per-task") gpu->count *= tasksOnNode();
      if (name == "gpus" && wants_.nodes > 1) {
        refuse(*given, "GPUs are asked for each node; say it with `--gpus-per-node`");
        continue;
      }
      if (wants_.gpus.empty()) wants_.gpus.push_back(*gpu);
    }
    std::erase_if(wants_.gpus, [](const Gpu& gpu) { return gpu.count == 0; });
    std::sort(wants_.gpus.begin(), wants_.gpus.end(),
              [](const Gpu& a, const Gpu& b) { return a.model < b.model; });
  }

  void memory() {
    int64_t times = 1;
    const Given* given = job_.find("mem");
    if (!given && (given = job_.find("mem-per-cpu")) != nullptr)
      times = wants_.cpus * std::min<int64_t>(tasksOnNode(), 1 << 30);
    if (!given && (given = job_.find("mem-per-gpu")) != nullptr) {
      times = 0;
      for (const Gpu& gpu : wants_.gpus) times += gpu.count;
    }
    if (!given) return missing("--mem", "what a job gets without it is a setting of the cluster");
    bool isTooMuch =
        __builtin_mul_overflow(readMemory(given->value).value_or(0), times, &wants_.memory);
    if (wants_.memory == 0 || isTooMuch) refuse(*given, "a task says how much memory it needs");
  }

  void time() {
    const Given* given = job_.find("time");
    if (!given)
      return missing("--time", "what a job gets without it is a setting of the partition");
    wants_.timeMs = readTime(given->value).value_or(0);
    if (wants_.timeMs == 0) refuse(*given, "a task has an end");
  }

  void missing(StringRef option, StringRef why) {
    const Script& script = *job_.script;
    refusals_.push_back({script.directives.empty() ? script.range(0, 0) : script.directives.back(),
                         fmt::format("a job without `{}`", option.str()), why.str()});
  }

  const Job& job_;
  std::vector<Refusal>& refusals_;
  Wants wants_;
};

std::string countText(const Gpu& gpu) {
  std::string count = fmt::format("{}", gpu.count);
  return gpu.model.empty() ? count : fmt::format("{} of {}", count, sortText(gpu.model));
}

std::string gpuText(const std::vector<Gpu>& gpus) {
  std::string text;
  for (const Gpu& gpu : gpus) text += fmt::format("{}{}", text.empty() ? "" : ", ", countText(gpu));
  return text.empty() ? "none" : text;
}

std::string licenceText(const Wants& wants) {
  std::string text;
  for (const auto& [name, count] : wants.licences)
    text += fmt::format("{}{} of {}", text.empty() ? "" : ", ", count, name);
  return text.empty() ? "none" : text;
}

}  // namespace

Wants wantsOf(const Job& job, std::vector<Refusal>& refusals) {
  return Reader(job, refusals).run();
}

std::vector<const Given*> leftOut(const Job& job) {
  std::vector<const Given*> left;
  auto look = [&](const std::vector<Given>& all) {
    for (const Given& given : all)
      if (given.option && isAmong(kLeft, given.option->name)) left.push_back(&given);
  };
  look(job.script->given);
  if (job.onLine) look(*job.onLine);
  return left;
}

std::string needsText(const Wants& wants, bool saysAccount) {
  std::vector<std::string> needs;
  if (wants.nodes > 1) needs.push_back(fmt::format("nodes {}", wants.nodes));
  if (wants.tasks > wants.nodes || (wants.tasks > 1 && wants.nodes == 1))
    needs.push_back(fmt::format("tasks {}", wants.tasks));
  needs.push_back(fmt::format("cpus {}", wants.cpus));
  for (const Gpu& gpu : wants.gpus) needs.push_back("gpus " + countText(gpu));
  needs.push_back(fmt::format("memory {}", site::bytesText(wants.memory)));
  needs.push_back(fmt::format("time {}", target::flowDuration(wants.timeMs)));
  if (wants.disk > 0) needs.push_back(fmt::format("disk {}", site::bytesText(wants.disk)));
  for (const auto& [name, count] : wants.licences)
    needs.push_back(fmt::format("licences {} of {}", count, sortText(name)));
  for (const std::string& feature : wants.features)
    needs.push_back(fmt::format("feature \"{}\"", feature));
  if (wants.exclusive) needs.emplace_back("exclusive");
  if (!wants.partition.empty()) needs.push_back(fmt::format("partition \"{}\"", wants.partition));
  if (!wants.qos.empty()) needs.push_back(fmt::format("qos \"{}\"", wants.qos));
  if (saysAccount) needs.push_back(fmt::format("account \"{}\"", wants.account));
  return fmt::format("{}", fmt::join(needs, ", "));
}

std::vector<std::string> differences(const Wants& original, const Wants& built) {
  std::vector<std::string> found;
  auto compare = [&](StringRef what, const std::string& one, const std::string& other) {
    if (one != other)
      found.push_back(fmt::format("{} {} instead of {}", what.str(), other.empty() ? "none" : other,
                                  one.empty() ? "none" : one));
  };
  auto count = [&](StringRef what, int64_t one, int64_t other) {
    compare(what, fmt::format("{}", one), fmt::format("{}", other));
  };
  compare("partition", original.partition, built.partition);
  compare("QOS", original.qos, built.qos);
  count("nodes", original.nodes, built.nodes);
  count("tasks", original.tasks, built.tasks);
  count("cpus of a task", original.cpus, built.cpus);
  // Sizes are rounded up to MiB.
  auto mib = [](int64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; };
  count("MiB of memory", mib(original.memory), mib(built.memory));
  count("MiB of disk", mib(original.disk), mib(built.disk));
  compare("time", target::flowDuration(original.timeMs), target::flowDuration(built.timeMs));
  compare("GPUs", gpuText(original.gpus), gpuText(built.gpus));
  compare("licences", licenceText(original), licenceText(built));
  compare("features", ir::conditionOf(original.features), ir::conditionOf(built.features));
  compare("exclusive", original.exclusive ? "yes" : "no", built.exclusive ? "yes" : "no");
  return found;
}

}  // namespace wfc::targets::slurm::foreign
