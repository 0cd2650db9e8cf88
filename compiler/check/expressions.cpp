// Expressions: literals, names, fields, strings, lists and maps; the rest is handed to the file of
// its concept.
#include <algorithm>
#include <cstdlib>

#include "compiler/base/suggest.h"
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

static Operand error(Session& s, Range range) { return s.value(s.errorExpr(range), range); }

static Operand checkQuantity(Session& s, const Expr& expr) {
  auto value = ir::quantity(expr.text, expr.name.text);
  if (!value) return error(s, expr.range);  // the parser has said that the unit is unknown
  TK kind = value->kind == ir::Value::Duration ? TK::Duration
            : value->kind == ir::Value::Bytes  ? TK::Bytes
                                               : TK::Length;
  return s.constantOperand(*value, basic(kind), expr.range);
}

static Operand checkLiteral(Session& s, const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::None:
      return s.constantOperand({}, basic(TK::None), expr.range);
    case ExprKind::Bool:
      return s.constantOperand(ir::Value::boolean(expr.text == "true"), basic(TK::Bool),
                               expr.range);
    case ExprKind::Int: {
      int64_t n = 0;
      std::string digits = expr.text.str();
      digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
      if (StringRef(digits).getAsInteger(10, n)) {
        s.report(expr.range, diag::NumberTooLarge{.text = expr.text.str()});
        return error(s, expr.range);
      }
      return s.constantOperand(ir::Value::integer(n), basic(TK::Int), expr.range);
    }
    case ExprKind::Float:
      return s.constantOperand(ir::Value::real(std::strtod(expr.text.str().c_str(), nullptr)),
                               basic(TK::Float), expr.range);
    case ExprKind::Quantity:
      return checkQuantity(s, expr);
    case ExprKind::Date:
      if (auto days = ir::parseDate(expr.text))
        return s.constantOperand(ir::Value::scalar(ir::Value::Date, *days), basic(TK::Date),
                                 expr.range);
      break;
    case ExprKind::Instant:
      if (auto seconds = ir::parseInstant(expr.text))
        return s.constantOperand(ir::Value::scalar(ir::Value::Instant, *seconds),
                                 basic(TK::Instant), expr.range);
      break;
    default:
      return error(s, expr.range);
  }
  return error(s, expr.range);  // no such date: the parser has said so
}

/// The enumerator of this name, when an enum is expected here.
static std::optional<Operand> enumerator(Session& s, const Expr& expr, ir::TypeId expected) {
  if (!expected.valid()) return std::nullopt;
  ir::TypeId id = expected;
  if (s.module.types[id].kind == TK::Option) id = s.module.types[id].element;
  const ir::Type& type = s.module.types[id];
  if (type.kind != TK::Enum) return std::nullopt;
  for (size_t i = 0; i < type.fields.size(); ++i)
    if (type.fields[i].name == expr.name.text) {
      ir::Value value = ir::Value::scalar(ir::Value::Enum, static_cast<int64_t>(i));
      value.type = id;
      return s.constantOperand(std::move(value), id, expr.range);
    }
  return std::nullopt;
}

/// A top-level constant, evaluated on first use; one that needs itself is reported.
static Operand constantDecl(Session& s, const syntax::Decl& decl, Unit& unit, Range at) {
  if (auto it = s.constants.find(&decl); it != s.constants.end()) {
    Operand operand = it->second;
    operand.range = at;
    return operand;
  }
  if (std::find(s.inProgress.begin(), s.inProgress.end(), &decl) != s.inProgress.end()) {
    s.report(at, diag::NeedsItself{.name = decl.name.text.str(), .declaredAt = decl.name.range});
    return error(s, at);
  }
  s.inProgress.push_back(&decl);
  Place place{.scope = &unit.scope, .unit = &unit};
  Operand operand = checkExpr(s, *std::get<syntax::ConstDecl>(decl.as).value, place);
  if (operand.kind == Operand::Space && s.module[operand.space].name.empty())
    s.module.spaces[operand.space.index()].name = decl.name.text.str();
  s.inProgress.pop_back();
  s.constants[&decl] = operand;
  operand.range = at;
  return operand;
}

/// True if the elements of the space are instances (or batches and groups of them), so that naming
/// one is a reference. Where the instances make sets, the elements are the members of all these,
/// files that are there when the space is read.
static bool namesInstances(const ir::Module& module, ir::SpaceId id) {
  const ir::Space& space = module[id];
  if (space.kind != ir::Space::Members)
    return space.base.valid() && namesInstances(module, space.base);
  const ir::Ref& ref = module[space.ref];
  const ir::Family& family = module[ref.families.front()];
  if (!family.task.valid() || ref.output >= module[family.task].outputs.size()) return true;
  return module.types[module[family.task].outputs[ref.output].type].kind != TK::Set;
}

/// What the space below batches, groups and steps runs over: whose instances these are.
static ir::Ref referenceOf(const ir::Module& module, ir::SpaceId id) {
  while (module[id].kind != ir::Space::Members) id = module[id].base;
  ir::Ref ref;
  const ir::Ref& all = module[module[id].ref];
  ref.families = all.families;
  ref.indices = all.indices;
  ref.output = all.output;
  return ref;
}

static Operand checkName(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  if (auto value = enumerator(s, expr, expected)) return *value;
  const Symbol* symbol = lookUp(s, expr.name, place, false);
  if (!symbol) {
    std::vector<std::string> all = place.scope->visible();
    if (expected.valid() && s.module.types[expected].kind == TK::Enum)
      for (const ir::Field& field : s.module.types[expected].fields) all.push_back(field.name);
    auto best = base::suggest(std::string_view(expr.name.text), all);
    s.report(expr.range, diag::UnknownName{
                             .name = expr.name.text.str(),
                             .fix = best ? std::optional(diag::Fix{expr.range, std::string(*best)})
                                         : std::nullopt});
    return error(s, expr.range);
  }
  switch (symbol->kind) {
    case Symbol::Operand: {
      Operand operand = symbol->operand;
      operand.range = expr.range;
      return operand;
    }
    case Symbol::LoopVariable: {
      const ir::Space& space = s.module[s.module[symbol->loop].space];
      if (namesInstances(s.module, s.module[symbol->loop].space)) {
        Operand member;
        member.kind = Operand::Made;
        member.range = expr.range;
        member.ref = referenceOf(s.module, s.module[symbol->loop].space);
        member.ref.loop = symbol->loop;
        member.ref.single = space.kind == ir::Space::Members;
        member.refType = space.element;
        return member;
      }
      return s.value(s.make(ir::Op::LoopVar, space.element, {}, expr.range, symbol->loop.index()),
                     expr.range);
    }
    case Symbol::Made:
      symbol->made->used = true;
      return referTo(s, *symbol->made, expr.range);
    case Symbol::Declaration:
      if (std::holds_alternative<syntax::ConstDecl>(symbol->decl->as))
        return constantDecl(s, *symbol->decl, *symbol->unit, expr.range);
      if (auto* secret = std::get_if<syntax::SecretDecl>(&symbol->decl->as)) {
        Place top{.scope = &symbol->unit->scope, .unit = symbol->unit};
        ir::ExprId command =
            checkAs(s, *secret->command, top, basic(TK::String), "the command of a secret");
        const ir::Value* text = s.constantOf(command);
        return s.constantOperand(text ? *text : ir::Value::text(""), basic(TK::Secret), expr.range);
      }
      [[fallthrough]];
    default:
      s.report(expr.range, diag::NotAValue{.name = expr.name.text.str(), .declaredAt = symbol->at});
      return error(s, expr.range);
  }
}

/// Fields that values of a type offer beside their own.
static ir::TypeId builtinField(const ir::Types& types, const ir::Type& type, StringRef name) {
  auto is = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
  };
  switch (type.kind) {
    case TK::Span:
      if (is({"first_day", "last_day"})) return basic(TK::Date);
      if (is({"start", "end"})) return basic(type.dates ? TK::Date : TK::Instant);
      return {};
    case TK::Enum:
      return is({"text", "name"}) ? basic(TK::String) : ir::TypeId{};
    case TK::Date:
      return is({"year", "month", "day"}) ? basic(TK::Int) : ir::TypeId{};
    case TK::Instant:
      return is({"year", "month", "day", "hour", "minute"}) ? basic(TK::Int) : ir::TypeId{};
    case TK::List:
      return is({"first", "last"}) ? type.element : ir::TypeId{};
    case TK::Set:
      return is({"dir"}) ? basic(TK::Path) : ir::TypeId{};
    default:
      (void)types;
      return {};
  }
}

static Operand fieldOfSpace(Session& s, const Operand& base, const syntax::Name& name,
                            Place& place) {
  const ir::Space space = s.module[base.space];
  Range range = source::join(base.range, name.range);
  if ((name.text == "first" || name.text == "last") && ir::isStatic(s.module, base.space)) {
    uint64_t size = ir::sizeOf(s.module, base.space);
    if (size == 0 || (size == ir::Open && name.text == "last")) {
      s.report(range,
               diag::NoSuchElement{.which = name.text.str(),
                                   .why = size == 0 ? "the set is empty" : "the cycle has no end"});
      return error(s, range);
    }
    ir::Value value = ir::elementAt(s.module, base.space, name.text == "first" ? 0 : size - 1);
    return s.constantOperand(std::move(value), space.element, range);
  }
  if (auto axes = s.axes.find(space.element); axes != s.axes.end() && name.text == "names") {
    std::vector<ir::Value> names;
    for (const std::string& each : axes->second.names) names.push_back(ir::Value::text(each));
    return s.constantOperand(ir::Value::composite(ir::Value::List, std::move(names)),
                             s.module.types.list(basic(TK::String)), range);
  }
  if (space.kind == ir::Space::Product) {
    const ir::Type& record = s.module.types[space.element];
    for (size_t i = 0; i < record.fields.size() && i < space.factors.size(); ++i)
      if (record.fields[i].name == name.text) {
        Operand factor;
        factor.kind = Operand::Space;
        factor.space = space.factors[i];
        factor.range = range;
        return factor;
      }
  }
  Operand list = asValue(s, base, place);
  return list.kind == Operand::Error ? list : fieldOf(s, list, name, place);
}

static Operand unknownField(Session& s, const syntax::Name& name, const std::string& owner,
                            const std::vector<std::string>& known, Range range) {
  auto best = base::suggest(std::string_view(name.text), known);
  s.report(name.range, diag::UnknownMember{
                           .name = name.text.str(),
                           .owner = owner,
                           .fix = best ? std::optional(diag::Fix{name.range, std::string(*best)})
                                       : std::nullopt});
  return error(s, range);
}

/// A named output, or `.ok`, of instances.
static Operand fieldOfMade(Session& s, Operand base, const syntax::Name& name, Place& place) {
  Range range = source::join(base.range, name.range);
  base.range = range;
  if (name.text == "ok") {
    base.ref.demand = ir::Demand::Ok;
    return base;
  }
  if (base.ref.loop
          .valid()) {  // a field of a member is a field of its key, which waits for nothing
    ir::TypeId element = s.module[s.module[base.ref.loop].space].element;
    Operand member = s.value(
        s.make(ir::Op::LoopVar, element, {}, base.range, base.ref.loop.index()), base.range);
    return fieldOf(s, member, name, place);
  }
  if (base.ref.families.empty()) return error(s, range);
  const ir::Task& task = s.module[s.module[base.ref.families.front()].task];
  std::vector<std::string> known{"ok"};
  for (uint32_t i = 0; i < task.outputs.size(); ++i) {
    known.push_back(task.outputs[i].name);
    if (task.outputs[i].name != name.text || base.outputChosen) continue;
    base.ref.output = i;
    base.refType = task.outputs[i].type;
    base.outputChosen = true;
    return base;
  }
  return unknownField(s, name, "`" + base.made->name + "`", known, range);
}

Operand fieldOf(Session& s, Operand base, const syntax::Name& name, Place& place) {
  Range range = source::join(base.range, name.range);
  if (base.kind == Operand::Error) return error(s, range);
  if (base.kind == Operand::Space) return fieldOfSpace(s, base, name, place);
  if (base.kind == Operand::Bundle) {
    if (const Symbol* symbol = base.scope->findHere(name.text)) {
      if (symbol->kind == Symbol::Made) return referTo(s, *symbol->made, range);
      Operand operand = symbol->operand;
      operand.range = range;
      return operand;
    }
    return unknownField(s, name, "the flow", base.scope->visible(), range);
  }
  if (base.kind == Operand::Made) {
    const ir::Type* type = base.refType.valid() ? &s.module.types[base.refType] : nullptr;
    bool valueField = base.outputChosen && name.text != "ok" && type &&
                      builtinField(s.module.types, *type, name.text).valid();
    if (!valueField) return fieldOfMade(s, base, name, place);
    base = asValue(s, base, place);
    if (base.kind == Operand::Error) return base;
  }
  const ir::Type type = s.module.types[base.type];
  std::vector<std::string> known;
  const std::vector<ir::Field>& fields =
      type.kind == TK::Artifact ? s.module[type.artifact].keys : type.fields;
  if (type.kind == TK::Record || type.kind == TK::Artifact)
    for (const ir::Field& field : fields) {
      known.push_back(field.name);
      if (field.name == name.text)
        return s.value(s.make(ir::Op::Field, field.type, {base.expr}, range, 0, field.name), range);
    }
  if (ir::TypeId fieldType = builtinField(s.module.types, type, name.text); fieldType.valid())
    return s.value(s.make(ir::Op::Field, fieldType, {base.expr}, range, 0, name.text.str()), range);
  if (type.kind == TK::Span) known = {"first_day", "last_day", "start", "end"};
  if (type.kind == TK::Set) known = {"dir"};
  return unknownField(s, name, typeText(s, base.type), known, range);
}

static Operand checkField(Session& s, const Expr& expr, Place& place) {
  if (expr.a->kind == ExprKind::Name) {
    const Symbol* symbol = lookUp(s, expr.a->name, place, false);
    if (symbol && symbol->kind == Symbol::Declaration &&
        std::holds_alternative<syntax::EnumDecl>(symbol->decl->as)) {
      ir::TypeId type = resolveNominal(s, *symbol->decl, *symbol->unit);
      Expr bare = expr;
      if (auto value = enumerator(s, bare, type)) return *value;
      std::vector<std::string> known;
      for (const ir::Field& field : s.module.types[type].fields) known.push_back(field.name);
      return unknownField(s, expr.name, "`" + s.module.types[type].name + "`", known, expr.range);
    }
    if (symbol && symbol->kind == Symbol::Module) {
      Found found = findDecl(s, expr, place);
      if (found.decl && std::holds_alternative<syntax::ConstDecl>(found.decl->as))
        return constantDecl(s, *found.decl, *found.unit, expr.range);
      if (found.decl)
        s.report(expr.range, diag::NotAValue{.name = expr.name.text.str(),
                                             .declaredAt = found.decl->name.range});
      return error(s, expr.range);
    }
    // Any parameter; the only way to one that is called as a reserved word is.
    if (place.task && expr.a->name.text == "args" && !symbol) {
      std::vector<std::string> known;
      for (const ir::Input& input : place.task->inputs) known.push_back(input.name);
      const Symbol* input = std::find(known.begin(), known.end(), expr.name.text) == known.end()
                                ? nullptr
                                : lookUp(s, expr.name, place, false);
      if (!input)
        return unknownField(s, expr.name, "the parameters of `" + place.task->name + "`", known,
                            expr.range);
      Operand operand = input->operand;
      operand.range = expr.range;
      return operand;
    }
    if (place.task && expr.a->name.text == "needs" && !symbol) {
      static const std::pair<const char*, TK> needs[] = {
          {"nodes", TK::Int},    {"tasks", TK::Int},     {"cpus", TK::Int},  {"gpus", TK::Int},
          {"memory", TK::Bytes}, {"time", TK::Duration}, {"disk", TK::Bytes}};
      for (auto [name, kind] : needs)
        if (expr.name.text == name)
          return s.value(s.make(ir::Op::Need, basic(kind), {}, expr.range, 0, name), expr.range);
      return unknownField(s, expr.name, "`needs`",
                          {"nodes", "tasks", "cpus", "gpus", "memory", "time", "disk"}, expr.range);
    }
  }
  return fieldOf(s, checkExpr(s, *expr.a, place), expr.name, place);
}

Operand checkString(Session& s, const Expr& expr, Place& place) {
  std::vector<ir::ExprId> parts;
  for (const syntax::StringPart& part : expr.parts) {
    if (!part.hole) {
      lintPlaceholders(s, part.text, part.range);
      parts.push_back(s.constant(ir::Value::text(part.text.str()), basic(TK::String), part.range));
      continue;
    }
    if (part.raw) s.report(part.range, diag::RawOutsideScript{});
    Operand value = asValue(s, checkExpr(s, *part.hole, place), place);
    if (value.kind == Operand::Error) return error(s, expr.range);
    const ir::Type& type = s.module.types[value.type];
    if (type.kind == TK::Secret) {
      s.report(part.range, diag::SecretVisible{.where = "a text"});
      return error(s, expr.range);
    }
    if (type.kind == TK::List || type.kind == TK::Map || type.kind == TK::Set ||
        type.kind == TK::Option || type.kind == TK::None) {
      s.report(part.range, diag::NotAText{.type = typeText(s, value.type)});
      return error(s, expr.range);
    }
    if (std::string why = ir::checkFormat(s.module.types, value.type, part.format); !why.empty()) {
      s.report(part.range, diag::BadFormat{.format = part.format.str(), .why = why});
      return error(s, expr.range);
    }
    parts.push_back(
        s.make(ir::Op::Format, basic(TK::String), {value.expr}, part.range, 0, part.format.str()));
  }
  if (parts.empty()) return s.constantOperand(ir::Value::text(""), basic(TK::String), expr.range);
  if (parts.size() == 1) return s.value(parts[0], expr.range);
  return s.value(s.make(ir::Op::Concat, basic(TK::String), std::move(parts), expr.range),
                 expr.range);
}

static Operand checkList(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  ir::TypeId element;
  if (expected.valid() && s.module.types[expected].kind == TK::List)
    element = s.module.types[expected].element;
  std::vector<Operand> items;
  ir::TypeId type = element;
  for (const Expr* item : expr.items) {
    items.push_back(asValue(s, checkExpr(s, *item, place, element), place));
    if (items.back().kind == Operand::Error) return error(s, expr.range);
    if (element.valid()) continue;
    ir::TypeId joined = type.valid() ? common(s, type, items.back().type) : items.back().type;
    if (!joined.valid()) {
      s.report(item->range, diag::TypeMismatch{.what = "this element",
                                               .expected = typeText(s, type),
                                               .found = typeText(s, items.back().type)});
      return error(s, expr.range);
    }
    type = joined;
  }
  if (!type.valid()) type = basic(TK::None);
  std::vector<ir::ExprId> exprs;
  for (const Operand& item : items) exprs.push_back(convert(s, item, type, "this element"));
  return s.value(s.make(ir::Op::List, s.module.types.list(type), std::move(exprs), expr.range),
                 expr.range);
}

static Operand checkMap(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  ir::TypeId key, element;
  if (expected.valid() && s.module.types[expected].kind == TK::Map)
    key = s.module.types[expected].key, element = s.module.types[expected].element;
  if (element.valid() && s.isError(element)) element = {};  // only the key is expected
  std::vector<ir::ExprId> items;
  std::vector<std::pair<ir::Value, Range>> seen;
  for (size_t i = 0; i + 1 < expr.items.size(); i += 2) {
    Operand k = asValue(s, checkExpr(s, *expr.items[i], place, key), place),
            v = asValue(s, checkExpr(s, *expr.items[i + 1], place, element), place);
    if (k.kind == Operand::Error || v.kind == Operand::Error) return error(s, expr.range);
    if (!key.valid()) key = k.type;
    if (!element.valid()) element = v.type;
    items.push_back(convert(s, k, key, "the key"));
    items.push_back(convert(s, v, element, "the value"));
    const ir::Value* known = s.constantOf(items[items.size() - 2]);
    if (!known) continue;
    for (const auto& [old, at] : seen)
      if (old == *known)
        s.report(k.range, diag::DuplicateKey{.key = ir::toText(s.module, *known), .firstAt = at});
    seen.emplace_back(*known, k.range);
  }
  if (!key.valid()) key = basic(TK::None);
  if (!element.valid()) element = basic(TK::None);
  return s.value(
      s.make(ir::Op::Map, s.module.types.map(key, element), std::move(items), expr.range),
      expr.range);
}

Operand checkExpr(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  switch (expr.kind) {
    case ExprKind::Hole:
      return error(s, expr.range);
    case ExprKind::String:
      return checkString(s, expr, place);
    case ExprKind::Name:
      return checkName(s, expr, place, expected);
    case ExprKind::Field:
      return checkField(s, expr, place);
    case ExprKind::Call:
      return checkBuiltin(s, expr, place);
    case ExprKind::Index:
      return checkIndex(s, expr, place);
    case ExprKind::List:
      return checkList(s, expr, place, expected);
    case ExprKind::Map:
      return checkMap(s, expr, place, expected);
    case ExprKind::Not:
      return s.value(
          s.make(ir::Op::Not, basic(TK::Bool),
                 {checkAs(s, *expr.a, place, basic(TK::Bool), "the operand of `not`")}, expr.range),
          expr.range);
    case ExprKind::Negate:
      return checkNegate(s, expr, place);
    case ExprKind::Binary:
      return checkBinary(s, expr, place);
    case ExprKind::If:
      return checkIf(s, expr, place, expected);
    case ExprKind::IsFirst:
    case ExprKind::IsLast:
      return checkIsEnd(s, expr, place);
    case ExprKind::IsIn:
      return checkIsIn(s, expr, place);
    case ExprKind::Otherwise:
    case ExprKind::IfMade:
      return checkOtherwise(s, expr, place, expected);
    case ExprKind::AtLeast:
    case ExprKind::FirstOf:
    case ExprKind::AnyOf:
    case ExprKind::Stream:
      return checkQuantifier(s, expr, place);
    case ExprKind::As:
      return checkCast(s, expr, place);
    case ExprKind::Range:
    case ExprKind::DownTo:
      return checkRange(s, expr, place);
    case ExprKind::Step:
      return checkStep(s, expr, place);
    case ExprKind::Cycle:
      return checkCycle(s, expr, place);
    case ExprKind::Batches:
      return checkBatches(s, expr, place);
    case ExprKind::Grouped:
      return checkGrouped(s, expr, place);
    case ExprKind::Star:
    case ExprKind::Where:
      s.report(expr.range,
               diag::OnlyInBrackets{.what = expr.kind == ExprKind::Star ? "`*`" : "`in … if`"});
      return error(s, expr.range);
    default:
      return checkLiteral(s, expr);
  }
}

Operand asValue(Session& s, Operand operand, Place& place) {
  if (operand.kind == Operand::Made) return referenceValue(s, operand, place);
  if (operand.kind == Operand::Bundle) {
    s.report(operand.range, diag::FlowNeedsOutput{});
    return error(s, operand.range);
  }
  if (operand.kind != Operand::Space) {
    if (operand.kind == Operand::Error && !operand.expr.valid()) return error(s, operand.range);
    return operand;
  }
  if (!ir::isStatic(s.module, operand.space) || ir::sizeOf(s.module, operand.space) > 1000000) {
    s.report(operand.range, diag::SetIsNotAList{});
    return error(s, operand.range);
  }
  std::vector<ir::Value> items;
  for (uint64_t i = 0, n = ir::sizeOf(s.module, operand.space); i < n; ++i)
    items.push_back(ir::elementAt(s.module, operand.space, i));
  ir::TypeId type = s.module.types.list(s.module[operand.space].element);
  return s.constantOperand(ir::Value::composite(ir::Value::List, std::move(items)), type,
                           operand.range);
}

ir::ExprId checkAs(Session& s, const Expr& expr, Place& place, ir::TypeId type, StringRef what) {
  return convert(s, asValue(s, checkExpr(s, expr, place, type), place), type, what);
}

std::optional<ir::Value> checkConstant(Session& s, const Expr& expr, Place& place, ir::TypeId type,
                                       StringRef what) {
  ir::ExprId id = checkAs(s, expr, place, type, what);
  if (s.isError(s.module[id].type)) return std::nullopt;
  if (const ir::Value* value = s.constantOf(id)) return *value;
  s.report(expr.range, diag::NotConstant{.what = what.str()});
  return std::nullopt;
}

}  // namespace wfc::check
