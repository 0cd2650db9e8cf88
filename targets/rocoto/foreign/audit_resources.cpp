// What tasks ask of the scheduler: amounts, options given twice, GPUs, and the limits of a site.
#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

#include "compiler/site/site.h"

#include "targets/rocoto/foreign/audit.h"

namespace wfc::targets::rocoto::foreign {

namespace {

/// An option of the scheduler in a `<native>`.
struct Option {
  std::string name, value;
  bool hasValue = false;
  const TimeString* native;
};

std::vector<Option> optionsOf(const Task& task) {
  std::vector<Option> found;
  for (const TimeString& native : task.natives) {
    std::string text = native.written();
    llvm::SmallVector<llvm::StringRef> words;
    llvm::StringRef(text).split(words, ' ', -1, false);
    for (llvm::StringRef word : words) {
      word = word.trim();
      if (!word.starts_with("-")) {
        if (!found.empty() && found.back().native == &native && !found.back().hasValue) {
          found.back().value = word.str();
          found.back().hasValue = true;
        }
        continue;
      }
      auto [name, value] = word.split('=');
      bool isShort = !word.starts_with("--") && word.size() > 2;
      if (isShort)
        found.push_back({word.take_front(2).str(), word.drop_front(2).str(), true, &native});
      else
        found.push_back({name.str(), value.str(), word.contains('='), &native});
    }
  }
  return found;
}

/// The tags of Rocoto's that become options of SLURM's, with all their spellings.
struct Same {
  const char* tag;
  std::vector<llvm::StringRef> options;
};

const std::vector<Same>& sames() {
  static const std::vector<Same> kAll = {
      {"account", {"--account", "-A"}},
      {"queue", {"--qos", "-q"}},
      {"partition", {"--partition", "-p"}},
      {"walltime", {"--time", "-t"}},
      {"nodes",
       {"--nodes", "-N", "--ntasks-per-node", "--tasks-per-node", "--cpus-per-task", "-c"}},
      {"cores", {"--ntasks", "-n"}},
      {"memory", {"--mem", "--mem-per-cpu"}},
      {"join", {"--output", "-o"}},
      {"stdout", {"--output", "-o"}},
      {"stderr", {"--error", "-e"}},
      {"jobname", {"--job-name", "-J"}}};
  return kAll;
}

bool takesGpu(const Task& task) {
  for (const Option& option : optionsOf(task)) {
    if (option.name == "-G" || llvm::StringRef(option.name).starts_with("--gpus")) return true;
    if (option.name == "--gres" && llvm::StringRef(option.value).contains("gpu")) return true;
  }
  return false;
}

std::string partitionOf(const Task& task) {
  std::string own = task.written("partition");
  for (const Option& option : optionsOf(task))
    if (option.name == "--partition" || option.name == "-p") own = option.value;
  return own;
}

class Resources {
 public:
  explicit Resources(Audit& audit) : audit_(audit), isSlurm_(audit.document.scheduler == "slurm") {}

  void all() {
    for (const Task& task : audit_.document.tasks) {
      walltime(task);
      nodes(task);
      empties(task);
      if (!isSlurm_) continue;
      memory(task);
      twice(task);
      queue(task);
      if (audit_.reading.site != nullptr) site(task);
    }
    if (isSlurm_) gpus();
  }

 private:
  source::Range place(const TimeString& item) const {
    for (const TimeString::Part& part : item.parts)
      if (Text text = part.text.trimmed(); text.at().valid()) return text.at();
    return item.at;
  }

  std::vector<diag::Label> use(const TimeString& item) const {
    return item.parts.empty() ? std::vector<diag::Label>()
                              : Audit::usedAt(item.parts.front().text, 0);
  }

  void walltime(const Task& task) {
    const TimeString* item = task.item("walltime");
    if (item == nullptr) return;
    std::string value = item->written();
    std::optional<int64_t> seconds = secondsOf(value);
    if (!seconds) return;
    size_t fields = static_cast<size_t>(llvm::count(value, ':')) + 1;
    std::string meaning;
    if (*seconds == 0)
      meaning = "no time at all";
    else if (fields == 2)
      meaning = fmt::format("{} minutes and {} seconds", *seconds / 60, *seconds % 60);
    else if (fields == 1 && isSlurm_)
      meaning = fmt::format("{} minutes to the scheduler, and as many seconds to Rocoto", value);
    if (!meaning.empty())
      audit_.report(place(*item), diag::WalltimeFormat{.value = value, .meaning = meaning},
                    use(*item));
  }

  void nodes(const Task& task) {
    const TimeString* item = task.item("nodes");
    if (item == nullptr) return;
    std::string value = item->written(), what;
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::StringRef(value).split(parts, '+');
    for (llvm::StringRef part : parts) {
      llvm::SmallVector<llvm::StringRef> words;
      part.trim().split(words, ':');
      int count = 0;
      if (words[0].trim().getAsInteger(10, count) || count < 1)
        what = fmt::format("`{}` is no number", words[0].trim());
      bool hasTasks = false;
      for (llvm::StringRef word : llvm::drop_begin(words)) {
        hasTasks |= llvm::Regex("ppn=[0-9]*[1-9]").match(word);
        if (llvm::Regex("^ *(ppn|tpp)= *$").match(word))
          what = fmt::format("`{}` has no value", word.trim());
        else if (!llvm::Regex("[a-z]+=.").match(word) && word.contains('='))
          what = fmt::format("`{}` is not understood", word);
      }
      if (what.empty() && !hasTasks) what = fmt::format("`{}` has no `ppn`", part.trim());
    }
    if (!what.empty())
      audit_.report(place(*item), diag::NodesFormat{.value = value, .what = what}, use(*item));
  }

  void memory(const Task& task) {
    const TimeString* item = task.item("memory");
    if (item == nullptr) return;
    std::string value = item->written();
    if (value.empty()) return;
    llvm::SmallVector<llvm::StringRef> match;
    std::string meaning;
    if (!llvm::Regex("^([.0-9]+)([^0-9]*)$").match(value, &match)) {
      meaning = "nothing that Rocoto can read, and stops rocotorun";
    } else {
      llvm::StringRef unit = match[2];
      bool isBytes = unit.starts_with("B") || unit.contains('b');
      double amount = 0;
      (void)match[1].getAsDouble(amount);
      if (isBytes && !unit.trim().empty() && unit.trim() != "B" && unit.trim() != "b")
        meaning = fmt::format("{} MiB: a `b` makes bytes of it",
                              static_cast<int64_t>(std::ceil(amount / 1048576)));
      else if (unit.empty() || unit.trim().empty() || !llvm::Regex("^[BKMG]|[bkmg]").match(unit))
        meaning = fmt::format("`--mem={:.1f}`, which SLURM does not take", amount);
    }
    if (!meaning.empty())
      audit_.report(place(*item), diag::MemoryFormat{.value = value, .meaning = meaning},
                    use(*item));
  }

  void empties(const Task& task) {
    for (const char* tag : {"account", "queue", "partition", "memory", "command", "jobname", "join",
                            "stdout", "stderr"})
      if (const TimeString* item = task.item(tag); item != nullptr && item->written().empty())
        audit_.report(item->at, diag::EmptyValue{.what = fmt::format("`<{}>`", tag), .hint = ""});
    for (const Option& option : optionsOf(task))
      if (option.hasValue && option.value.empty() && llvm::StringRef(option.name).starts_with("--"))
        audit_.report(place(*option.native),
                      diag::EmptyValue{.what = fmt::format("`{}=`", option.name), .hint = ""},
                      use(*option.native));
  }

  void twice(const Task& task) {
    for (const Option& option : optionsOf(task)) {
      if (option.name == "--comment")
        audit_.report(place(*option.native),
                      diag::IgnoredPart{.what = "`--comment`",
                                        .why = "Rocoto writes a comment of its own behind it, by "
                                               "which it finds the job again"});
      for (const Same& same : sames()) {
        const TimeString* item = task.item(same.tag);
        if (item == nullptr || item->written().empty() ||
            !llvm::is_contained(same.options, option.name))
          continue;
        std::string hint = fmt::format("`<{}>` becomes `{}`", same.tag, same.options.front().str());
        if (item->written() == option.value) hint += ", with the same value";
        audit_.report(place(*option.native),
                      diag::OptionTwice{.option = option.name,
                                        .tag = fmt::format("<{}>", same.tag),
                                        .hint = hint,
                                        .tagAt = item->at},
                      use(*option.native));
      }
    }
  }

  void queue(const Task& task) {
    const TimeString *queue = task.item("queue"), *partition = task.item("partition");
    if (queue == nullptr || partition == nullptr || queue->written().empty() ||
        queue->written() != partition->written())
      return;
    audit_.report(queue->at,
                  diag::QueueIsPartition{.queue = queue->written(), .partitionAt = partition->at});
  }

  void gpus() {
    std::map<std::string, std::pair<int, int>> users;
    for (const Task& task : audit_.document.tasks) {
      auto& [with, without] = users[partitionOf(task)];
      (takesGpu(task) ? with : without) += 1;
    }
    for (const Task& task : audit_.document.tasks) {
      std::string partition = partitionOf(task);
      auto [with, without] = users[partition];
      const site::Partition* known =
          audit_.reading.site != nullptr ? audit_.reading.site->partition(partition) : nullptr;
      bool isOfGpus = known != nullptr ? !known->gpus.empty() : with > without;
      if (partition.empty() || takesGpu(task) || !isOfGpus) continue;
      const TimeString* item = task.item("partition");
      std::string why =
          known != nullptr ? "whose nodes have GPUs" : "where every other task takes one";
      if (known == nullptr && without > 1) why = fmt::format("where {} others take one", with);
      audit_.report(item != nullptr ? item->at : task.node.at,
                    diag::GpuPartitionWithoutGpu{
                        .task = task.name.str(), .partition = partition, .why = why});
    }
  }

  // ---- the site

  void site(const Task& task) {
    const site::Site& site = *audit_.reading.site;
    std::string name = partitionOf(task);
    if (name.empty()) name = site.defaultPartition.text;
    if (name.empty()) return;
    const site::Partition* partition = site.partition(name);
    const TimeString* item = task.item("partition");
    if (partition == nullptr) {
      std::vector<std::string> names;
      for (const site::Partition& known : site.partitions) names.push_back(known.name);
      return audit_.report(
          item != nullptr ? place(*item) : task.node.at,
          diag::PartitionOfNoSite{.partition = name, .hint = nearest(name, names)});
    }
    auto compare = [&](const char* tag, int64_t asked, const site::Amount& limit, auto text) {
      const TimeString* at = task.item(tag);
      if (!limit.isStated() || at == nullptr || asked <= limit.value) return;
      audit_.report(place(*at),
                    diag::BeyondTheSite{.task = task.name.str(),
                                        .asked = text(asked),
                                        .partition = name,
                                        .limit = text(limit.value),
                                        .limitAt = limit.at},
                    use(*at));
    };
    if (std::optional<int64_t> seconds = secondsOf(task.written("walltime")))
      compare("walltime", *seconds * 1000, partition->walltime, [](int64_t ms) {
        return fmt::format("{}:{:02}:{:02}", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60);
      });
    llvm::SmallVector<llvm::StringRef> match;
    std::string nodes = task.written("nodes"), memory = task.written("memory");
    if (llvm::Regex("^ *([0-9]+):ppn=([0-9]+)(:tpp=([0-9]+))? *$").match(nodes, &match)) {
      int64_t count = 0, tasks = 0, threads = 1;
      (void)match[1].getAsInteger(10, count);
      (void)match[2].getAsInteger(10, tasks);
      (void)match[4].getAsInteger(10, threads);
      compare("nodes", count, partition->nodes,
              [](int64_t n) { return fmt::format("{} nodes", n); });
      compare("nodes", tasks * std::max<int64_t>(1, threads), partition->cores,
              [](int64_t n) { return fmt::format("{} cores of a node", n); });
    }
    if (llvm::Regex("^([0-9]+)([MG])B?$").match(memory, &match)) {
      int64_t amount = 0;
      (void)match[1].getAsInteger(10, amount);
      compare("memory", amount << (match[2] == "G" ? 30 : 20), partition->memoryOfJobs(),
              [](int64_t bytes) { return fmt::format("{} MiB", bytes >> 20); });
    }
  }

  Audit& audit_;
  bool isSlurm_;
};

}  // namespace

void auditResources(Audit& audit) { Resources(audit).all(); }

}  // namespace wfc::targets::rocoto::foreign
