// A site file from a live SLURM, read from `scontrol show config|partition|node --oneliner`, which
// every version prints alike.
//
// It writes what the scheduler says and nothing more: accounts, the margin and defaults are the
// owner's to decide, and the file says so in comments.
#include <algorithm>
#include <map>
#include <set>

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include "compiler/base/writer.h"
#include "compiler/target/text/flow.h"
#include "compiler/target/text/quoted.h"

#include "targets/slurm/foreign/values.h"
#include "targets/slurm/slurm.h"

namespace wfc::targets::slurm {

namespace {

using Record = std::map<std::string, std::string>;

/// `A=1 B=two words C=3`: words without `=` belong to the value before.
Record recordOf(llvm::StringRef line) {
  Record record;
  std::string last;
  llvm::SmallVector<llvm::StringRef> words;
  line.split(words, ' ', -1, false);
  for (llvm::StringRef word : words) {
    auto [key, value] = word.split('=');
    if (word.contains('='))
      record[last = key.str()] = value.str();
    else if (!last.empty())
      record[last] += " " + word.str();
  }
  return record;
}

std::vector<Record> recordsOf(llvm::StringRef text) {
  std::vector<Record> records;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines)
    if (Record record = recordOf(line.trim()); !record.empty())
      records.push_back(std::move(record));
  return records;
}

/// `MaxArraySize            = 10001`
std::string configValue(llvm::StringRef text, llvm::StringRef key) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    auto [name, value] = line.split('=');
    if (name.trim() == key) return value.trim().str();
  }
  return {};
}

int64_t numberIn(const Record& record, const char* key) {
  auto it = record.find(key);
  int64_t value = 0;
  if (it == record.end() || llvm::StringRef(it->second).getAsInteger(10, value)) return 0;
  return value;
}

std::string textIn(const Record& record, const char* key) {
  auto it = record.find(key);
  return it == record.end() || it->second == "(null)" || it->second == "N/A" ? std::string()
                                                                             : it->second;
}

/// UNLIMITED is said as a year.
std::string walltime(llvm::StringRef text) {
  std::optional<int64_t> limit = foreign::readTime(text);
  return limit.value_or(0) == 0 ? "365d" : target::flowDuration(*limit);
}

/// Models and counts out of `gpu:h100:2(S:0-1),gpu:a100:2`.
std::map<std::string, int64_t> gpusOf(llvm::StringRef gres) {
  std::map<std::string, int64_t> gpus;
  llvm::SmallVector<llvm::StringRef> entries;
  gres.split(entries, ',', -1, false);
  for (llvm::StringRef entry : entries) {
    entry = entry.split('(').first;
    if (!entry.consume_front("gpu:")) continue;
    auto [model, count] = entry.rsplit(':');
    int64_t number = 0;
    if (count.empty()) {
      count = model;
      model = "";
    }
    if (!count.getAsInteger(10, number)) gpus[model.str()] += number;
  }
  return gpus;
}

/// The nodes of a partition, by what they offer: the smallest counts, because a job may land on
/// any.
struct Offer {
  int64_t nodes = 0, cores = 0, memoryMiB = 0;
  std::map<std::string, int64_t> gpus;
  std::set<std::string> features;  ///< of some of the nodes: a job goes where they are
};

llvm::SmallVector<llvm::StringRef> namesIn(llvm::StringRef list) {
  llvm::SmallVector<llvm::StringRef> names;
  list.split(names, ',', -1, false);
  return names;
}

/// `features = ["a", "b"]`, or nothing.
template <class Names>
void writeNames(base::Writer& out, const char* key, const Names& names) {
  std::string list;
  for (llvm::StringRef name : names) list += (list.empty() ? "" : ", ") + target::quoted(name);
  if (!list.empty()) out.line("{} = [{}]", key, list);
}

Offer offerOf(const std::string& partition, const std::vector<Record>& nodes) {
  Offer offer;
  for (const Record& node : nodes) {
    if (!llvm::is_contained(namesIn(textIn(node, "Partitions")), partition)) continue;
    int64_t cores = numberIn(node, "CPUTot"), memory = numberIn(node, "RealMemory");
    std::map<std::string, int64_t> gpus = gpusOf(textIn(node, "Gres"));
    if (offer.nodes == 0) offer = {0, cores, memory, gpus, {}};
    ++offer.nodes;
    offer.cores = std::min(offer.cores, cores);
    offer.memoryMiB = std::min(offer.memoryMiB, memory);
    // A model that only some of the nodes have is still on offer there.
    for (const auto& [model, count] : gpus) offer.gpus.try_emplace(model, count);
    std::string features = textIn(node, "AvailableFeatures");
    for (llvm::StringRef feature : namesIn(features)) offer.features.insert(feature.str());
  }
  return offer;
}

/// What jobs may name there: AllowQos where it is a list. The partition's own QOS is none that a
/// job names.
std::string qosOf(const Record& partition) {
  std::string allowed = textIn(partition, "AllowQos");
  return allowed == "ALL" ? std::string() : allowed;
}

void writePartition(base::Writer& out, const Record& partition, const std::vector<Record>& nodes) {
  std::string name = textIn(partition, "PartitionName");
  Offer offer = offerOf(name, nodes);
  if (offer.nodes == 0) return;
  out.line();
  out.line("[partitions.{}]", target::quoted(name));
  out.line("nodes = {}", offer.nodes);
  out.line("cores = {}", offer.cores);
  out.line("memory = \"{}MiB\"", offer.memoryMiB);
  out.line("walltime = \"{}\"", walltime(textIn(partition, "MaxTime")));
  std::string qos = qosOf(partition);
  writeNames(out, "qos", namesIn(qos));
  std::string gpus;
  for (const auto& [model, count] : offer.gpus)
    gpus += fmt::format("{}{{ model = {}, count = {} }}", gpus.empty() ? "" : ", ",
                        target::quoted(model.empty() ? "gpu" : model), count);
  writeNames(out, "features", offer.features);
  if (!gpus.empty()) out.line("gpus = {}", offer.gpus.size() > 1 ? "[" + gpus + "]" : gpus);
}

}  // namespace

target::Discovery Slurm::discover(const target::Ask& ask) const {
  auto config = ask({"scontrol", "show", "config"});
  auto partitions = ask({"scontrol", "show", "partition", "--oneliner"});
  auto nodes = ask({"scontrol", "show", "node", "--oneliner"});
  if (!config || !partitions || !nodes) return {{}, "scontrol does not answer"};
  base::Writer out;
  std::string cluster = configValue(*config, "ClusterName");
  out.raw(
      "# Written by `wfc site discover`. Look over: accounts, margin, defaults, modules, "
      "containers.");
  out.line("name = {}", target::quoted(cluster.empty() ? "slurm" : cluster));
  out.raw("scheduler = \"slurm\"");
  if (std::string version = configValue(*config, "SLURM_VERSION"); !version.empty())
    out.line("version = {}", target::quoted(version));
  out.raw("accounts = { default = \"@env:WFC_ACCOUNT\" } # by reference: read when a run starts");
  out.raw("submit_from_compute = true # may a job submit jobs?");
  out.line("sacct = {}",
           configValue(*config, "AccountingStorageType").find("slurmdbd") != std::string::npos
               ? "true"
               : "false");
  out.raw("gpu_flag = \"gres\"");
  out.raw("margin = \"5min\" # added to every walltime for the runtime's own work");
  std::vector<Record> all = recordsOf(*partitions);
  for (const Record& partition : all)
    if (textIn(partition, "Default") == "YES")
      out.line("default_partition = {}", target::quoted(textIn(partition, "PartitionName")));
  out.line();
  out.raw("[limits]");
  if (std::string size = configValue(*config, "MaxArraySize"); !size.empty())
    out.line("array = {}", size);
  out.line();
  out.raw("[defaults]");
  out.raw("cpus = 1");
  out.raw("memory = \"2GiB\"");
  out.raw("time = \"1h\"");
  std::vector<Record> nodeRecords = recordsOf(*nodes);
  for (const Record& partition : all) writePartition(out, partition, nodeRecords);
  return {out.take(), {}};
}

}  // namespace wfc::targets::slurm
