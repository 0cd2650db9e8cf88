// `wfc build FILE`: artifacts are made in memory, and written only if nothing was wrong; a failed
// build leaves the old ones.
#include "compiler/driver/build.h"

#include <filesystem>
#include <set>

#include "fmt/format.h"
#include "llvm/Support/JSON.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/ir/text.h"

namespace wfc::driver {

namespace {

namespace fs = std::filesystem;

/// The folders of an artifact folder that hold nothing but ours.
constexpr const char* kOwned[] = {"jobs", "tables"};

/// Files of an earlier build that the present one no longer makes.
std::vector<std::string> leftovers(Session& session, const target::Artifacts& artifacts,
                                   const std::string& folder) {
  std::vector<std::string> found;
  // Without a manifest the folder is not ours to judge.
  if (!session.files->exists(folder + "/manifest.json")) return found;
  std::set<std::string> wanted;
  for (const target::Artifact& artifact : artifacts) wanted.insert(artifact.path);
  for (const char* owned : kOwned) {
    auto entries = session.files->list(folder + "/" + owned);
    if (!entries) continue;
    for (const base::DirectoryEntry& entry : *entries) {
      std::string path = fmt::format("{}/{}", owned, entry.name);
      if (!entry.isDirectory && !wanted.contains(path)) found.push_back(path);
    }
  }
  return found;
}

int checkFresh(Session& session, const target::Artifacts& artifacts, const std::string& folder) {
  std::string stale;
  for (const target::Artifact& artifact : artifacts) {
    std::string path = folder + "/" + artifact.path;
    llvm::ErrorOr<std::string> present = session.files->read(path);
    if (!present)
      stale += fmt::format("missing: {}\n", path);
    else if (*present != artifact.text)
      stale += fmt::format("stale: {}\n", path);
  }
  for (const std::string& path : leftovers(session, artifacts, folder))
    stale += fmt::format("left over: {}/{}\n", folder, path);
  session.print(stale);
  return session.finish(stale.empty() ? Good : Errors);
}

int printModule(Session& session, const std::string& path, Choice& choice) {
  std::string name = session.arguments.value("emit-ir");
  ir::Stage stage = name == "checked"   ? ir::Stage::Checked
                    : name == "planned" ? ir::Stage::Planned
                                        : ir::Stage::Legal;
  std::vector<std::string_view> stages = {"checked", "planned", "legal"};
  if (!name.empty() && std::find(stages.begin(), stages.end(), name) == stages.end()) {
    rejectValue(session.emitter, "--emit-ir", name, stages);
    session.finish();
    return WrongUse;
  }
  if (stage == ir::Stage::Checked) choice = {};
  std::optional<ir::Module> module = compile(session, path, choice, stage);
  if (module) {
    makePortable(session, *module, path, choice);
    session.print(ir::print(*module));
  }
  return session.finish();
}

}  // namespace

std::optional<Built> makeBuilt(Session& session, const std::string& path, const Choice& choice,
                               const std::string& folder) {
  std::optional<ir::Module> module = compile(session, path, choice, ir::Stage::Legal);
  if (!module) return std::nullopt;
  std::vector<std::string> sources = module->files;
  makePortable(session, *module, path, choice);
  std::string project = folderOf(path);
  target::Origin origin{
      .version = std::string(version()),
      .source = relativePath(path, project),
      .siteFile = choice.sitePath.empty() ? std::string() : relativePath(choice.sitePath, project),
      .params = parameters(session),
      .project = relativePath(project, folder)};
  llvm::sort(origin.params);
  target::Artifacts artifacts = choice.target->emit(*module, origin);
  return Built{std::move(*module), std::move(artifacts), std::move(sources)};
}

std::optional<target::Artifacts> makeArtifacts(Session& session, const std::string& path,
                                               const Choice& choice, const std::string& folder) {
  std::optional<Built> built = makeBuilt(session, path, choice, folder);
  if (!built) return std::nullopt;
  return std::move(built->artifacts);
}

std::string hashOf(const target::Artifacts& artifacts) {
  for (const target::Artifact& artifact : artifacts) {
    if (artifact.path != "manifest.json") continue;
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(artifact.text);
    if (!value)
      llvm::consumeError(value.takeError());
    else if (const llvm::json::Object* object = value->getAsObject())
      return object->getString("hash").value_or("").str();
  }
  return {};
}

bool writeArtifacts(Session& session, const target::Artifacts& artifacts,
                    const std::string& folder) {
  if (!session.files->exists(folder)) {
    std::vector<base::FolderFile> files;
    for (const target::Artifact& a : artifacts)
      files.push_back(
          {a.path, a.text, a.isExecutable ? base::FileMode::Executable : base::FileMode::Plain});
    return session.writeFolder(folder, files);
  }
  std::vector<std::string> old = leftovers(session, artifacts, folder);
  for (const target::Artifact& artifact : artifacts)
    if (!session.write(folder + "/" + artifact.path, artifact.text, artifact.isExecutable))
      return false;
  for (const std::string& path : old) {
    std::error_code ignored;
    fs::remove(fs::path(folder) / path, ignored);
  }
  return true;
}

int runBuild(Session& session) {
  const std::string& path = session.arguments.positional.front();
  Choice choice;
  if (!choose(session, defaultTarget(), choice)) return session.finish();
  if (session.arguments.has("emit-ir")) return printModule(session, path, choice);
  std::string folder = session.arguments.value(
      "output", fmt::format("{}/out/{}", folderOf(path), choice.target->name().str()));
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  std::optional<target::Artifacts> artifacts = makeArtifacts(session, path, choice, folder);
  if (!artifacts) return session.finish();
  if (session.arguments.has("check")) return checkFresh(session, *artifacts, folder);
  writeArtifacts(session, *artifacts, folder);
  return session.finish();
}

}  // namespace wfc::driver
