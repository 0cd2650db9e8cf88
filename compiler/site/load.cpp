// Reads a site file. The only place that knows toml++.
//
// A table is read key by key through a Reader, which reports wrong values and, at its end, the keys
// that nobody asked for. It does not compare the site with the machine it runs on: that is `wfc
// site discover`.
#include "compiler/site/load.h"

#include "fmt/format.h"
#include <toml++/toml.h>

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/site.h"
#include "compiler/site/placeholder.h"
#include "compiler/site/quantity.h"

namespace wfc::site {

namespace {

using source::Range;

/// Turns toml++'s line and column (of code points) into ranges of the file.
class Places {
 public:
  Places(const source::Sources& sources, source::FileId file) : sources_(sources), file_(file) {}

  Range of(const toml::source_region& region) const {
    uint32_t begin = offset(region.begin), end = offset(region.end);
    return {file_, begin, std::max(begin, end)};
  }
  Range whole() const { return {file_, 0, 0}; }

 private:
  uint32_t offset(toml::source_position position) const {
    if (position.line == 0) return 0;
    uint32_t line = std::min(position.line, sources_.lineCount(file_));
    return sources_.offsetAt(file_, {line, position.column});
  }

  const source::Sources& sources_;
  source::FileId file_;
};

std::string found(const toml::node& node) {
  if (auto text = node.value<std::string>(); text && node.is_string())
    return fmt::format("`\"{}\"`", *text);
  if (node.is_integer()) return fmt::format("the number {}", node.as_integer()->get());
  if (node.is_boolean()) return node.as_boolean()->get() ? "`true`" : "`false`";
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  return "another kind of value";
}

struct Shared {
  const Places& places;
  diag::Emitter& emitter;
};

/// One table, read key by key.
class Reader {
 public:
  Reader(Shared shared, const toml::table& table, std::string place)
      : shared_(shared), table_(table), place_(std::move(place)) {}

  const toml::node* find(std::string_view key) {
    asked_.emplace_back(key);
    return table_.get(key);
  }

  Range keyAt(std::string_view key) const {
    auto it = table_.find(key);
    return it == table_.end() ? Range{} : shared_.places.of(it->first.source());
  }
  /// The key and its value, as one range.
  Range lineOf(std::string_view key) const {
    auto it = table_.find(key);
    if (it == table_.end()) return {};
    return source::join(keyAt(key), shared_.places.of(it->second.source()));
  }

  Text text(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return {};
    if (!node->is_string()) return wrong(key, *node, "a text"), Text{};
    return take(key, *node);
  }

  Text oneOf(std::string_view key, std::initializer_list<std::string_view> choices) {
    Text value = text(key);
    if (!value.at.valid()) return value;
    if (std::find(choices.begin(), choices.end(), value.text) != choices.end()) return value;
    std::vector<std::string_view> names(choices);
    wrong(key, *table_.get(key), fmt::format("one of `{}`", fmt::join(names, "`, `")), names);
    return {};
  }

  bool boolean(std::string_view key, bool otherwise) {
    const toml::node* node = find(key);
    if (!node) return otherwise;
    if (!node->is_boolean()) return wrong(key, *node, "true or false"), otherwise;
    return node->as_boolean()->get();
  }

  Amount count(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return {};
    if (!node->is_integer() || node->as_integer()->get() < 0)
      return wrong(key, *node, "a number, 0 or more"), Amount{};
    return {node->as_integer()->get(), lineOf(key)};
  }

  Amount bytes(std::string_view key) {
    return sized(key, bytesOf, "a size with a unit, as in `\"176GiB\"`");
  }
  Amount time(std::string_view key) {
    return sized(key, millisecondsOf, "a time with a unit, as in `\"8h\"`");
  }

  std::optional<Reader> table(std::string_view key, std::string place) {
    const toml::node* node = find(key);
    if (!node) return std::nullopt;
    if (!node->is_table()) return wrong(key, *node, "a table"), std::nullopt;
    return Reader(shared_, *node->as_table(), std::move(place));
  }

  /// The value itself or the values of a list.
  std::vector<const toml::node*> oneOrMany(std::string_view key) {
    std::vector<const toml::node*> nodes;
    const toml::node* node = find(key);
    if (!node) return nodes;
    if (!node->is_array()) return {node};
    for (const toml::node& element : *node->as_array()) nodes.push_back(&element);
    return nodes;
  }

  /// All entries whose value is a text, for tables with free keys.
  std::map<std::string, Text> texts() {
    std::map<std::string, Text> result;
    for (auto&& [key, node] : table_) result[std::string(key.str())] = text(key.str());
    return result;
  }
  std::map<std::string, Amount> counts() {
    std::map<std::string, Amount> result;
    for (auto&& [key, node] : table_) result[std::string(key.str())] = count(key.str());
    return result;
  }

  void missing(std::string_view key) {
    Range at = shared_.places.of(table_.source());
    if (at.end > at.begin + 1) at.end = at.begin + 1;
    shared_.emitter.report(at, diag::MissingSiteKey{.place = place_, .key = std::string(key)});
  }

  void wrong(std::string_view key, const toml::node& node, std::string expected,
             std::vector<std::string_view> names = {}) {
    std::string hint;
    if (auto text = node.value<std::string>(); text && !names.empty())
      if (auto near = base::suggest(*text, names)) hint = fmt::format("did you mean `{}`?", *near);
    shared_.emitter.report(shared_.places.of(node.source()),
                           diag::WrongSiteValue{.key = std::string(key),
                                                .expected = std::move(expected),
                                                .found = found(node),
                                                .hint = hint});
  }

  Text take(std::string_view key, const toml::node& node) {
    Text value{node.as_string()->get(), shared_.places.of(node.source())};
    if (value.text.empty() || isPlaceholder(value.text)) {
      shared_.emitter.report(
          value.at, diag::UnresolvedPlaceholder{.key = std::string(key), .text = value.text});
    }
    return value;
  }

  /// Reports the keys nobody asked for. Call it last.
  void finish() {
    for (auto&& [key, node] : table_) {
      std::string name(key.str());
      if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
      auto near = base::suggest(name, asked_);
      shared_.emitter.report(
          shared_.places.of(key.source()),
          diag::UnknownSiteKey{.place = place_,
                               .key = name,
                               .nearest = near ? fmt::format("did you mean `{}`?", *near) : ""});
    }
  }

  const toml::table& raw() const { return table_; }
  Shared shared() const { return shared_; }

 private:
  Amount sized(std::string_view key, std::optional<int64_t> (*read)(llvm::StringRef),
               const char* expected) {
    const toml::node* node = find(key);
    if (!node) return {};
    std::optional<int64_t> value;
    if (node->is_string()) value = read(node->as_string()->get());
    if (!value) return wrong(key, *node, expected), Amount{};
    return {*value, lineOf(key)};
  }

  Shared shared_;
  const toml::table& table_;
  std::string place_;
  std::vector<std::string> asked_;
};

std::vector<Text> readTexts(Reader& reader, const char* key) {
  std::vector<Text> texts;
  for (const toml::node* node : reader.oneOrMany(key)) {
    if (node->is_string())
      texts.push_back(reader.take(key, *node));
    else
      reader.wrong(key, *node, "a text or a list of texts");
  }
  return texts;
}

void readGpus(Reader& reader, Partition& partition) {
  for (const toml::node* node : reader.oneOrMany("gpus")) {
    if (!node->is_table()) {
      reader.wrong("gpus", *node, "a table such as `{ model = \"h100\", count = 2 }`");
      continue;
    }
    Reader gpus(reader.shared(), *node->as_table(),
                fmt::format("a GPU of partition `{}`", partition.name));
    Gpus entry{gpus.text("model").text, gpus.count("count")};
    if (!gpus.raw().contains("model")) gpus.missing("model");
    if (!gpus.raw().contains("count")) gpus.missing("count");
    gpus.finish();
    // The whole of `gpus = …` reads better in a report than the count alone.
    entry.count.at = reader.lineOf("gpus");
    partition.gpus.push_back(std::move(entry));
  }
}

Partition readPartition(Reader& reader, std::string name, bool oversubscribe) {
  Partition partition;
  partition.name = std::move(name);
  partition.nodes = reader.count("nodes");
  partition.cores = reader.count("cores");
  partition.memory = reader.bytes("memory");
  partition.usableMemory = reader.bytes("usable_memory");
  partition.walltime = reader.time("walltime");
  partition.qos = readTexts(reader, "qos");
  partition.features = readTexts(reader, "features");
  readGpus(reader, partition);
  if (auto licences = reader.table("licences", "`licences`"))
    partition.licences = licences->counts();
  if (!oversubscribe) {
    for (const char* key : {"nodes", "cores", "memory", "walltime"})
      if (!reader.raw().contains(key)) reader.missing(key);
  }
  reader.finish();
  return partition;
}

void readRate(Reader& limits, Site& site) {
  Text rate = limits.text("rate");
  if (!rate.at.valid()) return;
  auto [count, per] = llvm::StringRef(rate.text).split(" per ");
  auto perMs = millisecondsOf(per.trim());
  if (count.trim().getAsInteger(10, site.rate.count) || !perMs || site.rate.count <= 0) {
    limits.wrong("rate", *limits.raw().get("rate"), "a rate such as `\"10 per 1s\"`");
    return;
  }
  site.rate.perMs = *perMs;
  site.rate.at = limits.lineOf("rate");
}

void readTables(Reader& root, Site& site) {
  if (auto accounts = root.table("accounts", "`accounts`")) site.accounts = accounts->texts();
  if (auto limits = root.table("limits", "`limits`")) {
    site.arrayLimit = limits->count("array");
    site.submitLimit = limits->count("submit");
    readRate(*limits, site);
    limits->finish();
  }
  if (auto defaults = root.table("defaults", "`defaults`")) {
    site.defaultCpus = defaults->count("cpus");
    site.defaultMemory = defaults->bytes("memory");
    site.defaultTime = defaults->time("time");
    defaults->finish();
  }
  if (auto modules = root.table("modules", "`modules`")) {
    site.modules = modules->oneOf("system", {"lmod", "tmod", "none"});
    modules->finish();
  }
  if (auto containers = root.table("containers", "`containers`")) {
    site.containers =
        containers->oneOf("runtime", {"apptainer", "singularity", "docker", "podman", "none"});
    containers->finish();
  }
  if (auto disk = root.table("local_disk", "`local_disk`")) {
    site.localDiskPath = disk->text("path").text;
    site.localDisk = disk->bytes("size");
    site.scatterRate = disk->bytes("scatter_rate");
    disk->finish();
  }
  if (auto quota = root.table("quota", "`quota`")) {
    site.quotaBytes = quota->bytes("bytes");
    site.quotaFiles = quota->count("files");
    quota->finish();
  }
  if (auto licences = root.table("licences", "`licences`")) site.licences = licences->counts();
  if (auto devices = root.table("devices", "`devices`")) site.devices = devices->texts();
  if (auto publish = root.table("publish", "`publish`")) {
    site.publishRoot = publish->text("root").text;
    publish->finish();
  }
}

/// toml++ keeps a table sorted by key; the order of the file is that of the places.
void readPartitions(Reader& root, Site& site) {
  auto partitions = root.table("partitions", "`partitions`");
  if (!partitions) return;
  for (auto&& [key, node] : partitions->raw()) {
    std::string name(key.str());
    auto reader = partitions->table(name, fmt::format("partition `{}`", name));
    if (!reader) continue;
    Partition partition = readPartition(*reader, name, site.oversubscribe);
    partition.at = partitions->keyAt(name);
    site.partitions.push_back(std::move(partition));
  }
  std::stable_sort(site.partitions.begin(), site.partitions.end(),
                   [](const Partition& a, const Partition& b) { return a.at.begin < b.at.begin; });
}

void checkTogether(const Site& site, diag::Emitter& emitter) {
  for (const Partition& partition : site.partitions) {
    if (partition.usableMemory.isStated() && partition.memory.isStated() &&
        partition.usableMemory.value > partition.memory.value)
      emitter.report(partition.usableMemory.at,
                     diag::ContradictingSite{
                         .what = fmt::format("`usable_memory` is more than the {} of a node",
                                             bytesText(partition.memory.value)),
                         .nearest = ""});
  }
  if (site.defaultPartition.at.valid() && !site.partition(site.defaultPartition.text)) {
    std::vector<std::string> names;
    for (const Partition& partition : site.partitions) names.push_back(partition.name);
    auto near = base::suggest(site.defaultPartition.text, names);
    emitter.report(
        site.defaultPartition.at,
        diag::ContradictingSite{
            .what = fmt::format("there is no partition `{}`", site.defaultPartition.text),
            .nearest = near ? fmt::format("did you mean `{}`?", *near) : ""});
  }
}

Site readSite(Reader& root) {
  Site site;
  site.name = root.text("name").text;
  site.scheduler = root.text("scheduler");
  site.version = root.text("version").text;
  site.submitFromCompute = root.boolean("submit_from_compute", true);
  site.submitFromComputeAt = root.lineOf("submit_from_compute");
  site.sacct = root.boolean("sacct", true);
  if (Text flag = root.oneOf("gpu_flag", {"gres", "gpus-per-node"}); flag.at.valid())
    site.gpuFlag = flag.text;
  site.marginMs = root.time("margin").value;
  site.defaultPartition = root.text("default_partition");
  site.oversubscribe = root.boolean("oversubscribe", false);
  site.datacenters = readTexts(root, "datacenters");
  site.driver = root.oneOf("driver", {"raw_exec", "docker"});
  site.image = root.text("image").text;
  site.coreMhz = root.count("core_mhz");
  site.lostAfter = root.time("lost_after");
  site.poolIdle = root.time("pool_idle");
  for (const char* key : {"name", "scheduler"})
    if (!root.raw().contains(key)) root.missing(key);
  readTables(root, site);
  readPartitions(root, site);
  if (site.partitions.empty() && !site.oversubscribe) root.missing("partitions");
  root.finish();
  return site;
}

}  // namespace

std::optional<Site> load(const source::Sources& sources, source::FileId file,
                         diag::Emitter& emitter) {
  Places places(sources, file);
  size_t errorsBefore = emitter.errorCount();
  toml::parse_result parsed = toml::parse(sources.text(file), std::string(sources.path(file)));
  if (!parsed) {
    std::string what(parsed.error().description());
    std::replace(what.begin(), what.end(), '\n', ' ');
    emitter.report(places.of(parsed.error().source()), diag::SiteSyntax{.what = what});
    return std::nullopt;
  }
  Reader root({places, emitter}, parsed.table(), "the site");
  Site site = readSite(root);
  checkTogether(site, emitter);
  if (emitter.errorCount() != errorsBefore) return std::nullopt;
  return site;
}

}  // namespace wfc::site
