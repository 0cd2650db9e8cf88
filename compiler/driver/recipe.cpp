// From a path to a module.
#include "compiler/driver/recipe.h"

#include <filesystem>

#include "fmt/format.h"

#include "compiler/base/assert.h"
#include "compiler/base/suggest.h"
#include "compiler/check/check.h"
#include "compiler/diag/catalog/site.h"
#include "compiler/diag/catalog/target.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/shellcheck.h"
#include "compiler/pass/pipeline.h"
#include "compiler/site/load.h"
#include "compiler/syntax/parse.h"
#include "compiler/target/text/manifest.h"

#include "targets/registry.h"

#include "stdlib/embedded.h"

namespace wfc::driver {

namespace {

namespace fs = std::filesystem;

const target::Target* targetNamed(Session& session, const std::string& name) {
  if (const target::Target* found = targets::find(name)) return found;
  std::vector<std::string_view> names;
  for (const target::Target* target : targets::all())
    names.push_back(std::string_view(target->name()));
  auto near = base::suggest(name, names);
  std::string hint = near ? fmt::format("did you mean `{}`?", *near)
                          : fmt::format("there are {}", fmt::join(names, ", "));
  session.emitter.report({}, diag::UnknownTarget{.target = name, .nearest = hint});
  return nullptr;
}

bool loadSite(Session& session, Choice& choice) {
  source::FileId file = 0;
  if (session.arguments.has("site")) {
    choice.sitePath = session.arguments.value("site");
    file = session.read(choice.sitePath);
  } else if (choice.target) {
    llvm::StringRef text = choice.target->defaultSite();
    if (text.empty()) {
      session.emitter.report({}, diag::NoSite{.target = choice.target->name().str()});
      return false;
    }
    file =
        session.sources.add(fmt::format("<site of {}>", choice.target->name().str()), text.str());
  }
  if (file != 0) choice.site = site::load(session.sources, file, session.emitter);
  if (choice.site && choice.target &&
      !llvm::is_contained(choice.target->schedulers(), choice.site->scheduler.text))
    session.emitter.report(
        choice.site->scheduler.at,
        diag::SiteOfAnotherScheduler{.site = choice.site->name,
                                     .scheduler = choice.site->scheduler.text,
                                     .target = choice.target->name().str(),
                                     .wanted = choice.target->schedulers().front().str()});
  return !session.emitter.hasErrors();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parameters(Session& session) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& word : session.arguments.values("param")) {
    size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      rejectValue(session.emitter, "--param", word, {}, "name=value");
    else
      result.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return result;
}

llvm::StringRef stdlibModule(llvm::StringRef name) {
  for (const stdlib::Module& module : stdlib::all())
    if (module.name == std::string_view(name)) return {module.text.data(), module.text.size()};
  return {};
}

std::string defaultTarget() { return targets::all().front()->name().str(); }

bool choose(Session& session, const std::string& otherwise, Choice& choice) {
  std::string name = session.arguments.value("target", otherwise);
  if (!name.empty()) {
    choice.target = targetNamed(session, name);
    if (!choice.target) return false;
  }
  choice.shellcheck = session.arguments.value("shellcheck", choice.shellcheck);
  if (!findShellcheck(session, choice.shellcheck)) return false;
  return loadSite(session, choice);
}

std::optional<ir::Module> compile(Session& session, const std::string& path, const Choice& choice,
                                  ir::Stage last) {
  base::Doing doing("compiling", path);
  source::FileId file = session.read(path);
  if (file == 0) return std::nullopt;
  session.reached = diag::Stage::Check;
  syntax::Tree tree = syntax::parse(session.sources, file, session.emitter);
  check::Request request{.files = *session.files,
                         .folder = folderOf(path),
                         .params = parameters(session),
                         .partial = choice.isPartial,
                         .flow = session.arguments.value("flow"),
                         .stdlib = stdlibModule};
  std::vector<check::Script> scripts;
  if (choice.shellcheck != "never")
    request.onScript = [&](check::Script script) { scripts.push_back(std::move(script)); };
  ir::Module module = check::check(session.sources, tree, request, session.emitter);
  if (session.emitter.hasErrors()) return std::nullopt;
  runShellcheck(session, scripts);
  if (choice.site) {
    session.reached = choice.target ? diag::Stage::Target : diag::Stage::Plan;
    pass::Context context{.sources = session.sources,
                          .site = &*choice.site,
                          .target = choice.target,
                          .emitter = session.emitter};
    module = pass::runAll(std::move(module), context,
                          choice.target ? last : std::min(last, ir::Stage::Planned));
  }
  if (session.emitter.hasErrors()) return std::nullopt;
  return module;
}

void makePortable(Session& session, ir::Module& module, const std::string& path,
                  const Choice& choice) {
  std::string project = folderOf(path);
  auto add = [&](const std::string& name, std::string_view text) {
    auto isSame = [&](const ir::FileHash& known) { return known.path == name; };
    if (std::none_of(module.made_from.begin(), module.made_from.end(), isSame))
      module.made_from.push_back({name, target::blake3(llvm::StringRef(text.data(), text.size()))});
  };
  for (std::string& file : module.files) {
    source::FileId id = session.sources.find(file);
    // Modules of the standard library have no path.
    if (!llvm::StringRef(file).starts_with("<")) file = relativePath(file, project);
    if (id != 0) add(file, session.sources.text(id));
  }
  if (source::FileId main = session.sources.find(path))
    add(relativePath(path, project), session.sources.text(main));
  if (source::FileId site = session.sources.find(choice.sitePath);
      site != 0 && !choice.sitePath.empty())
    add(relativePath(choice.sitePath, project), session.sources.text(site));
  llvm::sort(module.made_from,
             [](const ir::FileHash& a, const ir::FileHash& b) { return a.path < b.path; });
}

std::string relativePath(const std::string& from, const std::string& to) {
  std::error_code ignored;
  fs::path absolute = fs::absolute(from, ignored).lexically_normal(),
           base = fs::absolute(to, ignored).lexically_normal();
  if (!base.has_filename()) base = base.parent_path();
  if (!absolute.has_filename() && absolute.has_relative_path()) absolute = absolute.parent_path();
  fs::path relative = absolute.lexically_relative(base);
  return relative.empty() ? "." : relative.generic_string();
}

std::string cacheOf(const std::string& path) {
  return (fs::path(folderOf(path)) / ".wfc" / fs::path(path).stem()).lexically_normal().string();
}

std::string folderOf(const std::string& path) {
  std::string folder = fs::path(path).parent_path().generic_string();
  return folder.empty() ? "." : folder;
}

}  // namespace wfc::driver
