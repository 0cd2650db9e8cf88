// The page docs/stdlib.md: the exported names of each module of the standard library, with their
// comments.
#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/recipe.h"
#include "compiler/driver/session.h"
#include "compiler/syntax/parse.h"
#include "compiler/syntax/print.h"

#include "stdlib/embedded.h"

namespace wfc::driver {

namespace {

/// The declaration as it is written; of a task its first line, which says all that a caller needs.
std::string written(const Session& session, const syntax::Decl& decl) {
  llvm::StringRef text = session.sources.text(decl.range.file);
  llvm::StringRef own = text.slice(decl.range.begin, decl.range.end).trim();
  if (!std::holds_alternative<syntax::TaskDecl>(decl.as)) return own.str();
  llvm::StringRef line = own.split('\n').first.rtrim();
  return line.ends_with("{") ? line.str() + " … }" : line.str();
}

/// The program that a task is, where the module keeps it to itself.
const syntax::Decl* hiddenProgram(const syntax::Tree& tree, const syntax::Decl& decl) {
  const auto* task = std::get_if<syntax::TaskDecl>(&decl.as);
  if (task == nullptr || task->program == nullptr) return nullptr;
  for (const syntax::Decl* other : tree.decls) {
    bool isIt = std::holds_alternative<syntax::ProgramDecl>(other->as) && !other->exported &&
                syntax::printExpr(*task->program) == other->name.text;
    if (isIt) return other;
  }
  return nullptr;
}

void writeModule(base::Writer& out, const stdlib::Module& module) {
  Session session({}, {});
  source::FileId file =
      session.sources.add(fmt::format("<{}>", module.name), std::string(module.text));
  syntax::Tree tree = syntax::parse(session.sources, file, session.emitter);
  out.line();
  out.line("## {}", module.name);
  out.line();
  out.raw(tree.doc.trim().str());
  for (const syntax::Decl* decl : tree.decls) {
    if (!decl->exported) continue;
    out.line();
    out.line("### {}.{}", module.name, decl->name.text.str());
    out.line();
    if (!decl->doc.empty()) out.raw(decl->doc.trim().str() + "\n");
    out.raw("```wf");
    out.raw(written(session, *decl));
    if (const syntax::Decl* program = hiddenProgram(tree, *decl))
      out.raw("\n" + written(session, *program));
    out.raw("```");
  }
}

}  // namespace

std::string stdlibPage() {
  base::Writer out;
  out.raw("# The standard library");
  out.line();
  out.raw(
      "What `import NAME` finds in the compiler itself. A program is used as `task mine = "
      "NAME.program { needs … }`, a task is called. "
      "Generated from `stdlib/` by `./dev regen`.");
  for (const stdlib::Module& module : stdlib::all()) writeModule(out, module);
  return out.take();
}

}  // namespace wfc::driver
