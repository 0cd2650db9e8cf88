// The man page and the completions of wfc: its table of commands, in the shape that base makes them
// of.
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/recipe.h"
#include "compiler/driver/session.h"
#include "compiler/syntax/parse.h"

#include "targets/registry.h"

namespace wfc::driver {

namespace {

using Candidates = std::vector<base::Candidate>;

std::vector<base::ManualFlag> flagsOf(llvm::ArrayRef<Flag> flags) {
  std::vector<base::ManualFlag> result;
  for (const Flag& flag : flags)
    result.push_back({.name = "--" + flag.name.str(),
                      .brief = flag.letter ? std::string("-") + flag.letter : "",
                      .value = flag.value.str(),
                      .help = flag.doc.str(),
                      .isOptionalValue = flag.isOptionalValue});
  return result;
}

/// The names of the flows of the first file among the words, or of their parameters.
Candidates namesIn(llvm::ArrayRef<std::string> words, bool isParam) {
  Candidates names;
  for (const std::string& word : words) {
    if (!llvm::StringRef(word).ends_with(".wf")) continue;
    Session session({}, {});
    source::FileId file = session.read(word);
    if (file == 0) return names;
    syntax::Tree tree = syntax::parse(session.sources, file, session.emitter);
    for (const syntax::Decl* decl : tree.decls) {
      const auto* flow = std::get_if<syntax::FlowDecl>(&decl->as);
      if (flow == nullptr) continue;
      if (!isParam) names.push_back({decl->name.text.str(), decl->doc.str()});
      for (const syntax::Param& param : flow->params)
        if (isParam) names.push_back({param.name.text.str() + "=", param.doc.str()});
    }
    return names;
  }
  return names;
}

std::optional<Candidates> values(llvm::StringRef kind, llvm::ArrayRef<std::string> words,
                                 llvm::StringRef) {
  Candidates known;
  if (kind == "T") {
    for (const target::Target* target : targets::all())
      known.push_back({target->name().str(), target->summary().str()});
    return known;
  }
  if (kind == "NAME=VALUE") return namesIn(words, true);
  if (kind == "NAME") return namesIn(words, false);
  if (kind == "STAGE") return Candidates{{"checked", ""}, {"planned", ""}, {"legal", ""}};
  if (kind != "ID|NAME") return std::nullopt;
  for (const diag::Entry& entry : diag::entries()) {
    known.push_back({std::string(entry.id), std::string(entry.name)});
    known.push_back({std::string(entry.name), std::string(entry.id)});
  }
  return known;
}

}  // namespace

base::Manual manual() {
  base::Manual manual{.program = "wfc",
                      .summary = "a compiler for typed workflows",
                      .common = flagsOf(commonFlags()),
                      .seeAlso = {"wfr", "wfr-move", "wfr-geo", "wfr-torch"}};
  for (const Command& command : commands())
    if (!command.isHidden)
      manual.commands.push_back({.name = command.name.str(),
                                 .words = command.arguments.str(),
                                 .summary = command.summary.str(),
                                 .flags = flagsOf(command.flags)});
  manual.sections = {{"EXIT STATUS", std::string(kExits)},
                     {"ENVIRONMENT", "`NO_COLOR`: reports have no colours, whatever it says."}};
  return manual;
}

std::string completionsFor(llvm::ArrayRef<std::string> words) {
  return base::completions(manual(), words, values);
}

int runCompletion(Session& session) {
  const std::string& shell = session.arguments.positional.front();
  std::string script = base::completionScript("wfc", shell);
  if (script.empty()) {
    rejectValue(session.emitter, "wfc completion", shell, {"bash", "zsh", "fish"});
    session.finish();
    return WrongUse;
  }
  session.print(script);
  return session.finish();
}

}  // namespace wfc::driver
