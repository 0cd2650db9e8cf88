// `wfc opt`: runs passes over the text of a module, for tests and for a look inside. Without a pass
// it prints what it read.
#include "fmt/format.h"

#include "compiler/diag/catalog/plan.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/recipe.h"
#include "compiler/ir/text.h"
#include "compiler/pass/pipeline.h"

namespace wfc::driver {

namespace {

/// The files that the module's locations name, as far as they lie beside it: then reports can show
/// them.
void readNamed(Session& session, const ir::Module& module, const std::string& folder) {
  for (const std::string& file : module.files) {
    std::string path = folder == "." ? file : folder + "/" + file;
    if (session.sources.find(file) != 0) continue;
    if (llvm::ErrorOr<std::string> text = session.files->read(path))
      session.sources.add(file, std::move(*text));
  }
}

std::optional<ir::Module> readModule(Session& session, const std::string& path) {
  source::FileId file = session.read(path);
  if (file == 0) return std::nullopt;
  std::string_view text = session.sources.text(file);
  ir::ParseResult parsed = ir::parse(llvm::StringRef(text.data(), text.size()));
  if (!parsed.module) {
    uint32_t line =
        std::min(std::max(parsed.line, 1u), std::max(session.sources.lineCount(file), 1u));
    uint32_t begin = session.sources.lineStart(file, line);
    uint32_t length = static_cast<uint32_t>(session.sources.lineText(file, line).size());
    session.emitter.report({file, begin, begin + length}, diag::WrongModule{.what = parsed.error});
    return std::nullopt;
  }
  for (const std::string& broken : ir::verify(*parsed.module))
    session.emitter.report({}, diag::WrongModule{.what = broken});
  if (session.emitter.hasErrors()) return std::nullopt;
  readNamed(session, *parsed.module, path == "-" ? "." : folderOf(path));
  return std::move(parsed.module);
}

const pass::Pass* findPass(Session& session, const std::string& name) {
  if (const pass::Pass* found = pass::find(name)) return found;
  std::vector<std::string_view> names;
  for (const pass::Pass& pass : pass::passes()) names.push_back(std::string_view(pass.name));
  rejectValue(session.emitter, "--pass", name, names);
  return nullptr;
}

}  // namespace

int runOpt(Session& session) {
  if (session.arguments.has("list")) {
    for (const pass::Pass& pass : pass::passes())
      session.print(fmt::format("{:<12} {}\n", pass.name.str(), pass.summary.str()));
    return session.finish();
  }
  Choice choice;
  if (!choose(session, "", choice)) return session.finish();
  std::optional<ir::Module> module = readModule(
      session, session.arguments.positional.empty() ? "-" : session.arguments.positional.front());
  if (!module) return session.finish();
  session.reached = diag::Stage::Target;
  pass::Context context{.sources = session.sources,
                        .site = choice.site ? &*choice.site : nullptr,
                        .target = choice.target,
                        .emitter = session.emitter};
  for (const std::string& name : session.arguments.values("pass")) {
    const pass::Pass* pass = findPass(session, name);
    if (!pass || session.emitter.hasErrors()) break;
    module = pass::run(*pass, std::move(*module), context);
  }
  if (!session.emitter.hasErrors()) session.print(ir::print(*module));
  return session.finish();
}

}  // namespace wfc::driver
