// `wfc import FILE…`: a flow and a site that say what documents of another system say. What was
// written is compiled and built again, and compared with the documents: the last line tells whether
// it is the same.
#include <filesystem>

#include "fmt/format.h"

#include "compiler/diag/catalog/audit.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/build.h"
#include "compiler/driver/foreign.h"
#include "compiler/format/format.h"
#include "compiler/site/load.h"

namespace wfc::driver {

namespace {

/// `NAME.wf`: what `-o` says, else beside the first document.
std::string flowPath(const Session& session) {
  std::filesystem::path path(session.arguments.positional.front());
  path.replace_extension(".wf");
  std::string wish = session.arguments.value("output", path.generic_string());
  return llvm::StringRef(wish).ends_with(".wf") ? wish : wish + ".wf";
}

bool mayWrite(Session& session, const std::string& path) {
  if (session.arguments.has("force") || !session.files->exists(path)) return true;
  session.emitter.report({}, diag::FileExists{.path = path});
  return false;
}

/// Builds what was written and reports where it is not what was imported. The number of
/// differences, or nullopt if it does not even compile.
std::optional<size_t> compareAgain(Session& session, const Documents& documents,
                                   const std::string& path, const std::string& sitePath) {
  Choice choice{.target = documents.target, .site = {}, .sitePath = sitePath};
  choice.site = site::load(session.sources, session.sources.find(sitePath), session.emitter);
  if (!choice.site) return std::nullopt;
  std::optional<ir::Module> module = compile(session, path, choice, ir::Stage::Legal);
  if (!module) return std::nullopt;
  makePortable(session, *module, path, choice);
  target::Artifacts artifacts = documents.target->emit(
      *module,
      {.version = std::string(version()), .source = path, .siteFile = sitePath, .project = "."});
  std::vector<target::Difference> differences = documents.target->foreign()->compare(
      readingOf(session, documents.files, nullptr), *module, artifacts);
  for (const target::Difference& difference : differences)
    session.emitter.report(difference.at, diag::ImportDiffers{.what = difference.what});
  return differences.size();
}

}  // namespace

int runImport(Session& session) {
  session.reached = diag::Stage::Audit;
  std::vector<Documents> all = documentsOf(session);
  if (session.emitter.hasErrors() || all.empty()) return session.finish();
  if (all.size() > 1) {
    session.emitter.report({},
                           diag::MixedDocuments{.one = all[0].target->foreign()->what().str(),
                                                .other = all[1].target->foreign()->what().str()});
    return session.finish();
  }
  std::string path = flowPath(session), sitePath = path.substr(0, path.size() - 3) + ".toml";
  if (!mayWrite(session, path) || !mayWrite(session, sitePath)) return session.finish();
  std::optional<target::Imported> imported =
      all[0].target->foreign()->import(readingOf(session, all[0].files, nullptr));
  if (!imported || session.emitter.hasErrors()) return session.finish();
  source::FileId raw = session.sources.add("<import>", imported->flow);
  std::optional<std::string> text = format::format(session.sources, raw, session.emitter);
  if (!text) return session.finish();
  if (!session.write(path, *text) || !session.write(sitePath, imported->site))
    return session.finish();
  session.sources.add(path, *text);
  session.sources.add(sitePath, imported->site);
  std::optional<size_t> differences = compareAgain(session, all[0], path, sitePath);
  if (differences == 0)
    session.print(
        fmt::format("{}: {}; builds back to an equivalent document\n", path, imported->summary));
  return session.finish(differences == 0 ? Good : Errors);
}

}  // namespace wfc::driver
