// See crate.h. Entities are written as they come: a run of a million instances is not held twice.
#include "runtime/report/crate.h"

#include <cerrno>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/ir/eval.h"

#include "runtime/attempt/outputs.h"
#include "runtime/report/made.h"

namespace wfc::run {

namespace {

using llvm::StringRef;

constexpr StringRef kMetadata = "ro-crate-metadata.json";
constexpr StringRef kProfiles[] = {"https://w3id.org/ro/wfrun/process/0.5",
                                   "https://w3id.org/ro/wfrun/workflow/0.5",
                                   "https://w3id.org/workflowhub/workflow-ro-crate/1.0"};

/// An identifier within the crate: everything but what a path may hold is escaped (RFC 3986).
std::string uri(StringRef text) {
  std::string result;
  for (char c : text) {
    bool isPlain = llvm::isAlnum(c) || StringRef("-._~/").contains(c);
    result += isPlain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

/// In the one spelling of ISO 8601 that the profile's own checks know.
std::string timeText(int64_t ms) {
  std::string text = ir::instantText(ms / 1000);
  return StringRef(text).drop_back().str() + "+00:00";
}

StringRef formatOf(StringRef path) {
  constexpr std::pair<StringRef, StringRef> kFormats[] = {
      {".json", "application/json"}, {".csv", "text/csv"},
      {".txt", "text/plain"},        {".wf", "text/plain"},
      {".toml", "application/toml"}, {".tif", "image/tiff"},
      {".nc", "application/netcdf"}, {".gpkg", "application/geopackage+sqlite3"},
      {".png", "image/png"},         {".svg", "image/svg+xml"}};
  for (auto [suffix, format] : kFormats)
    if (path.ends_with(suffix)) return format;
  return "application/octet-stream";
}

/// A source that the artifacts were made from, relative to the project, and its BLAKE3 then.
struct Source {
  std::string path, hash;
};

std::vector<Source> sourcesOf(const RunView& view) {
  std::vector<Source> sources;
  std::optional<std::string> text =
      readFile(fmt::format("{}/{}", view.header.artifacts, abi::kManifestFile));
  if (!text) return sources;
  llvm::Expected<llvm::json::Value> manifest = llvm::json::parse(*text);
  if (!manifest) return llvm::consumeError(manifest.takeError()), sources;
  const llvm::json::Array* made =
      manifest->getAsObject() ? manifest->getAsObject()->getArray("made_from") : nullptr;
  for (const llvm::json::Value& value : made ? *made : llvm::json::Array())
    if (const llvm::json::Object* object = value.getAsObject())
      sources.push_back({object->getString("path").value_or("").str(),
                         object->getString("hash").value_or("").str()});
  return sources;
}

class Crate {
 public:
  Crate(const RunView& view, StringRef license, llvm::raw_ostream& out)
      : view_(view),
        e_(*view.engine),
        m_(view.plan->module()),
        license_(license.str()),
        json_(out, 1) {}

  /// Empty, or what is in the way.
  std::string copySources() {
    for (const Source& source : sourcesOf(view_)) {
      std::string from = fmt::format("{}/{}", view_.header.project, source.path);
      std::string path = "source/" + StringRef(source.path).ltrim("./").str(), hash;
      uint64_t bytes = 0;
      // Since changed, or gone: then the plan alone tells what ran.
      bool isSame = hashOf(from, bytes, hash) && hash == source.hash && source.path[0] != '/';
      std::optional<std::string> text = isSame ? readFile(from) : std::nullopt;
      if (!text) continue;
      std::string to = fmt::format("{}/{}", view_.run, path);
      if (!makeFolders(to.substr(0, to.rfind('/'))) || !writeWhole(to, *text))
        return fmt::format("cannot write {}: {}", to, std::strerror(errno));
      sources_.push_back({path, source.hash});
      if (workflow_.empty() && StringRef(path).ends_with(".wf")) workflow_ = path;
    }
    if (workflow_.empty()) workflow_ = abi::kPlanFile;
    return {};
  }

  void write() {
    e_.forEach([&](InstanceId id) { note(id); });
    json_.object([&] {
      json_.attribute("@context", "https://w3id.org/ro/crate/1.1/context");
      json_.attributeArray("@graph", [&] {
        writeHead();
        writeRoot();
        writeWorkflow();
        writeRun();
        e_.forEach([&](InstanceId id) { writeInstance(id); });
        for (const Source& source : sources_)
          if (source.path != workflow_) writeFile(uri(source.path), 0, source.hash, source.path);
      });
    });
  }

 private:
  template <class Body>
  void entity(StringRef id, StringRef type, Body body) {
    json_.object([&] {
      json_.attribute("@id", id);
      json_.attribute("@type", type);
      body();
    });
  }

  void link(StringRef key, StringRef id) {
    json_.attributeObject(key, [&] { json_.attribute("@id", id); });
  }
  /// One is no list, and none is nothing (RO-Crate 1.1, "flattened" JSON-LD).
  template <class Ids>
  void links(StringRef key, const Ids& ids) {
    if (std::size(ids) == 0) return;
    if (std::size(ids) == 1) return link(key, *std::begin(ids));
    json_.attributeArray(key, [&] {
      for (const auto& id : ids) json_.object([&] { json_.attribute("@id", id); });
    });
  }

  static std::string actionOf(const std::string& id) { return "#action/" + uri(id); }

  static std::string fileId(StringRef path, bool isFolder) {
    std::string id = uri(path);
    if (path.starts_with("/")) id = "file://" + id;
    return isFolder && !StringRef(id).ends_with("/") ? id + "/" : id;
  }

  /// Its last attempt, if it ran one.
  std::optional<Attempt> ranLast(InstanceId id) const {
    std::vector<Attempt> attempts = e_.attemptsOf(id);
    if (attempts.empty()) return std::nullopt;
    const Attempt& last = attempts.back();
    bool isOne = last.n > 0 && last.started > 0 && last.hasEnded && !last.isPast;
    return isOne ? std::optional(last) : std::nullopt;
  }

  bool isFolder(InstanceId id, uint32_t output) const {
    const ir::Type& type = m_.types[m_[m_.families[id.family].task].outputs[output].type];
    return type.kind == ir::Type::Set ||
           (type.kind == ir::Type::Artifact && m_[type.artifact].isDir);
  }

  /// What it made that is still there.
  std::vector<std::pair<std::string, Details::Output>> filesOf(InstanceId id) const {
    std::vector<std::pair<std::string, Details::Output>> files;
    for (Made::File& made : madeBy(e_, id).files)
      files.push_back({fileId(made.file.path, isFolder(id, made.file.output)), made.file});
    return files;
  }

  void note(InstanceId id) {
    std::optional<Attempt> last = ranLast(id);
    if (!last) return;
    actions_.push_back(actionOf(e_.idOf(id)));
    for (const auto& [file, output] : filesOf(id)) made_.push_back(file);
    to_ = std::max(to_, last->ended);
  }

  void writeHead() {
    json_.object([&] {
      json_.attribute("@id", kMetadata);
      json_.attribute("@type", "CreativeWork");
      links("conformsTo", std::vector<StringRef>{"https://w3id.org/ro/crate/1.1", kProfiles[2]});
      link("about", "./");
    });
    for (StringRef profile : kProfiles)
      entity(profile, "CreativeWork", [&] {
        StringRef name = profile.rsplit('/').first;
        json_.attribute("name", name.substr(name.find("w3id.org/") + 9));
        json_.attribute("version", profile.rsplit('/').second);
      });
  }

  void writeRoot() {
    entity("./", "Dataset", [&] {
      StringRef name = StringRef(view_.run).rsplit('/').second;
      json_.attribute("name",
                      llvm::json::fixUTF8(fmt::format("{}: {}", view_.header.flow, name.str())));
      json_.attribute("description",
                      fmt::format("A run of the workflow `{}` by wfc, target {}: {}",
                                  view_.header.flow, view_.header.target, countsText(e_)));
      json_.attribute("datePublished", timeText(to_ ? to_ : nowMs()));
      if (StringRef(license_).contains("://"))
        link("license", license_);
      else
        json_.attribute("license", license_.empty() ? "not stated" : license_);
      links("conformsTo", kProfiles);
      link("mainEntity", uri(workflow_));
      std::vector<std::string> parts{uri(workflow_)};
      for (const Source& source : sources_)
        if (source.path != workflow_) parts.push_back(uri(source.path));
      parts.insert(parts.end(), made_.begin(), made_.end());
      links("hasPart", parts);
      std::vector<std::string> mentions{"#run"};
      mentions.insert(mentions.end(), actions_.begin(), actions_.end());
      links("mentions", mentions);
    });
    if (StringRef(license_).contains("://"))
      entity(license_, "CreativeWork", [&] { json_.attribute("name", license_); });
  }

  void writeWorkflow() {
    json_.object([&] {
      json_.attribute("@id", uri(workflow_));
      json_.attributeArray("@type", [&] {
        for (StringRef type : {"File", "SoftwareSourceCode", "ComputationalWorkflow"})
          json_.value(type);
      });
      json_.attribute("name", view_.header.flow);
      json_.attribute("version", view_.header.artifact);
      json_.attribute("encodingFormat", formatOf(workflow_));
      for (const Source& source : sources_)
        if (source.path == workflow_) json_.attribute("identifier", "blake3:" + source.hash);
      link("programmingLanguage", "#wfc");
      std::vector<std::string> tools;
      for (const ir::Task& task : m_.tasks) tools.push_back("#task/" + uri(task.name));
      links("hasPart", tools);
    });
    entity("#wfc", "ComputerLanguage", [&] { json_.attribute("name", "wfc"); });
    std::set<std::string> told;
    for (const ir::Task& task : m_.tasks)
      if (told.insert(task.name).second)
        entity("#task/" + uri(task.name), "SoftwareApplication",
               [&] { json_.attribute("name", task.name); });
  }

  void writeRun() {
    entity("#run", "CreateAction", [&] {
      json_.attribute("name", fmt::format("run of {}", view_.header.flow));
      json_.attribute("description", countsText(e_));
      link("instrument", uri(workflow_));
      json_.attribute("startTime", timeText(view_.header.created));
      json_.attribute("endTime", timeText(to_ ? to_ : nowMs()));
      writeStatus(e_.exitStatus() == 0, countsText(e_));
      links("result", made_);
    });
  }

  void writeStatus(bool isGood, const std::string& why) {
    json_.attribute("actionStatus", isGood ? "http://schema.org/CompletedActionStatus"
                                           : "http://schema.org/FailedActionStatus");
    if (!isGood) json_.attribute("error", llvm::json::fixUTF8(why));
  }

  void writeInstance(InstanceId id) {
    std::optional<Attempt> last = ranLast(id);
    if (!last) return;
    const ir::Family& family = m_.families[id.family];
    const std::string name = e_.idOf(id);
    Details details = e_.detailsOf(*last);
    bool isGood = last->outcome == ir::Outcome::Ok || last->outcome == ir::Outcome::NoData;
    entity(actionOf(name), "CreateAction", [&] {
      json_.attribute("name", name);
      json_.attribute("description",
                      fmt::format("{} at {}, attempt {} on {}", ir::name(last->outcome).str(),
                                  place(m_, family.loc), last->n,
                                  details.node.empty() ? "this machine" : details.node));
      link("instrument",
           family.task.valid() ? "#task/" + uri(m_[family.task].name) : uri(workflow_));
      json_.attribute("startTime", timeText(last->started));
      json_.attribute("endTime", timeText(last->ended));
      writeStatus(isGood, details.why.empty() ? ir::name(last->outcome).str() : details.why);
      links("object", inputsOf(id));
      std::vector<std::string> made;
      for (const auto& [file, output] : filesOf(id)) made.push_back(file);
      links("result", made);
    });
    for (const auto& [file, output] : filesOf(id))
      writeFile(file, output.bytes, output.hash, output.path);
  }

  /// What other instances made and this one was given.
  std::set<std::string> inputsOf(InstanceId id) const {
    std::set<std::string> inputs;
    for (const Wait& wait : view_.plan->family(id.family).waits) {
      if (!readsFiles(m_, m_[wait.ref])) continue;
      for (InstanceId producer : e_.namedBy(id, wait))
        for (const auto& [file, output] : filesOf(producer))
          if (output.output == m_[wait.ref].output) inputs.insert(file);
    }
    return inputs;
  }

  void writeFile(StringRef id, uint64_t bytes, StringRef hash, StringRef name) {
    entity(id, id.ends_with("/") ? "Dataset" : "File", [&] {
      json_.attribute("name", llvm::json::fixUTF8(name));
      if (!id.ends_with("/")) json_.attribute("encodingFormat", formatOf(name));
      if (bytes > 0) json_.attribute("contentSize", std::to_string(bytes));
      if (!hash.empty()) json_.attribute("identifier", "blake3:" + hash.str());
    });
  }

  const RunView& view_;
  const Engine& e_;
  const ir::Module& m_;
  std::string license_, workflow_;
  llvm::json::OStream json_;
  std::vector<Source> sources_;
  std::vector<std::string> actions_, made_;
  int64_t to_ = 0;  ///< when the last of them ended
};

}  // namespace

std::string writeCrate(const RunView& view, StringRef license) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Crate crate(view, license, out);
  if (std::string wrong = crate.copySources(); !wrong.empty()) return wrong;
  crate.write();
  std::string path = fmt::format("{}/{}", view.run, kMetadata.str());
  if (!writeWhole(path, text + "\n"))
    return fmt::format("cannot write {}: {}", path, std::strerror(errno));
  return {};
}

}  // namespace wfc::run
