// The entry: files and imports, the flow that is asked for, its parameters, every other declaration
// checked too, proofs, unused names.
#include "compiler/check/check.h"

#include <algorithm>

#include "compiler/base/suggest.h"
#include "compiler/check/flow.h"
#include "compiler/check/names.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

static std::string nearestOrAll(const std::string& name, const std::vector<std::string>& known) {
  auto best = base::suggest(name, known);
  return best ? "the nearest is `" + std::string(*best) + "`" : allOf(known);
}

/// That it was not `--flow` that chose this one of several flows; nothing where it was, or there is
/// no other.
static std::string chosenBecause(const Session& s, const Unit& unit, const syntax::Decl& flow) {
  bool isOnly = llvm::count_if(unit.tree->decls, [](const syntax::Decl* decl) {
                  return std::holds_alternative<syntax::FlowDecl>(decl->as);
                }) == 1;
  if (isOnly || !s.request.flow.empty()) return "";
  return "`" + flow.name.text.str() + "` is built because it is the " +
         (flow.exported ? "exported" : "last") + " flow of the file; `--flow` names another";
}

/// The parameters of the main flow: from `-p`, else the default.
static void bindParameters(Session& s, const syntax::Decl& decl, Unit& unit, Scope& scope) {
  const auto& flow = std::get<syntax::FlowDecl>(decl.as);
  Place place{.scope = &unit.scope, .unit = &unit};
  std::vector<std::string> known;
  for (const syntax::Param& param : flow.params) {
    known.push_back(param.name.text.str());
    ir::TypeId type = param.type ? resolveType(s, *param.type, place) : basic(TK::Error);
    Symbol symbol;
    auto given = std::find_if(s.request.params.rbegin(), s.request.params.rend(),
                              [&](const auto& p) { return p.first == param.name.text; });
    std::string why;
    if (given != s.request.params.rend()) {
      auto value = s.isError(type) ? std::nullopt : parseAs(s, given->second, type, why);
      if (!value && !s.isError(type))
        s.report(param.range, diag::BadParameter{.name = param.name.text.str(),
                                                 .value = given->second,
                                                 .type = typeText(s, type),
                                                 .why = why});
      symbol.operand = value ? s.constantOperand(*value, type, param.range)
                             : s.value(s.errorExpr(param.range), param.range);
    } else if (param.value) {
      symbol.operand = s.value(
          checkAs(s, *param.value, place, type, "the default of `" + param.name.text.str() + "`"),
          param.range);
    } else if (s.request.partial) {
      // Checked without a value: a file stands for any file, all else stays silent where its value
      // would matter.
      bool isFile = s.module.types[type].kind == TK::Artifact;
      ir::Value file = ir::Value::text(param.name.text.str(), ir::Value::File);
      file.type = type;
      file.j = 1;
      symbol.operand = isFile ? s.constantOperand(file, type, param.range)
                              : s.value(s.errorExpr(param.range), param.range);
    } else {
      s.report(param.range, diag::ParameterNotGiven{.name = param.name.text.str(),
                                                    .hint = chosenBecause(s, unit, decl),
                                                    .type = typeText(s, type)});
      symbol.operand = s.value(s.errorExpr(param.range), param.range);
    }
    define(s, scope, param.name, symbol);
  }
  for (const auto& [name, value] : s.request.params) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    s.report({}, diag::UnknownFlowParameter{.name = name, .hint = nearestOrAll(name, known)});
  }
}

void checkFlow(Session& s, const syntax::Decl& decl, Unit& unit) {
  const auto& flow = std::get<syntax::FlowDecl>(decl.as);
  s.module.flow = decl.name.text.str();
  Block block;
  block.flowScope = s.newScope(&unit.scope);
  bindParameters(s, decl, unit, *block.flowScope);
  block.place.scope = block.flowScope;
  block.place.unit = &unit;
  s.inProgress.push_back(&decl);
  FlowBuilder builder(s);
  builder.build(flow, block);
  s.inProgress.pop_back();
  proveFlow(s, decl);
  if (s.emitter.hasErrors()) return;
  for (const syntax::Param& param : flow.params)
    if (const Symbol* symbol = block.flowScope->findHere(param.name.text); symbol && !symbol->used)
      s.report(param.name.range,
               diag::UnusedParameter{.name = param.name.text.str(), .task = s.module.flow});
}

/// The flow asked for, or the only one, or the only exported one.
static const syntax::Decl* chooseFlow(Session& s, const Unit& unit) {
  std::vector<const syntax::Decl*> flows;
  std::vector<std::string> names;
  for (const syntax::Decl* decl : unit.tree->decls)
    if (std::holds_alternative<syntax::FlowDecl>(decl->as))
      flows.push_back(decl), names.push_back(decl->name.text.str());
  if (!s.request.flow.empty()) {
    for (const syntax::Decl* decl : flows)
      if (decl->name.text == s.request.flow) return decl;
    s.report(
        {}, diag::UnknownFlow{.name = s.request.flow, .hint = nearestOrAll(s.request.flow, names)});
    return nullptr;
  }
  if (flows.size() <= 1) return flows.empty() ? nullptr : flows.front();
  std::vector<const syntax::Decl*> exported;
  std::copy_if(flows.begin(), flows.end(), std::back_inserter(exported),
               [](const syntax::Decl* d) { return d->exported; });
  if (exported.size() == 1) return exported.front();
  // Flows that others call are parts; one that nobody calls is the program. The last one is the
  // usual place.
  return flows.back();
}

/// A declaration that the flow did not reach.
static void checkDecl(Session& s, const syntax::Decl* decl, Unit& unit) {
  Place place{.scope = &unit.scope, .unit = &unit};
  if (std::holds_alternative<syntax::TaskDecl>(decl->as)) {
    if (s.tasks.find(decl) == s.tasks.end()) resolveTask(s, *decl, unit, {});
  } else if (std::holds_alternative<syntax::EnumDecl>(decl->as) ||
             std::holds_alternative<syntax::RecordDecl>(decl->as)) {
    resolveNominal(s, *decl, unit);
  } else if (auto* kind = std::get_if<syntax::KindDecl>(&decl->as)) {
    if (!kind->value) resolveKind(s, *decl, unit, {}, decl->name.range);
  } else if (std::holds_alternative<syntax::ConstDecl>(decl->as)) {
    syntax::Expr name;
    name.kind = syntax::ExprKind::Name;
    name.name = decl->name;
    name.range = decl->name.range;
    bool used = unit.scope.findHere(decl->name.text) && unit.scope.findHere(decl->name.text)->used;
    checkExpr(s, name, place);
    if (const Symbol* symbol = unit.scope.findHere(decl->name.text)) symbol->used = used;
  } else if (auto* program = std::get_if<syntax::ProgramDecl>(&decl->as)) {
    for (const syntax::Flag& flag : program->flags)
      if (flag.type && flag.type->args.empty() &&
          (!flag.type->element || flag.type->element->args.empty()))
        resolveType(s, *flag.type, place);
  }
}

/// Declarations the flow did not reach are checked too: a library has no flow.
static void checkRest(Session& s, Unit& unit) {
  for (const syntax::Decl* decl : unit.tree->decls) checkDecl(s, decl, unit);
}

/// Whether all that is said of a place of a file is said where the declaration there is checked
/// alone; it is checked then. Of a default, and of what depends on an argument, calls have a say.
static bool checkAlone(Session& s, Unit& unit, uint32_t at) {
  const syntax::Decl* found = nullptr;
  for (const syntax::Decl* decl : unit.tree->decls)
    if (decl->range.begin <= at) found = decl;
  if (!found || isUnread(*found)) return true;
  if (const auto* task = std::get_if<syntax::TaskDecl>(&found->as)) {
    if (!taskHead(s, *found, unit).dependent.empty()) return false;
    for (const syntax::Param& param : task->params)
      if (param.value && param.value->range.begin <= at && at <= param.value->range.end)
        return false;
  } else if (!std::holds_alternative<syntax::ConstDecl>(found->as)) {
    return false;
  }
  checkDecl(s, found, unit);
  return true;
}

static void reportUnused(Session& s, const Unit& unit) {
  for (const syntax::Decl* decl : unit.tree->decls) {
    if (auto* import = std::get_if<syntax::ImportDecl>(&decl->as)) {
      for (const syntax::Name& name : import->modules)
        if (const Symbol* symbol = unit.scope.findHere(name.text);
            symbol && symbol->unit && !symbol->used)
          s.report(name.range, diag::UnusedImport{.name = name.text.str()});
      continue;
    }
    const Symbol* symbol = unit.scope.findHere(decl->name.text);
    if (symbol && symbol->decl == decl && !symbol->used && !symbol->mayBeUnused)
      s.report(decl->name.range, diag::UnusedDeclaration{.name = decl->name.text.str()});
  }
}

/// `file` and `dir` are the first two kinds of every module.
static void enterBaseKinds(Session& s) {
  for (const char* name : {"file", "dir"}) {
    s.module.kinds.emplace_back();
    s.module.kinds.back().name = name;
    s.module.kinds.back().isDir = StringRef(name) == "dir";
  }
}

/// Flows that are not the one asked for, and are not called by it, are checked each in a module of
/// its own.
static void checkOtherFlows(Session& s, const Unit& unit, const syntax::Decl* chosen) {
  Request request = s.request;
  request.params.clear();
  request.partial = true;
  size_t number = 0;
  for (const syntax::Decl* decl : unit.tree->decls) {
    const Symbol* symbol = unit.scope.findHere(decl->name.text);
    bool isOther = std::holds_alternative<syntax::FlowDecl>(decl->as) && decl != chosen && symbol &&
                   !symbol->used;
    if (!isOther) continue;
    Session other(s.sources, request, s.emitter);
    other.flow = ++number;
    enterBaseKinds(other);
    Unit* again = loadMain(other, *unit.tree);
    checkFlow(other, *decl, *again);
    if (request.watcher) request.watcher->onModule(number, std::move(other.module));
    for (const auto& entry : again->scope.names)
      if (entry.second.used)
        if (const Symbol* mine = unit.scope.findHere(entry.first())) mine->used = true;
  }
}

/// The module's tables grow with the text. Room that is never touched costs nothing, moving large
/// tables does.
static void makeRoom(Session& s, const syntax::Tree& main) {
  size_t bytes = s.sources.text(main.file).size();
  s.module.exprs.reserve(bytes / 12);
  s.module.families.reserve(bytes / 64);
  s.module.refs.reserve(bytes / 64);
  s.module.tasks.reserve(main.decls.size());
}

ir::Module check(source::Sources& sources, const syntax::Tree& main, const Request& request,
                 diag::Emitter& emitter) {
  Session s(sources, request, emitter);
  enterBaseKinds(s);
  makeRoom(s, main);
  Unit* unit = loadMain(s, main);
  if (request.at && checkAlone(s, *unit, *request.at)) return std::move(s.module);
  const syntax::Decl* flow = chooseFlow(s, *unit);
  if (flow) checkFlow(s, *flow, *unit);
  checkRest(s, *unit);
  if (flow) checkOtherFlows(s, *unit, flow);
  if (flow && !emitter.hasErrors()) reportUnused(s, *unit);
  for (source::FileId file = 1; file <= sources.count(); ++file)
    s.module.files.emplace_back(sources.path(file));
  return std::move(s.module);
}

}  // namespace wfc::check
