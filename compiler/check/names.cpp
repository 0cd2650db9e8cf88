// Names: scopes, files and imports, declarations by name, and the nearest name when there is none.
#include "compiler/check/names.h"

#include <algorithm>

#include "compiler/base/suggest.h"
#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"
#include "compiler/syntax/parse.h"

namespace wfc::check {

const Symbol* Scope::findHere(StringRef name) const {
  auto it = names.find(name);
  return it == names.end() ? nullptr : &it->second;
}

const Symbol* Scope::find(StringRef name) const {
  for (const Scope* scope = this; scope; scope = scope->parent)
    if (const Symbol* symbol = scope->findHere(name)) return symbol;
  return nullptr;
}

std::vector<std::string> Scope::visible() const {
  std::vector<std::string> all;
  for (const Scope* scope = this; scope; scope = scope->parent)
    for (const auto& entry : scope->names) all.push_back(entry.first().str());
  return all;
}

std::optional<diag::Fix> nearest(Session& s, const syntax::Name& name,
                                 const std::vector<std::string>& known) {
  if (s.request.watcher) s.request.watcher->onUnknown(name.range, known);
  auto best = base::suggest(std::string_view(name.text), known);
  if (!best) return std::nullopt;
  return diag::Fix{name.range, std::string(*best)};
}

std::string allOf(const std::vector<std::string>& known) {
  constexpr size_t kMost = 16;
  if (known.empty() || known.size() > kMost) return known.empty() ? "there are none" : "";
  std::string text = known.size() == 1 ? "there is " : "there are ";
  for (size_t n = 0; n < known.size(); ++n)
    text += (n == 0 ? "`" : n + 1 == known.size() ? " and `" : ", `") + known[n] + "`";
  return text;
}

void reportMember(Session& s, const syntax::Name& name, const std::string& owner,
                  const std::vector<std::string>& known) {
  auto fix = nearest(s, name, known);
  s.report(
      name.range,
      diag::UnknownMember{
          .name = name.text.str(), .owner = owner, .hint = fix ? "" : allOf(known), .fix = fix});
}

/// A call without a name goes by the name of its task.
static Range declaredAt(const Symbol& symbol) {
  bool isUnnamed = symbol.kind == Symbol::Made && symbol.made->task.valid();
  return isUnnamed ? symbol.made->task : symbol.at;
}

const Symbol* lookUp(Session& s, const syntax::Name& name, const Place& place, bool reportUnknown) {
  if (const Symbol* symbol = place.scope->find(name.text)) {
    symbol->used = true;
    s.named(name.range, declaredAt(*symbol));
    return symbol;
  }
  if (!reportUnknown || !name) return nullptr;  // what the parser did not find, it has reported
  auto fix = nearest(s, name, place.scope->visible());
  s.report(name.range, diag::UnknownName{.name = name.text.str(), .hint = "", .fix = fix});
  return nullptr;
}

void define(Session& s, Scope& scope, const syntax::Name& name, Symbol symbol) {
  if (!name) return;
  symbol.at = name.range;
  if (const Symbol* old = scope.findHere(name.text)) {
    s.report(name.range, diag::DuplicateName{.name = name.text.str(), .firstAt = old->at});
    return;
  }
  scope.names[name.text] = std::move(symbol);
}

/// Enters the declarations of a file into its scope; imports are loaded on the way.
static void enterDeclarations(Session& s, Unit& unit);

static Unit* loadModule(Session& s, const syntax::Name& name, Unit& from) {
  for (Unit& unit : s.units)
    if (unit.name == name.text && (unit.isStdlib || unit.folder == from.folder)) return &unit;
  std::string path = (from.folder.empty() ? "" : from.folder + "/") + name.text.str() + ".wf";
  std::string text;
  bool isStdlib = false;
  if (auto file = s.request.files.read(path)) {
    text = *file;
  } else if (StringRef builtin = s.request.stdlib ? s.request.stdlib(name.text) : StringRef();
             !builtin.empty()) {
    text = builtin.str();
    path = "<stdlib>/" + name.text.str() + ".wf";
    isStdlib = true;
  } else {
    std::vector<std::string> beside;
    if (auto entries = s.request.files.list(from.folder.empty() ? "." : from.folder))
      for (const base::DirectoryEntry& entry : *entries)
        if (StringRef module = entry.name; !entry.isDirectory && module.consume_back(".wf"))
          beside.push_back(module.str());
    std::sort(beside.begin(), beside.end());
    s.report(name.range,
             diag::UnknownModule{
                 .module = name.text.str(), .path = path, .fix = nearest(s, name, beside)});
    return nullptr;
  }
  source::FileId file = s.sources.find(path);
  if (file == 0) file = s.sources.add(path, std::move(text));
  s.units.emplace_back();
  Unit& unit = s.units.back();
  unit.name = name.text.str();
  unit.folder = from.folder;
  unit.isStdlib = isStdlib;
  unit.owned = syntax::parse(s.sources, file, s.emitter, nullptr, s.request.before);
  unit.tree = &unit.owned;
  enterDeclarations(s, unit);
  return &unit;
}

static void enterDeclarations(Session& s, Unit& unit) {
  for (const syntax::Decl* decl : unit.tree->decls) {
    if (auto* import = std::get_if<syntax::ImportDecl>(&decl->as)) {
      for (const syntax::Name& module : import->modules) {
        Symbol symbol;
        symbol.kind = Symbol::Module;
        symbol.unit = loadModule(s, module, unit);
        if (symbol.unit) s.named(module.range, {symbol.unit->tree->file, 0, 0});
        define(s, unit.scope, module, symbol);
      }
      continue;
    }
    Symbol symbol;
    symbol.kind = Symbol::Declaration;
    symbol.decl = decl;
    symbol.unit = &unit;
    symbol.mayBeUnused =
        decl->exported || !unit.name.empty() || std::holds_alternative<syntax::FlowDecl>(decl->as);
    define(s, unit.scope, decl->name, symbol);
  }
}

Unit* loadMain(Session& s, const syntax::Tree& tree) {
  s.units.emplace_back();
  Unit& unit = s.units.back();
  unit.folder = s.request.folder;
  unit.tree = &tree;
  enterDeclarations(s, unit);
  return &unit;
}

bool isUnread(const syntax::Decl& decl) {
  const auto* constant = std::get_if<syntax::ConstDecl>(&decl.as);
  return constant && constant->value->kind == syntax::ExprKind::Hole;
}

Found findDecl(Session& s, const syntax::Expr& expr, const Place& place) {
  if (expr.kind == syntax::ExprKind::Name) {
    // What a call made may be named as its task is; the task is still meant here.
    for (const Scope* scope = place.scope; scope; scope = scope->parent)
      if (const Symbol* symbol = scope->findHere(expr.name.text);
          symbol && symbol->kind == Symbol::Declaration) {
        symbol->used = true;
        s.named(expr.name.range, symbol->at);
        return {symbol->decl, symbol->unit};
      }
    lookUp(s, expr.name, place);
    return {};
  }
  if (expr.kind != syntax::ExprKind::Field || expr.a->kind != syntax::ExprKind::Name) return {};
  const Symbol* module = lookUp(s, expr.a->name, place, false);
  if (!module || module->kind != Symbol::Module || !module->unit) return {};
  const Symbol* symbol = module->unit->scope.findHere(expr.name.text);
  std::vector<std::string> exported;
  for (const auto& entry : module->unit->scope.names)
    if (entry.second.decl && entry.second.decl->exported) exported.push_back(entry.first().str());
  std::sort(exported.begin(), exported.end());
  if (symbol) s.named(expr.name.range, symbol->at);
  if (symbol && symbol->decl && symbol->decl->exported) return {symbol->decl, symbol->unit};
  if (symbol && symbol->decl)
    s.report(expr.name.range, diag::PrivateName{.name = expr.name.text.str(),
                                                .module = module->unit->name,
                                                .declaredAt = symbol->at});
  else
    reportMember(s, expr.name, "module `" + module->unit->name + "`", exported);
  return {};
}

}  // namespace wfc::check
