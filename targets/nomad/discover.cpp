// A site file from a live Nomad, read from the API's list of nodes.
//
// It writes what the nodes say and nothing more: defaults, times and what containers there are are
// the owner's to decide, and the file says so in comments.
#include <algorithm>
#include <map>
#include <set>

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include "compiler/base/writer.h"
#include "compiler/target/text/quoted.h"

#include "targets/nomad/nomad.h"

namespace wfc::targets::nomad {

namespace {

using llvm::json::Object;
using llvm::json::Value;

/// A path of keys to a number; 0: it is not there.
int64_t numberAt(const Object& object, llvm::ArrayRef<llvm::StringRef> path) {
  const Object* at = &object;
  for (llvm::StringRef key : path.drop_back())
    if (at != nullptr) at = at->getObject(key);
  return at == nullptr ? 0 : at->getInteger(path.back()).value_or(0);
}

/// `h100` of `NVIDIA H100 80GB HBM3`: the first word of letters and then digits, else the last.
std::string modelOf(llvm::StringRef name) {
  llvm::SmallVector<llvm::StringRef> words;
  name.split(words, ' ', -1, false);
  for (llvm::StringRef word : words) {
    bool isModel = llvm::isAlpha(word.front()) && llvm::isDigit(word.back()) && word.size() <= 5;
    if (isModel) return word.lower();
  }
  return words.empty() ? "gpu" : words.back().lower();
}

/// The nodes of a pool, by what they offer: the smallest counts, because a task may land on any.
struct Offer {
  int64_t nodes = 0, cores = 0, memory = 0;
  std::map<std::string, int64_t> gpus;
};

class Room {
 public:
  void add(const Object& node) {
    if (node.getString("Status").value_or("") != "ready") return;
    datacenters_.insert(node.getString("Datacenter").value_or("").str());
    version_ = node.getString("Version").value_or("").str();
    Offer& offer = pools_[node.getString("NodePool").value_or("default").str()];
    int64_t cores = std::max<int64_t>(1, numberAt(node, {"NodeResources", "Cpu", "TotalCpuCores"}));
    int64_t shares = numberAt(node, {"NodeResources", "Cpu", "CpuShares"});
    int64_t memory = numberAt(node, {"NodeResources", "Memory", "MemoryMB"});
    bool isFirst = offer.nodes++ == 0;
    offer.cores = isFirst ? cores : std::min(offer.cores, cores);
    offer.memory = isFirst ? memory : std::min(offer.memory, memory);
    mhz_ = mhz_ == 0 ? shares / cores : std::min(mhz_, shares / cores);
    hasRawExec_ &= hasDriver(node, "raw_exec");
    addDevices(node, offer);
  }

  std::string toml() const {
    base::Writer out;
    out.raw(
        "# Written by `wfc site discover`. Look over: name, defaults, walltime, containers, "
        "lost_after.");
    out.raw("name = \"nomad\"");
    out.raw("scheduler = \"nomad\"");
    out.line("version = {}", target::quoted(version_));
    std::string names;
    for (const std::string& name : datacenters_)
      names += (names.empty() ? "" : ", ") + target::quoted(name);
    out.line("datacenters = [{}]", names);
    out.line("driver = \"{}\"", hasRawExec_ ? "raw_exec" : "docker");
    out.line("core_mhz = {} # leave it out for cores of one's own", mhz_);
    if (pools_.contains("default")) out.raw("default_partition = \"default\"");
    out.line();
    out.raw("[defaults]");
    out.raw("cpus = 1");
    out.raw("memory = \"2GiB\"");
    out.raw("time = \"1h\"");
    if (!devices_.empty()) out.raw("\n[devices]");
    for (const auto& [model, name] : devices_)
      out.line("{} = {}", target::quoted(model), target::quoted(name));
    for (const auto& [name, offer] : pools_) writePool(out, name, offer);
    return out.take();
  }

  bool isEmpty() const { return pools_.empty(); }

 private:
  static bool hasDriver(const Object& node, llvm::StringRef name) {
    const Object* drivers = node.getObject("Drivers");
    const Object* driver = drivers == nullptr ? nullptr : drivers->getObject(name);
    return driver != nullptr && driver->getBoolean("Healthy").value_or(false);
  }

  void addDevices(const Object& node, Offer& offer) {
    const Object* resources = node.getObject("NodeResources");
    const llvm::json::Array* devices =
        resources == nullptr ? nullptr : resources->getArray("Devices");
    if (devices == nullptr) return;
    for (const Value& value : *devices) {
      const Object* device = value.getAsObject();
      const llvm::json::Array* instances =
          device == nullptr ? nullptr : device->getArray("Instances");
      if (instances == nullptr) continue;
      std::string name = device->getString("Name").value_or("").str();
      std::string model = modelOf(name);
      devices_[model] = fmt::format("{}/{}/{}", device->getString("Vendor").value_or("").str(),
                                    device->getString("Type").value_or("").str(), name);
      // A model that only some of the nodes have is still on offer there.
      offer.gpus.try_emplace(model, static_cast<int64_t>(instances->size()));
    }
  }

  static void writePool(base::Writer& out, const std::string& name, const Offer& offer) {
    out.line();
    out.line("[partitions.{}]", target::quoted(name));
    out.line("nodes = {}", offer.nodes);
    out.line("cores = {}", offer.cores);
    out.line("memory = \"{}MiB\"", offer.memory);
    out.raw("walltime = \"365d\" # Nomad itself has no limit");
    std::string gpus;
    for (const auto& [model, count] : offer.gpus)
      gpus += fmt::format("{}{{ model = {}, count = {} }}", gpus.empty() ? "" : ", ",
                          target::quoted(model), count);
    if (!gpus.empty()) out.line("gpus = {}", offer.gpus.size() > 1 ? "[" + gpus + "]" : gpus);
  }

  std::set<std::string> datacenters_;
  std::map<std::string, Offer> pools_;
  std::map<std::string, std::string> devices_;
  std::string version_;
  int64_t mhz_ = 0;
  bool hasRawExec_ = true;
};

}  // namespace

target::Discovery Nomad::discover(const target::Ask& ask) const {
  auto text = ask({"nomad", "operator", "api", "-X", "GET", "/v1/nodes?resources=true"});
  llvm::Expected<Value> value = llvm::json::parse(text ? *text : "");
  if (!value || value->getAsArray() == nullptr) {
    llvm::consumeError(value.takeError());
    return {{}, "nomad does not answer"};
  }
  Room room;
  for (const Value& node : *value->getAsArray())
    if (node.getAsObject() != nullptr) room.add(*node.getAsObject());
  if (room.isEmpty()) return {{}, "Nomad has no node that is ready"};
  return {room.toml(), {}};
}

}  // namespace wfc::targets::nomad
