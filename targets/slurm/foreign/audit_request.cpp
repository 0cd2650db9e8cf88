// What a job asks for: options against each other, and against the site.
#include <map>
#include <set>

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/audit.h"
#include "compiler/site/quantity.h"

#include "targets/slurm/foreign/job.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;
using source::Range;

namespace {

std::string counted(int64_t count, StringRef what) {
  return fmt::format("{} {}{}", count, what.str(), count == 1 ? "" : "s");
}

class RequestAudit {
 public:
  RequestAudit(const Job& job, size_t component, diag::Emitter& emitter)
      : job_(job), component_(component), emitter_(emitter) {}

  void run() {
    twice();
    exclude("mem", "mem-per-cpu");
    exclude("mem", "mem-per-gpu");
    exclude("mem-per-cpu", "mem-per-gpu");
    tasks();
    const Given* each = find("gpus-per-task");
    // Nodes and what is on each of them say how many there are, too.
    bool isReckoned = find("nodes") &&
                      (find("ntasks-per-node") || find("tasks-per-node") || find("gpus-per-node"));
    if (each && !find("ntasks") && !find("gpus") && !isReckoned)
      emitter_.report(each->at, diag::GpusForNoTasks{});
    bool isWhole = job_.script->templated.empty() && !job_.script->directives.empty();
    if (component_ == 0 && !find("time") && isWhole)
      emitter_.report(job_.script->directives.front(), diag::NoWalltime{});
  }

 private:
  const Given* find(StringRef option) const { return job_.find(option, component_); }

  /// The same option with two values in the script itself.
  void twice() {
    std::map<StringRef, const Given*> first;
    for (const Given& given : job_.script->given) {
      if (!given.option || given.fault != Given::None || given.component != component_) continue;
      if (given.option->name == "mail-type") continue;  // these add up
      // `--no-requeue` and `--requeue` are one question.
      StringRef name = given.option->name == "no-requeue" ? "requeue" : given.option->name;
      auto [known, isNew] = first.try_emplace(name, &given);
      if (isNew) continue;
      bool isSame = known->second->value == given.value && known->second->option == given.option;
      if (!isSame)
        emitter_.report(given.at, diag::OptionGivenTwice{.option = given.option->name.str(),
                                                         .firstAt = known->second->at});
      known->second = &given;
    }
  }

  void exclude(StringRef one, StringRef other) {
    const Given *first = find(one), *second = find(other);
    if (!first || !second) return;
    if (first->at.begin > second->at.begin) std::swap(first, second);
    emitter_.report(second->at, diag::OptionsAgainstEachOther{.one = second->option->name.str(),
                                                              .other = first->option->name.str(),
                                                              .otherAt = first->at});
  }

  void tasks() {
    const Given* all = find("ntasks");
    std::optional<int64_t> count = job_.number("ntasks", component_),
                           each = job_.tasksPerNode(component_);
    const Given* nodesGiven = find("nodes");
    std::optional<Range64> nodes = nodesGiven ? readNodes(nodesGiven->value) : std::nullopt;
    if (!all || !count || !nodes || nodes->least <= 0) return;
    const Given* eachGiven =
        find("ntasks-per-node") ? find("ntasks-per-node") : find("tasks-per-node");
    if (each && *count > nodes->most * *each)
      emitter_.report(all->at, diag::MoreTasksThanPlaces{.tasks = fmt::format("{}", *count),
                                                         .nodes = counted(nodes->most, "node"),
                                                         .each = fmt::format("{}", *each),
                                                         .eachAt = eachGiven->at});
    else if (each && *count < nodes->least * *each && *count >= nodes->least)
      emitter_.report(all->at,
                      diag::FewerTasksThanPlaces{.tasks = fmt::format("{}", *count),
                                                 .room = fmt::format("{}", nodes->least * *each),
                                                 .eachAt = eachGiven->at});
    else if (*count < nodes->least)
      emitter_.report(nodesGiven->at,
                      diag::NodesWithoutTasks{.nodes = fmt::format("{}", nodes->least),
                                              .tasks = counted(*count, "task")});
  }

  const Job& job_;
  size_t component_;
  diag::Emitter& emitter_;
};

class SiteAudit {
 public:
  SiteAudit(const Job& job, size_t component, const site::Site& site, diag::Emitter& emitter)
      : job_(job), component_(component), site_(site), emitter_(emitter) {}

  void run() {
    array();
    std::vector<const site::Partition*> partitions = named();
    // Of several, the job goes where it fits: only what fits nowhere is wrong, and where that is
    // depends on all needs together. One is the common case.
    if (partitions.size() != 1) return;
    const site::Partition& partition = *partitions.front();
    qos(partition);
    time(partition);
    sizes(partition);
    memory(partition);
    gpus(partition);
  }

 private:
  const Given* find(StringRef option) const { return job_.find(option, component_); }

  std::vector<const site::Partition*> named() {
    std::vector<const site::Partition*> found;
    const Given* given = find("partition");
    llvm::SmallVector<StringRef> names;
    if (given) StringRef(given->value).split(names, ',', -1, false);
    if (!given && !site_.defaultPartition.text.empty())
      names.push_back(site_.defaultPartition.text);
    for (StringRef name : names) {
      if (name.contains('$') || name.contains(ir::kHoleByte)) continue;
      if (const site::Partition* partition = site_.partition(name))
        found.push_back(partition);
      else if (given)
        unknown(*given, name, names.size() == 1);
    }
    return found;
  }

  void unknown(const Given& given, StringRef name, bool isAlone) {
    std::vector<std::string> all;
    for (const site::Partition& partition : site_.partitions) all.push_back(partition.name);
    std::optional<std::string_view> near =
        base::suggest(std::string_view(name), std::span<const std::string>(all));
    std::optional<diag::Fix> fix;
    if (near && isAlone) fix = diag::Fix{given.valueAt, std::string(*near)};
    emitter_.report(
        given.valueAt,
        diag::PartitionNotThere{.site = site_.name,
                                .partition = name.str(),
                                .hint = near ? fmt::format("did you mean `{}`?", *near)
                                             : fmt::format("it has `{}`", fmt::join(all, "`, `")),
                                .fix = std::move(fix)});
  }

  /// What was asked for, and the most that the site says there is.
  struct Excess {
    std::string asked, most, where;
    Range at;
  };

  void tooMuch(const Given& given, StringRef what, Excess excess) {
    emitter_.report(given.at, diag::MoreThanThereIs{.what = what.str(),
                                                    .asked = std::move(excess.asked),
                                                    .most = std::move(excess.most),
                                                    .where = std::move(excess.where),
                                                    .siteAt = excess.at});
  }

  static std::string inPartition(const site::Partition& partition) {
    return fmt::format("partition `{}`", partition.name);
  }
  static std::string onNode(const site::Partition& partition) {
    return fmt::format("a node of `{}`", partition.name);
  }

  void array() {
    const Given* given = find("array");
    std::optional<Indices> indices = job_.array();
    if (!given || !indices || !site_.arrayLimit.isStated()) return;
    if (indices->most() < site_.arrayLimit.value) return;
    tooMuch(*given, "index of an array",
            {fmt::format("{}", indices->most()), fmt::format("{}", site_.arrayLimit.value - 1),
             "`" + site_.name + "`", site_.arrayLimit.at});
  }

  void qos(const site::Partition& partition) {
    const Given* given = find("qos");
    if (!given || partition.qos.empty()) return;
    std::vector<std::string> all;
    for (const site::Text& one : partition.qos) {
      if (one.text == given->value) return;
      all.push_back(one.text);
    }
    emitter_.report(given->valueAt,
                    diag::QosNotThere{.partition = partition.name,
                                      .qos = given->value,
                                      .known = fmt::format("it takes `{}`", fmt::join(all, "`, `")),
                                      .siteAt = partition.qos.front().at});
  }

  void time(const site::Partition& partition) {
    const Given* given = find("time");
    std::optional<int64_t> asked = given ? readTime(given->value) : std::nullopt;
    if (!asked || !partition.walltime.isStated()) return;
    bool isEndless = *asked == 0;
    if (!isEndless && *asked <= partition.walltime.value) return;
    tooMuch(
        *given, "walltime",
        {isEndless ? "no limit" : site::timeText(*asked), site::timeText(partition.walltime.value),
         inPartition(partition), partition.walltime.at});
  }

  void sizes(const site::Partition& partition) {
    std::optional<int64_t> nodes = job_.nodes(component_);
    const Given* given = find("nodes");
    if (given && nodes && partition.nodes.isStated() && *nodes > partition.nodes.value)
      tooMuch(*given, "nodes",
              {fmt::format("{}", *nodes), fmt::format("{}", partition.nodes.value),
               inPartition(partition), partition.nodes.at});
    const Given* cpus = find("cpus-per-task");
    const Given* each = find("ntasks-per-node");
    int64_t perTask = job_.number("cpus-per-task", component_).value_or(1);
    int64_t onNodeTasks = job_.tasksPerNode(component_).value_or(1);
    const Given* where = cpus ? cpus : each;
    if (!where || !partition.cores.isStated() || perTask * onNodeTasks <= partition.cores.value)
      return;
    tooMuch(*where, "cores of a node",
            {fmt::format("{}", perTask * onNodeTasks), fmt::format("{}", partition.cores.value),
             onNode(partition), partition.cores.at});
  }

  void memory(const site::Partition& partition) {
    const site::Amount& most = partition.memoryOfJobs();
    if (!most.isStated()) return;
    const Given* given = find("mem");
    int64_t times = 1;
    if (!given && (given = find("mem-per-cpu")) != nullptr)
      times = job_.number("cpus-per-task", component_).value_or(1) *
              job_.tasksPerNode(component_).value_or(1);
    std::optional<int64_t> asked = given ? readMemory(given->value) : std::nullopt;
    if (!asked || *asked <= most.value / times) return;
    tooMuch(
        *given, "memory of a node",
        {site::bytesText(*asked * times), site::bytesText(most.value), onNode(partition), most.at});
  }

  /// How many GPUs of a node the job asks for, by model, and where; nullopt: none.
  const Given* wished(std::vector<Gpu>& gpus) const {
    if (const Given* given = find("gres")) {
      gpus = readGres(given->value).gpus;
      if (!gpus.empty()) return given;
    }
    for (StringRef name : {"gpus-per-node", "gpus-per-task", "gpus", "gpus-per-socket"})
      if (const Given* given = find(name)) {
        std::optional<Gpu> gpu = readGpus(given->value);
        if (!gpu) return given;
        // Of a whole job, the nodes share them.
        if (name == "gpus")
          gpu->count = (gpu->count + job_.nodes(component_).value_or(gpu->count) - 1) /
                       job_.nodes(component_).value_or(std::max<int64_t>(1, gpu->count));
        gpus.push_back(*gpu);
        return given;
      }
    return nullptr;
  }

  void gpus(const site::Partition& partition) {
    bool isStated = std::any_of(site_.partitions.begin(), site_.partitions.end(),
                                [](const site::Partition& one) { return !one.gpus.empty(); });
    if (!isStated) return;
    std::vector<Gpu> asked;
    const Given* given = wished(asked);
    if (!given) return without(partition);
    for (const Gpu& gpu : asked) {
      if (gpu.count == 0) continue;
      const site::Gpus* there = nullptr;
      for (const site::Gpus& one : partition.gpus)
        if (gpu.model.empty() || gpu.model == one.model) there = &one;
      if (!there)
        noSuch(*given, gpu, partition);
      else if (gpu.count > there->count.value)
        tooMuch(*given, "GPUs of a node",
                {fmt::format("{}", gpu.count), fmt::format("{}", there->count.value),
                 onNode(partition), there->count.at});
    }
  }

  void without(const site::Partition& partition) {
    const Given* given = find("partition");
    if (partition.gpus.empty() || !given) return;
    emitter_.report(given->at, diag::GpuNodesWithoutGpu{.partition = partition.name,
                                                        .siteAt = partition.gpus.front().count.at});
  }

  void noSuch(const Given& given, const Gpu& gpu, const site::Partition& partition) {
    std::vector<std::string> places;
    for (const site::Partition& one : site_.partitions)
      for (const site::Gpus& gpus : one.gpus)
        if (gpu.model.empty() || gpus.model == gpu.model || &one == &partition)
          places.push_back(fmt::format("`{}` has {} of {}", one.name, gpus.count.value,
                                       gpus.model.empty() ? "some model" : gpus.model));
    Range at = partition.gpus.empty() ? partition.at : partition.gpus.front().count.at;
    emitter_.report(
        given.at, diag::NoSuchGpuThere{.partition = partition.name,
                                       .gpu = gpu.model.empty() ? "GPU" : "GPU `" + gpu.model + "`",
                                       .hint = fmt::format("{}", fmt::join(places, ", ")),
                                       .siteAt = at});
  }

  const Job& job_;
  size_t component_;
  const site::Site& site_;
  diag::Emitter& emitter_;
};

}  // namespace

void auditRequest(const Job& job, size_t component, diag::Emitter& emitter) {
  RequestAudit(job, component, emitter).run();
}

void auditSite(const Job& job, size_t component, const site::Site& site, diag::Emitter& emitter) {
  SiteAudit(job, component, site, emitter).run();
}

}  // namespace wfc::targets::slurm::foreign
