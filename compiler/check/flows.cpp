// Flows: statements become loops, guards, families, publishes and limits; a called flow is built in
// place, its families named with the path of calls.
#include <algorithm>

#include "compiler/check/flow.h"
#include "compiler/check/names.h"
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

static bool hasRefs(const ir::Module& module, ir::ExprId expr) {
  std::vector<ir::RefId> refs;
  ir::collectRefs(module, expr, refs);
  return !refs.empty();
}

ir::LoopId FlowBuilder::addLoop(const syntax::Name& variable, ir::SpaceId space, Block& block) {
  ir::Loop loop;
  loop.variable = variable.text.str();
  loop.space = space;
  loop.pool = block.pool;
  loop.loc = s_.loc(variable.range);
  if (!block.place.loops.empty()) loop.parent = block.place.loops.back();
  s_.module.loops.push_back(std::move(loop));
  ir::LoopId id{static_cast<uint32_t>(s_.module.loops.size() - 1)};
  block.place.loops.push_back(id);
  const Symbol* outer = block.place.scope->find(variable.text);
  if (outer && outer->kind == Symbol::LoopVariable && outer->loop != id &&
      !block.place.scope->findHere(variable.text))
    s_.report(variable.range,
              diag::DuplicateName{.name = variable.text.str(), .firstAt = outer->at});
  Symbol symbol;
  symbol.kind = Symbol::LoopVariable;
  symbol.loop = id;
  symbol.mayBeUnused = true;
  define(s_, *block.place.scope, variable, symbol);
  return id;
}

/// What a loop runs over; the call of a task there makes a family of its own.
Operand FlowBuilder::domain(const syntax::Binder& binder, Block& block) {
  const Expr& expr = *binder.domain;
  if (expr.kind == ExprKind::Call) {
    bool isName = expr.a->kind == ExprKind::Name || expr.a->kind == ExprKind::Field;
    bool builtin = expr.a->kind == ExprKind::Name && !block.place.scope->find(expr.a->name.text);
    bool varies = expr.a->kind == ExprKind::Field && expr.a->name.text == "varies";
    Found task = isName && !builtin && !varies ? findDecl(s_, *expr.a, block.place) : Found{};
    if (task.decl && std::holds_alternative<syntax::TaskDecl>(task.decl->as)) {
      static const syntax::BindStmt unnamed;
      Made* made = declareCall(expr, unnamed, task, block);
      made->used = true;
      return referTo(s_, *made, expr.range);
    }
  }
  return checkExpr(s_, expr, block.place);
}

/// What `grouped by` may name: the keys of files, and the variables of the loops around a family.
void FlowBuilder::nameKeys(const Operand& member, ir::SpaceId base, Range at, Scope& scope) {
  auto name = [&](const std::string& key, Operand value) {
    // A file's own key stands before a variable of the same name.
    if (scope.findHere(key)) return;
    Symbol symbol;
    symbol.operand = std::move(value);
    scope.names[key] = symbol;
  };
  const ir::Space space = s_.module[base];
  const ir::Type type = s_.module.types[space.element];
  if (type.kind == TK::Artifact)
    for (const ir::Field& field : std::vector<ir::Field>(s_.module[type.artifact].keys))
      name(field.name,
           s_.value(s_.make(ir::Op::Field, field.type, {member.expr}, at, field.name), at));
  if (space.kind != ir::Space::Members || s_.module[space.ref].families.empty()) return;
  for (ir::LoopId loop : s_.module[s_.module[space.ref].families.front()].loops) {
    const ir::Loop around = s_.module[loop];
    ir::TypeId element = s_.module[around.space].element;
    name(around.variable, s_.value(s_.make(ir::Op::LoopVar, element, {}, at, loop.index()), at));
  }
}

/// `grouped by parent` and `grouped by a and b`: expressions over the key of the element.
void FlowBuilder::groupBy(ir::LoopId loop, const Expr& grouped) {
  ir::SpaceId space = s_.module[loop].space;
  if (!s_.module[space].base.valid()) return;  // the base had a mistake
  ir::TypeId element = s_.module[s_.module[space].base].element;
  Operand member =
      s_.value(s_.make(ir::Op::LoopVar, element, {}, grouped.range, loop.index()), grouped.range);
  Place place{.scope = s_.newScope(nullptr), .unit = nullptr};
  const ir::Type type = s_.module.types[element];
  nameKeys(member, s_.module[space].base, grouped.range, *place.scope);
  std::vector<ir::ExprId> by;
  for (const Expr* item : grouped.items) {
    bool isParent = item->kind == ExprKind::Name && item->name.text == "parent" &&
                    !place.scope->findHere("parent");
    if (!isParent) {
      bool isKey = item->kind != ExprKind::Name || place.scope->findHere(item->name.text);
      Operand value = isKey ? checkExpr(s_, *item, place) : fieldOf(s_, member, item->name, place);
      if (value.kind == Operand::Value) by.push_back(value.expr);
      continue;
    }
    ArrayRef<Expr*> tuple;
    for (const auto& [decl, kind] : s_.kinds)
      if (type.kind == TK::Artifact && kind == type.artifact)
        for (const syntax::KindAttr& attr : std::get<syntax::KindDecl>(decl->as).attrs)
          if (attr.name.text == "parent") tuple = attr.tuple;
    if (tuple.empty()) s_.report(item->range, diag::NoParent{.kind = typeText(s_, element)});
    for (const Expr* each : tuple)
      by.push_back(checkAs(s_, *each, place, basic(TK::Int), "the parent"));
  }
  s_.module.spaces[space.index()].by = std::move(by);
}

void FlowBuilder::declareFor(const syntax::Stmt& stmt, const syntax::ForStmt& loop, Block& outer) {
  Block block = outer;
  block.place.scope = s_.newScope(outer.place.scope);
  ir::LoopId last;
  for (const syntax::Binder& binder : loop.binders) {
    auto space = asSpace(s_, domain(binder, block), block.place);
    if (!space) {  // read on with an empty set, so that the block's own mistakes are found
      ir::Space none;
      none.element = basic(TK::Error);
      space = spaceOperand(s_, none, binder.domain->range).space;
    }
    last = addLoop(binder.name, *space, block);
    nestList(s_, last, block.place, binder.domain->range);
    if (binder.domain->kind == ExprKind::Grouped) groupBy(last, *binder.domain);
  }
  for (const syntax::After& after : loop.tails.afters) block.afters.push_back(&after);
  if (loop.tails.priority) block.priority = priority(loop.tails.priority);
  for (const syntax::Limit& written : loop.tails.limits)
    if (auto entry = limit(written, outer)) {
      entry->loop = last;
      entry->name = s_.module[last].variable;
      if (loop.binders.size() > 1 && !written.per)
        s_.report(written.range, diag::LimitOfLast{.last = s_.module[last].variable,
                                                   .first = loop.binders.front().name.text.str()});
      s_.module.limits.push_back(std::move(*entry));
    }
  size_t before = s_.module.families.size();
  declareAll(loop.body, block);
  if (s_.module.families.size() == before && !s_.emitter.hasErrors())
    s_.report(stmt.range, diag::EmptyBlock{.what = "loop"});
}

void FlowBuilder::declareIf(const syntax::IfStmt& branch, Block& block) {
  ir::ExprId condition =
      checkAs(s_, *branch.condition, block.place, basic(TK::Bool), "the condition");
  bool isStatic = !hasRefs(s_.module, condition);
  size_t number = ++branches_;
  for (bool wanted : {true, false}) {
    Block inner = block;
    inner.branch = number;
    inner.place.scope = s_.newScope(block.place.scope);
    inner.place.guards.push_back({condition, wanted, isStatic, s_.loc(branch.condition->range)});
    declareAll(wanted ? branch.then : branch.otherwise, inner);
  }
}

void FlowBuilder::declareRepeat(const syntax::Stmt& stmt, const syntax::RepeatStmt& repeat,
                                Block& outer) {
  Block block = outer;
  block.place.scope = s_.newScope(outer.place.scope);
  ir::Space space;
  space.kind = ir::Space::Repeat;
  space.lo = 1;
  space.hi = checkCount(s_, *repeat.most, outer.place, "the most of a repeat");
  space.element = basic(TK::Int);
  ir::LoopId loop = addLoop(repeat.name, spaceOperand(s_, space, stmt.range).space, block);
  declareAll(repeat.body, block);
  pending_.push_back([this, loop, &repeat, block]() mutable {
    s_.module.loops[loop.index()].until =
        checkAs(s_, *repeat.until, block.place, basic(TK::Bool), "the condition of a repeat");
  });
}

/// Names the parameters of a called flow within it: what the call gives, and the defaults.
void FlowBuilder::bindParameters(const syntax::BindStmt& bind, const Found& found,
                                 const Block& inner, Block& block) {
  const auto& flow = std::get<syntax::FlowDecl>(found.decl->as);
  std::vector<std::string> known;
  for (const syntax::Param& param : flow.params) known.push_back(param.name.text.str());
  size_t position = 0;
  bool named = false;
  for (syntax::Arg arg : bind.value->args) {
    if (named && !arg.name && arg.value && arg.value->kind == ExprKind::Name)
      arg.name = arg.value->name;
    named = named || arg.name;
    size_t at = arg.name ? static_cast<size_t>(
                               std::find(known.begin(), known.end(), arg.name.text) - known.begin())
                         : position++;
    if (at >= known.size()) {
      Range range = arg.name ? arg.name.range : arg.value->range;
      s_.report(range, diag::UnknownParameter{.name = s_.text(range).str(),
                                              .callee = found.decl->name.text.str(),
                                              .fix = nearest(s_, arg.name, known)});
      continue;
    }
    if (arg.name) s_.named(arg.name.range, flow.params[at].name.range);
    Place top{.scope = &found.unit->scope, .unit = found.unit};
    ir::TypeId type = resolveType(s_, *flow.params[at].type, top);
    Expr shorthand;
    shorthand.kind = ExprKind::Name;
    shorthand.name = arg.name;
    shorthand.range = arg.name.range;
    Symbol symbol;
    symbol.operand = checkExpr(s_, arg.value ? *arg.value : shorthand, block.place, type);
    if (symbol.operand.kind == Operand::Value)
      symbol.operand =
          s_.value(convert(s_, symbol.operand, type, "`" + known[at] + "`"), symbol.operand.range);
    symbol.mayBeUnused = true;
    define(s_, *inner.flowScope, flow.params[at].name, symbol);
  }
  for (const syntax::Param& param : flow.params) {
    if (inner.flowScope->findHere(param.name.text)) continue;
    Place at{.scope = &found.unit->scope, .unit = found.unit};
    Symbol symbol;
    if (param.value)
      symbol.operand =
          s_.value(checkAs(s_, *param.value, at, resolveType(s_, *param.type, at), "the default"),
                   param.range);
    else
      s_.report(bind.value->range, diag::MissingInput{.name = param.name.text.str(),
                                                      .callee = found.decl->name.text.str(),
                                                      .declaredAt = param.name.range});
    define(s_, *inner.flowScope, param.name, symbol);
  }
}

/// Builds a called flow in place.
void FlowBuilder::declareSubflow(const syntax::BindStmt& bind, const Found& found, Block& block) {
  const auto& flow = std::get<syntax::FlowDecl>(found.decl->as);
  if (std::find(s_.inProgress.begin(), s_.inProgress.end(), found.decl) != s_.inProgress.end()) {
    s_.report(bind.value->range, diag::NeedsItself{.name = found.decl->name.text.str(),
                                                   .declaredAt = found.decl->name.range});
    return;
  }
  Block inner = block;
  inner.place.unit = found.unit;
  inner.flowScope = inner.place.scope = s_.newScope(&found.unit->scope);
  inner.around = block.place.loops.size();
  inner.prefix = block.prefix + (bind.name ? bind.name.text : found.decl->name.text).str() + ".";
  bindParameters(bind, found, inner, block);
  // What the call says, and what is around it, is said of all its families, in the caller's words.
  inner.afters.clear();
  const size_t first = s_.module.families.size();
  s_.inProgress.push_back(found.decl);
  declareAll(flow.body, inner);
  s_.inProgress.pop_back();
  std::vector<ir::FamilyId> families;
  for (size_t i = first; i < s_.module.families.size(); ++i)
    families.push_back(ir::FamilyId{static_cast<uint32_t>(i)});
  pending_.push_back([this, families, &bind, name = inner.prefix, copy = block]() mutable {
    wireFlowTails(families, name, bind.tails, copy);
  });
  if (bind.temp || bind.keep) s_.report(bind.value->range, diag::TempNeedsCall{});
  Scope* outputs = s_.newScope(nullptr);
  for (const syntax::Output& output : flow.outputs)
    if (const Symbol* symbol = inner.flowScope->findHere(output.name.text)) {
      symbol->used = true;
      outputs->names[output.name.text] = *symbol;
      s_.named(output.name.range, symbol->at);
    } else
      s_.report(output.name.range, diag::MissingFlowOutput{.name = output.name.text.str()});
  if (!bind.name) return;
  Symbol symbol;
  symbol.mayBeUnused = true;
  symbol.operand.kind = Operand::Bundle;
  symbol.operand.scope = outputs;
  if (flow.outputs.size() == 1 && outputs->names.size() == 1) {
    symbol = outputs->names.begin()->second;
    symbol.onlyOutput = flow.outputs.front().name.text;
    symbol.mayBeUnused = true;
  }
  define(s_, *block.flowScope, bind.name, symbol);
}

void FlowBuilder::declareBind(const syntax::Stmt& stmt, const syntax::BindStmt& bind,
                              Block& block) {
  const Expr& value = *bind.value;
  if (value.kind == ExprKind::Await) return declareWait(bind, block);
  if (isConversion(value, *block.place.scope)) return declareConversion(bind, block);
  if (value.kind == ExprKind::Call) {
    bool named = value.a->kind == ExprKind::Name ||
                 (value.a->kind == ExprKind::Field && value.a->a->kind == ExprKind::Name);
    bool builtin = value.a->kind == ExprKind::Name &&
                   !block.place.scope->find(value.a->name.text) &&
                   (isSweep(value.a->name.text) || isBuiltin(value.a->name.text));
    bool ofModule = value.a->kind != ExprKind::Field;
    if (!ofModule && named) {
      const Symbol* symbol = block.place.scope->find(value.a->a->name.text);
      ofModule = !symbol || symbol->kind == Symbol::Module;
    }
    Found found = named && !builtin && ofModule ? findDecl(s_, *value.a, block.place) : Found{};
    if (found.decl && std::holds_alternative<syntax::TaskDecl>(found.decl->as)) {
      declareCall(value, bind, found, block);
      return;
    }
    if (found.decl && std::holds_alternative<syntax::FlowDecl>(found.decl->as))
      return declareSubflow(bind, found, block);
    bool isOther = value.a->kind == ExprKind::Name &&
                   block.place.scope->find(value.a->name.text);  // a value: said by checkExpr
    if (!found.decl && named && !builtin && ofModule &&
        !isOther) {  // unknown: said already; keep the name so that its uses stay silent
      Symbol symbol;
      symbol.operand = s_.value(s_.errorExpr(value.range), value.range);
      if (bind.name) define(s_, *block.flowScope, bind.name, symbol);
      return;
    }
  }
  if (!bind.name && value.kind == ExprKind::Hole) return;  // the parser has said what stands there
  if (!bind.name) {
    s_.report(stmt.range, diag::StatementWithoutEffect{});
    return;
  }
  Symbol symbol;
  symbol.operand = checkExpr(s_, value, block.place);
  if (symbol.operand.kind == Operand::Space && s_.module[symbol.operand.space].name.empty())
    s_.module.spaces[symbol.operand.space.index()].name = bind.name.text.str();
  if (bind.temp || bind.keep) s_.report(stmt.range, diag::TempNeedsCall{});
  define(s_, *block.place.scope, bind.name, symbol);
  values_.push_back({block.place.scope, bind.name});
}

void FlowBuilder::reportUnused() {
  for (const auto& [scope, name] : values_)
    if (const Symbol* symbol = scope->findHere(name.text); symbol && !symbol->used)
      s_.report(name.range, diag::UnusedValue{.name = name.text.str()});
}

void FlowBuilder::declareBudget(const syntax::Stmt& stmt, const syntax::BudgetStmt& budget,
                                Block& block) {
  Operand amount = asValue(s_, checkExpr(s_, *budget.amount, block.place), block.place);
  if (amount.kind == Operand::Error) return;
  ir::Budget entry;
  entry.resource = budget.resource.text.str();
  TK wanted = entry.resource == "disk"                                          ? TK::Bytes
              : entry.resource == "node_hours" || entry.resource == "gpu_hours" ? TK::Duration
                                                                                : TK::Int;
  std::optional<ir::Value> value = s_.constantOf(convert(s_, amount, basic(wanted), "the budget"));
  if (!value) return;
  entry.amount = *value;
  entry.loc = s_.loc(stmt.range);
  s_.module.budgets.push_back(std::move(entry));
}

void FlowBuilder::declarePool(const syntax::Stmt& stmt, const syntax::PoolStmt& pool,
                              Block& block) {
  if (!block.place.loops.empty() || !block.place.guards.empty() || !block.pool.empty())
    s_.report(pool.name.range, diag::PoolInABlock{.name = pool.name.text.str()});
  ir::Task task;
  task.name = block.prefix + pool.name.text.str();
  task.loc = s_.loc(stmt.range);
  Place place = block.place;
  place.task = &task;
  place.isPool = true;
  checkClauses(s_, pool.clauses, place, task);
  const char* more = !task.env.empty()                              ? "variables"
                     : !task.modules.empty() || !task.conda.empty() ? "modules"
                     : task.container                               ? "container"
                     : task.resume.output >= 0                      ? "`resume`"
                     : !task.exits.empty()                          ? "exit codes"
                     : !task.fills.empty()                          ? "`fill`"
                     : !task.checks.empty()                         ? "checks"
                                                                    : nullptr;
  // Another allocation is the same again.
  for (const ir::Retry& retry : task.retries)
    if (!retry.growths.empty()) more = "needs that grow";
  if (more) s_.report(pool.name.range, diag::PoolRunsNothing{.what = more});
  s_.module.tasks.push_back(std::move(task));
  ir::TaskId id{static_cast<uint32_t>(s_.module.tasks.size() - 1)};
  s_.module.pools.push_back({block.prefix + pool.name.text.str(), id, {}, s_.loc(stmt.range)});
  Symbol symbol;
  symbol.kind = Symbol::Pool;
  define(s_, *block.flowScope, pool.name, symbol);
}

void FlowBuilder::declareIn(const syntax::InStmt& in, Block& block) {
  const Symbol* pool = lookUp(s_, in.pool, block.place);
  if (pool && pool->kind != Symbol::Pool)
    s_.report(in.pool.range, diag::NotAPool{.name = in.pool.text.str()});
  Block inner = block;
  inner.pool = block.prefix + in.pool.text.str();
  declareAll(in.body, inner);
}

void FlowBuilder::declareAll(const std::vector<syntax::Stmt*>& stmts, Block& block) {
  size_t first = s_.module.families.size();
  for (const syntax::Stmt* stmt : inOrderOfNeed(s_, stmts, *block.place.scope))
    declare(*stmt, block);
  for (const syntax::Stmt* stmt : stmts)
    if (std::holds_alternative<syntax::StopAfterStmt>(stmt->as)) {
      const auto& stop = std::get<syntax::StopAfterStmt>(stmt->as);
      ir::StopAfter entry;
      entry.count = checkCount(s_, *stop.count, block.place, "the count of `stop after`");
      if (auto outcome = stop.outcome ? checkOutcome(s_, stop.outcome, false) : ir::Outcome::Failed)
        entry.outcome = *outcome;
      for (size_t i = first; i < s_.module.families.size(); ++i)
        entry.families.push_back(ir::FamilyId{static_cast<uint32_t>(i)});
      entry.loc = s_.loc(stmt->range);
      s_.module.stops.push_back(std::move(entry));
    }
}

void FlowBuilder::declare(const syntax::Stmt& stmt, Block& block) {
  if (auto* bind = std::get_if<syntax::BindStmt>(&stmt.as)) return declareBind(stmt, *bind, block);
  if (auto* loop = std::get_if<syntax::ForStmt>(&stmt.as)) return declareFor(stmt, *loop, block);
  if (auto* branch = std::get_if<syntax::IfStmt>(&stmt.as)) return declareIf(*branch, block);
  if (auto* repeat = std::get_if<syntax::RepeatStmt>(&stmt.as))
    return declareRepeat(stmt, *repeat, block);
  if (auto* budget = std::get_if<syntax::BudgetStmt>(&stmt.as))
    return declareBudget(stmt, *budget, block);
  if (auto* pool = std::get_if<syntax::PoolStmt>(&stmt.as)) {
    return declarePool(stmt, *pool, block);
  }
  if (auto* in = std::get_if<syntax::InStmt>(&stmt.as)) return declareIn(*in, block);
  Block copy = block;
  if (auto* publish = std::get_if<syntax::PublishStmt>(&stmt.as)) {
    pending_.push_back([this, publish, &stmt, copy]() mutable {
      Operand what = checkExpr(s_, *publish->what, copy.place);
      auto ref = reference(s_, what, copy.place, false);
      ir::ExprId at =
          checkAs(s_, *publish->at, copy.place, basic(TK::String), "the path of `publish`");
      if (!ref) return;
      s_.module.publishes.push_back(
          {*ref, at, copy.place.loops, publish->shared, s_.loc(stmt.range)});
    });
  }
  if (auto* when = std::get_if<syntax::WhenStmt>(&stmt.as)) {
    static const std::vector<std::string> events{"ended", "ok", "failed"};
    if (std::find(events.begin(), events.end(), when->event.text) == events.end()) {
      s_.report(when->event.range, diag::UnknownEvent{.name = when->event.text.str(),
                                                      .fix = nearest(s_, when->event, events)});
    }
    pending_.push_back([this, when, copy]() mutable {
      ir::Family::HookOn on;
      on.event = when->event.text.str();
      addHook(when->body, on, copy);
    });
  }
}

void FlowBuilder::build(const syntax::FlowDecl& flow, Block block) {
  declareAll(flow.body, block);
  wireAll();
  nameChosen();
  for (const syntax::Output& output : flow.outputs) {
    if (const Symbol* symbol = block.flowScope->findHere(output.name.text)) {
      symbol->used = true;
      s_.named(output.name.range, symbol->at);
    } else
      s_.report(output.name.range, diag::MissingFlowOutput{.name = output.name.text.str()});
  }
  reportUnused();
}

void FlowBuilder::wireAll() {
  // Wiring may declare nothing more, but hooks append families; the list itself does not grow.
  for (auto& wire : pending_) wire();
  pending_.clear();
}

}  // namespace wfc::check
