// Families: a call in a flow, seen over the loops around it. Declared first, wired later.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/check/flow.h"
#include "compiler/check/names.h"
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

ir::FamilyId FlowBuilder::addFamily(std::string name, Block& block, Range at) {
  ir::Family family;
  family.name = block.prefix + std::move(name);
  family.loops = block.place.loops;
  family.guards = block.place.guards;
  family.pool = block.pool;
  family.priority = block.priority;
  family.loc = s_.loc(at);
  s_.module.families.push_back(std::move(family));
  return ir::FamilyId{static_cast<uint32_t>(s_.module.families.size() - 1)};
}

/// True if one of the guards is the opposite of this one: the other branch of the same `if`.
static bool excludes(const ir::Guard& guard, const std::vector<ir::Guard>& guards) {
  return std::any_of(guards.begin(), guards.end(), [&](const ir::Guard& g) {
    return g.condition == guard.condition && g.wanted != guard.wanted;
  });
}

/// Enters the name, or joins the family of the other branch of an `if`.
Made* FlowBuilder::enterMade(const syntax::Name& name, ir::FamilyId family, Block& block, Range at,
                             const syntax::Decl* decl) {
  const Symbol* old = block.flowScope->findHere(name.text);
  if (old && old->kind == Symbol::Made && block.branch) {
    Made* made = old->made;
    bool otherBranch = llvm::all_of(made->families, [&](ir::FamilyId id) {
      const ir::Family& other = s_.module[id];
      return other.loops.size() == block.place.loops.size() &&
             llvm::any_of(other.guards, [&](const ir::Guard& guard) {
               return excludes(guard, block.place.guards);
             });
    });
    if (otherBranch) {
      // `x.else`, and of an `else if` `x.else.else`.
      for (size_t n = 0; n < made->families.size(); ++n)
        s_.module.families[family.index()].name += ".else";
      // What was read of the name so far (the heads of loops are read as they come) means both
      // branches.
      const std::vector<ir::FamilyId> before = made->families;
      made->families.push_back(family);
      s_.named(at, made->at);
      for (ir::Ref& ref : s_.module.refs)
        if (ref.families == before) ref.families = made->families;
      return made;
    }
  }
  s_.made.push_back(
      {block.prefix + name.text.str(), {family}, block.place.loops, block.around, at});
  s_.made.back().broken = s_.module[family].task.valid() && s_.isBroken(decl);
  Symbol symbol;
  symbol.kind = Symbol::Made;
  symbol.made = &s_.made.back();
  symbol.mayBeUnused = true;
  define(s_, *block.flowScope, name, symbol);
  return &s_.made.back();
}

/// Where it is known now which branch of an `if` there will be, that one has the plain name,
/// whichever it is: so the paths of what it makes do not change with a parameter.
void FlowBuilder::nameChosen() {
  auto isChosen = [&](ir::FamilyId id) {
    return llvm::all_of(s_.module[id].guards, [&](const ir::Guard& guard) {
      std::optional<ir::Value> value = s_.constantOf(guard.condition);
      return value && (value->i != 0) == guard.wanted;
    });
  };
  for (const Made& made : s_.made) {
    auto chosen = llvm::find_if(made.families, isChosen);
    if (made.families.size() < 2 || chosen == made.families.end()) continue;
    std::vector<ir::Family>& families = s_.module.families;
    auto plain = llvm::min_element(made.families, [&](ir::FamilyId a, ir::FamilyId b) {
      return families[a.index()].name.size() < families[b.index()].name.size();
    });
    std::swap(families[plain->index()].name, families[chosen->index()].name);
  }
}

static std::string shortText(StringRef callee) { return callee.str() + "(…)"; }

llvm::StringMap<ir::Value> FlowBuilder::dependentArgs(const Expr& call, const Found& task,
                                                      Block& block) {
  llvm::StringMap<ir::Value> values;
  const TaskHead& head = taskHead(s_, *task.decl, *task.unit);
  const std::vector<TaskParam>& params = head.params;
  for (const std::string& name : head.dependent) {
    auto param = std::find_if(params.begin(), params.end(),
                              [&](const TaskParam& p) { return p.name.text == name; });
    size_t position = static_cast<size_t>(param - params.begin());
    const Expr* value = param->value;
    Expr shorthand;
    for (size_t i = 0; i < call.args.size(); ++i) {
      const syntax::Arg& arg = call.args[i];
      bool matches = arg.name ? arg.name.text == name : i == position;
      // After the first named argument a bare name is the parameter of that name; the parser leaves
      // it positional.
      if (!arg.name && arg.value && arg.value->kind == ExprKind::Name &&
          arg.value->name.text == name)
        matches = true;
      if (!matches) continue;
      shorthand.kind = ExprKind::Name;
      shorthand.name = arg.name;
      shorthand.range = arg.name.range;
      value = arg.value ? arg.value : &shorthand;
    }
    if (!value) continue;
    Place at{.scope = &param->unit->scope, .unit = param->unit};
    ir::TypeId type = resolveType(s_, *param->type, at);
    if (auto known = checkConstant(s_, *value, block.place, type,
                                   "`" + name + "`, on which a type depends,"))
      values[name] = *known;
  }
  return values;
}

Made* FlowBuilder::declareCall(const Expr& call, const syntax::BindStmt& bind, const Found& task,
                               Block& block) {
  ir::TaskId id = resolveTask(s_, *task.decl, *task.unit, dependentArgs(call, task, block));
  const syntax::Name& name = bind.name ? bind.name : task.decl->name;
  ir::FamilyId family = addFamily(name.text.str(), block, call.range);
  ir::Family& entry = s_.module.families[family.index()];
  entry.task = id;
  entry.temp = bind.temp;
  entry.keep = bind.keep;
  if (bind.tails.onNode) entry.disk = ir::Family::OnNode;
  entry.text = shortText(s_.text(call.a->range));
  Range at = bind.name ? bind.name.range : call.range;
  Made* made = enterMade(syntax::Name{name.text, at}, family, block, at, task.decl);
  if (!bind.name) made->task = task.decl->name.range;
  if (s_.request.watcher) s_.request.watcher->onFamily(at, s_.flow, family);
  if (made->families.size() > 1 &&
      s_.module[s_.module[made->families.front()].task].outputs.size() !=
          s_.module[id].outputs.size())
    s_.report(at, diag::BranchOutputs{.name = made->name, .firstAt = made->at});
  Block copy = block;
  pending_.push_back([this, family, &call, &bind, task, copy]() mutable {
    wireArguments(family, call, task, copy);
    wireTails(family, bind.tails, copy);
  });
  return made;
}

/// `s3://bucket/folder`: scheme, and where in it.
std::string FlowBuilder::storeAddress(const Expr& expr, Block& block) {
  auto address = checkConstant(s_, expr, block.place, basic(TK::String), "the address of a store");
  if (!address) return {};
  auto [scheme, rest] = StringRef(address->s).split("://");
  bool isScheme = !scheme.empty() && llvm::all_of(scheme, [](char c) {
    return llvm::isAlnum(c) || StringRef("+-.").contains(c);
  });
  if (!isScheme || rest.empty() || rest.starts_with("/"))
    s_.report(expr.range, diag::NotAStore{.address = address->s});
  return address->s;
}

void FlowBuilder::declareWait(const syntax::BindStmt& bind, Block& block) {
  const Expr& await = *bind.value;
  syntax::Name name = bind.name;
  if (!name) return;  // only where the parser has reported what stands there
  ir::FamilyId family = addFamily(name.text.str(), block, await.range);
  s_.module.families[family.index()].role = ir::Family::Wait;
  s_.module.families[family.index()].text = "await";
  enterMade(name, family, block, name.range);
  Block copy = block;
  pending_.push_back([this, family, &await, &bind, copy]() mutable {
    ir::Family::WaitFor wait;
    wait.any.emplace_back();
    if (!addAwaited(*await.a, copy, wait)) return;
    for (const syntax::Arg& timeout : await.args)
      wait.timeoutMs = checkDuration(s_, *timeout.value, copy.place, "`timeout`");
    wait.timeoutIsNoData = await.negated;
    s_.module.families[family.index()].wait = std::move(wait);
    wireTails(family, bind.tails, copy);
  });
}

/// Of `a and b or c` the parts from left to right, each `or` beginning another alternative.
bool FlowBuilder::addAwaited(const Expr& expr, Block& block, ir::Family::WaitFor& wait) {
  if (expr.kind != ExprKind::Binary) {
    std::optional<ir::Family::Awaited> part = awaited(expr, block);
    if (part) wait.any.back().push_back(*part);
    return part.has_value();
  }
  bool isGood = addAwaited(*expr.a, block, wait);
  if (expr.text == "or") wait.any.emplace_back();
  return addAwaited(*expr.b, block, wait) && isGood;
}

/// Nothing where a mistake was said.
std::optional<ir::Family::Awaited> FlowBuilder::awaited(const Expr& expr, Block& block) {
  ir::Family::Awaited part;
  bool isBoth = expr.a->kind == ExprKind::Binary && (expr.a->text == "and" || expr.a->text == "or");
  if (isBoth) return s_.report(expr.a->range, diag::BracketsInWait{}), std::nullopt;
  Operand what = asValue(s_, checkExpr(s_, *expr.a, block.place), block.place);
  if (what.kind == Operand::Error) return std::nullopt;
  TK kind = s_.module.types[what.type].kind;
  bool isInstant = kind == TK::Instant || kind == TK::Date;
  part.what = convert(s_, what, basic(isInstant ? TK::Instant : TK::Path), "what is awaited");
  for (const syntax::Arg& clause : expr.args) {
    if (isInstant) {
      s_.report(clause.name.range, diag::ClauseOfInstant{.clause = clause.name.text.str()});
      return std::nullopt;
    }
    if (clause.name.text == "age") {
      part.ageMs = checkDuration(s_, *clause.value, block.place, "`age`");
      continue;
    }
    bool isSize = clause.name.text == "size";
    auto bytes = checkConstant(s_, *clause.value, block.place, basic(TK::Bytes),
                               isSize ? "the size" : "`free`");
    if (bytes) (isSize ? part.bytes : part.freeBytes) = bytes->i;
  }
  return part;
}

ir::ExprId FlowBuilder::checkArgument(const syntax::Arg& arg, const ir::Input& input,
                                      Range declaredAt, std::string hint, Block& block) {
  Expr shorthand;
  shorthand.kind = ExprKind::Name;
  shorthand.name = arg.name;
  shorthand.range = arg.name.range;
  const Expr& expr = arg.value ? *arg.value : shorthand;
  ir::TypeId type = input.type;
  Operand operand = asValue(s_, checkExpr(s_, expr, block.place, type), block.place);
  if (operand.kind == Operand::Error) return operand.expr;
  bool one = input.many && s_.module.types[operand.type].kind != TK::List &&
             s_.module.types[operand.type].kind != TK::Set;
  if (one)
    operand = s_.value(
        s_.make(ir::Op::List, s_.module.types.list(operand.type), {operand.expr}, expr.range),
        expr.range);
  std::string what = "`" + input.name + "`";
  return convert(s_, operand, type, Asked{what, declaredAt, std::move(hint)});
}

/// Where the input of this name stands, or behind the last.
static size_t inputNamed(const std::vector<ir::Input>& inputs, StringRef name) {
  return static_cast<size_t>(
      llvm::find_if(inputs, [&](const ir::Input& input) { return input.name == name; }) -
      inputs.begin());
}

/// What a wrong argument without a name may have been meant as.
static std::string positionHint(const syntax::Arg& arg, const std::vector<ir::Input>& inputs) {
  if (arg.name) return {};
  if (arg.value->kind == ExprKind::Name && inputNamed(inputs, arg.value->name.text) < inputs.size())
    return fmt::format("values without a name go by position; write `{0}: {0}`",
                       arg.value->name.text.str());
  return "values without a name go by position; others are written `name: value`";
}

static void unknownParameter(Session& s, const syntax::Name& name, const std::string& callee,
                             const std::vector<ir::Input>& inputs) {
  std::vector<std::string> known;
  for (const ir::Input& input : inputs) known.push_back(input.name);
  s.report(name.range,
           diag::UnknownParameter{
               .name = name.text.str(), .callee = callee, .fix = nearest(s, name, known)});
}

void FlowBuilder::wireArguments(ir::FamilyId family, const Expr& call, const Found& task,
                                Block& block) {
  const std::vector<TaskParam>& params = taskHead(s_, *task.decl, *task.unit).params;
  // Arguments make no tasks, so this stays where it is.
  const std::vector<ir::Input>& inputs = s_.module[s_.module[family].task].inputs;
  if (s_.isBroken(task.decl)) return;
  const std::string callee = task.decl->name.text.str();
  std::vector<ir::ExprId> args(inputs.size());
  std::vector<Range> given(inputs.size());
  bool named = false, failed = false;
  size_t position = 0;
  for (syntax::Arg arg : call.args) {
    // After the first named argument a bare name is the parameter of that name.
    if (named && !arg.name && arg.value && arg.value->kind == ExprKind::Name)
      arg.name = arg.value->name;
    named = named || arg.name;
    size_t at = arg.name ? inputNamed(inputs, arg.name.text) : position++;
    if (at >= inputs.size()) {
      if (arg.name)
        unknownParameter(s_, arg.name, callee, inputs);
      else
        s_.report(arg.value->range, diag::TooManyArguments{.callee = callee,
                                                           .count = std::to_string(inputs.size()),
                                                           .declaredAt = task.decl->name.range});
      failed = true;
      continue;
    }
    Range range = arg.name ? arg.name.range : arg.value->range;
    if (given[at].valid())
      s_.report(range, diag::GivenTwice{.name = inputs[at].name, .firstAt = given[at]});
    given[at] = range;
    if (arg.name) s_.named(range, params[at].name.range);
    args[at] =
        checkArgument(arg, inputs[at], params[at].name.range, positionHint(arg, inputs), block);
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (args[i].valid()) continue;
    Place at{.scope = &params[i].unit->scope, .unit = params[i].unit};
    if (params[i].value)
      args[i] = checkAs(s_, *params[i].value, at, inputs[i].type,
                        "the default of `" + inputs[i].name + "`");
    else if (s_.module.types[inputs[i].type].kind == TK::Option)
      args[i] = s_.constant({}, inputs[i].type, call.range);
    else if (inputs[i].many && !inputs[i].some)
      args[i] = s_.constant(ir::Value::composite(ir::Value::List, {}), inputs[i].type, call.range);
    else {
      args[i] = s_.errorExpr(call.range);
      if (!failed)
        s_.report(call.range, diag::MissingInput{.name = inputs[i].name,
                                                 .callee = callee,
                                                 .declaredAt = params[i].name.range});
    }
  }
  s_.module.families[family.index()].args = std::move(args);
}

std::optional<ir::Limit> FlowBuilder::limit(const syntax::Limit& written, Block& block) {
  ir::Limit limit;
  limit.loc = s_.loc(written.range);
  limit.count = checkCount(s_, *written.count, block.place, "a limit");
  if (written.refill) limit.refill = checkCount(s_, *written.refill, block.place, "the refill", 0);
  if (written.per) limit.perMs = checkDuration(s_, *written.per, block.place, "the time of a rate");
  if (limit.count == 0) return std::nullopt;
  if (written.refill && limit.refill >= limit.count) {
    s_.report(written.refill->range, diag::RefillTooHigh{.refill = std::to_string(limit.refill),
                                                         .limit = std::to_string(limit.count)});
    return std::nullopt;
  }
  return limit;
}

int64_t FlowBuilder::priority(const syntax::Name& name) {
  int64_t number = 0;
  if (name.text == "low") return -1;
  if (name.text == "high") return 1;
  if (name.text != "normal" && name.text.getAsInteger(10, number))
    s_.report(name.range, diag::UnknownPriority{.name = name.text.str()});
  return number;
}

void FlowBuilder::wireTails(ir::FamilyId family, const syntax::Tails& tails, Block& block) {
  std::vector<const syntax::After*> afters = block.afters;
  for (const syntax::After& after : tails.afters) afters.push_back(&after);
  for (const syntax::After* after : afters) {
    Operand operand = checkExpr(s_, *after->what, block.place);
    if (operand.kind == Operand::Made && after->ended) operand.ref.demand = ir::Demand::Ended;
    if (auto ref = reference(s_, operand, block.place, true))
      s_.module.families[family.index()].afters.push_back(*ref);
  }
  for (const syntax::Limit& written : tails.limits)
    if (auto entry = limit(written, block)) {
      entry->families.push_back(family);
      entry->name = s_.module[family].name;
      s_.module.limits.push_back(std::move(*entry));
    }
  int64_t deadline =
      tails.deadline ? checkDuration(s_, *tails.deadline, block.place, "the deadline") : 0;
  int64_t level = tails.priority ? priority(tails.priority) : block.priority;
  std::string store = tails.onStore ? storeAddress(*tails.onStore, block) : "";
  ir::Family& entry = s_.module.families[family.index()];
  entry.deadlineMs = deadline;
  entry.priority = level;
  entry.keepOnFailed = tails.keepOnFailed;
  entry.store = store;
  if (tails.onNode && block.pool.empty())
    s_.report(tails.onNodeAt, diag::OnNodeOutsidePool{.what = "on node"});
  if (tails.keepOnFailed && !entry.temp) s_.report(s_.rangeOf(entry.loc), diag::KeepWithoutTemp{});
  for (const syntax::OnOutcome& hook : tails.hooks) {
    ir::Family::HookOn on;
    on.of = {family};
    bool always = std::any_of(hook.outcomes.begin(), hook.outcomes.end(),
                              [](const syntax::Name& n) { return n.text == "ended"; });
    if (always) on.event = "ended";  // whatever else is named beside it
    for (const syntax::Name& name : hook.outcomes)
      if (auto outcome = always ? std::nullopt : checkOutcome(s_, name, false))
        on.outcomes.push_back(*outcome);
    if (!on.outcomes.empty()) on.event = ir::name(on.outcomes.front()).str();
    addHook(hook.body, on, block);
  }
}

/// What stands behind the call of a flow: order and deadline hold for each of its families that
/// says nothing of its own, a limit is one over all of them.
void FlowBuilder::wireFlowTails(const std::vector<ir::FamilyId>& families, const std::string& name,
                                const syntax::Tails& tails, Block& block) {
  std::vector<const syntax::After*> afters = block.afters;
  for (const syntax::After& after : tails.afters) afters.push_back(&after);
  for (const syntax::After* after : afters) {
    Operand operand = checkExpr(s_, *after->what, block.place);
    if (operand.kind == Operand::Made && after->ended) operand.ref.demand = ir::Demand::Ended;
    if (auto ref = reference(s_, operand, block.place, true))
      for (ir::FamilyId id : families) s_.module.families[id.index()].afters.push_back(*ref);
  }
  for (const syntax::Limit& written : tails.limits)
    if (auto entry = limit(written, block)) {
      entry->families = families;
      entry->name = StringRef(name).rtrim('.').str();
      s_.module.limits.push_back(std::move(*entry));
    }
  int64_t deadline =
      tails.deadline ? checkDuration(s_, *tails.deadline, block.place, "the deadline") : 0;
  int64_t level = tails.priority ? priority(tails.priority) : 0;
  for (ir::FamilyId id : families) {
    ir::Family& family = s_.module.families[id.index()];
    if (family.deadlineMs == 0) family.deadlineMs = deadline;
    if (family.priority == 0) family.priority = level;
  }
  bool isOfOne = tails.onNode || tails.onStore || tails.keepOnFailed || !tails.hooks.empty();
  if (isOfOne && !families.empty())
    s_.report(s_.rangeOf(s_.module[families.front()].loc), diag::TailNeedsTask{});
}

/// The name, numbered where an earlier hook of the same call or event calls the same task.
static std::string freeName(const ir::Module& module, const std::string& prefix, std::string name) {
  const std::string base = name;
  auto isTaken = [&](const ir::Family& family) { return family.name == prefix + name; };
  for (unsigned n = 2; llvm::any_of(module.families, isTaken); ++n)
    name = base + "." + std::to_string(n);
  return name;
}

/// The calls of a hook: families that are no instances of the graph.
void FlowBuilder::addHook(const std::vector<syntax::Stmt*>& body, ir::Family::HookOn on,
                          Block& block) {
  for (const syntax::Stmt* stmt : body) {
    auto* bind = std::get_if<syntax::BindStmt>(&stmt->as);
    Found task = bind && bind->value->kind == ExprKind::Call
                     ? findDecl(s_, *bind->value->a, block.place)
                     : Found{};
    if (!task.decl || !std::holds_alternative<syntax::TaskDecl>(task.decl->as)) {
      s_.report(stmt->range, diag::HookNeedsCall{});
      continue;
    }
    ir::TaskId id =
        resolveTask(s_, *task.decl, *task.unit, dependentArgs(*bind->value, task, block));
    std::string name = "hook." + (on.of.empty() ? on.event : s_.module[on.of.front()].name) + "." +
                       (bind->name ? bind->name.text : task.decl->name.text).str();
    ir::FamilyId family = addFamily(freeName(s_.module, block.prefix, name), block, stmt->range);
    ir::Family& entry = s_.module.families[family.index()];
    entry.role = ir::Family::Hook;
    entry.task = id;
    entry.hook = on;
    entry.text = shortText(s_.text(bind->value->a->range));
    wireArguments(family, *bind->value, task, block);
  }
}

}  // namespace wfc::check
