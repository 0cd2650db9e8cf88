// Expressions: literals, names, fields, strings, lists and maps; the rest is handed to the file of
// its concept.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

#include "compiler/check/names.h"
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"
#include "compiler/ir/units.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

static Operand checkQuantity(Session& s, const Expr& expr) {
  auto value = ir::quantity(expr.text, expr.name.text);
  if (!value) {  // the parser has looked at the unit
    s.report(expr.range, diag::InexactQuantity{.text = s.text(expr.range).str()});
    return s.errorOperand(expr.range);
  }
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
        s.report(expr.range,
                 diag::NumberTooLarge{.text = expr.text.str(), .largest = "9223372036854775807"});
        return s.errorOperand(expr.range);
      }
      return s.constantOperand(ir::Value::integer(n), basic(TK::Int), expr.range);
    }
    case ExprKind::Float: {
      double number = std::strtod(expr.text.str().c_str(), nullptr);
      if (std::isfinite(number))
        return s.constantOperand(ir::Value::real(number), basic(TK::Float), expr.range);
      s.report(expr.range,
               diag::NumberTooLarge{.text = expr.text.str(), .largest = "about 1.8e308"});
      return s.errorOperand(expr.range);
    }
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
      return s.errorOperand(expr.range);
  }
  return s.errorOperand(expr.range);  // no such date: the parser has said so
}

/// The enumerator of this name, when an enum is expected here.
std::optional<Operand> enumerator(Session& s, const Expr& expr, ir::TypeId expected) {
  if (!expected.valid()) return std::nullopt;
  ir::TypeId id = expected;
  if (s.module.types[id].kind == TK::Option) id = s.module.types[id].element;
  const ir::Type& type = s.module.types[id];
  if (type.kind != TK::Enum) return std::nullopt;
  for (size_t i = 0; i < type.fields.size(); ++i)
    if (type.fields[i].name == expr.name.text) {
      s.named(expr.name.range, fieldDeclaredAt(s, id, expr.name.text));
      ir::Value value = ir::Value::scalar(ir::Value::Enum, static_cast<int64_t>(i));
      value.type = id;
      return s.constantOperand(std::move(value), id, expr.range);
    }
  return std::nullopt;
}

/// A top-level constant, evaluated on first use; one that needs itself is reported.
Operand constantDecl(Session& s, const syntax::Decl& decl, Unit& unit, Range at) {
  if (auto it = s.constants.find(&decl); it != s.constants.end()) {
    Operand operand = it->second;
    operand.range = at;
    return operand;
  }
  if (std::find(s.inProgress.begin(), s.inProgress.end(), &decl) != s.inProgress.end()) {
    s.report(at, diag::NeedsItself{.name = decl.name.text.str(), .declaredAt = decl.name.range});
    return s.errorOperand(at);
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

/// `S.flat`, if `flat` is an enumerator of one enum of this file; else nothing.
static std::string enumeratorOf(StringRef name, const Place& place) {
  std::vector<std::string> found;
  if (!place.unit) return {};
  for (const syntax::Decl* decl : place.unit->tree->decls)
    if (const auto* type = std::get_if<syntax::EnumDecl>(&decl->as))
      for (const syntax::Enumerator& each : type->values)
        if (each.name.text == name) found.push_back(decl->name.text.str() + "." + name.str());
  return found.size() == 1 ? found.front() : "";
}

/// A small value of the task has no path of its own in its body.
static std::string howToTell(StringRef name, const Place& place) {
  bool isSmall = place.inBody && llvm::any_of(place.task->outputs, [&](const ir::Output& output) {
                   return output.small && output.name == name;
                 });
  if (!isSmall) return {};
  return fmt::format(
      "small values have no path: the body writes them as JSON, {{\"{}\": …}}, to `@{{values}}`",
      name);
}

/// What may have been meant by a name that nobody knows.
static diag::UnknownName unknownName(Session& s, const Expr& expr, const Place& place,
                                     ir::TypeId expected) {
  StringRef name = expr.name.text;
  if (name.size() > 2 && ir::unitNamed(name))
    return {name.str(), "a unit follows a number", diag::Fix{expr.range, "1" + name.str()}};
  if (std::string whole = enumeratorOf(name, place); !whole.empty())
    return {name.str(), "no enum is expected here, so it takes its prefix",
            diag::Fix{expr.range, whole}};
  if (std::string how = howToTell(name, place); !how.empty()) return {name.str(), how, {}};
  std::vector<std::string> all = place.scope->visible();
  if (expected.valid() && s.module.types[expected].kind == TK::Enum)
    for (const ir::Field& field : s.module.types[expected].fields) all.push_back(field.name);
  return {name.str(), "", nearest(s, expr.name, all)};
}

static Operand secretNamed(Session& s, const Expr& expr, const Symbol& symbol) {
  if (llvm::is_contained(s.inProgress, symbol.decl)) {
    s.report(expr.range, diag::NeedsItself{.name = expr.name.text.str(), .declaredAt = symbol.at});
    return s.errorOperand(expr.range);
  }
  const auto& secret = std::get<syntax::SecretDecl>(symbol.decl->as);
  s.inProgress.push_back(symbol.decl);
  Place top{.scope = &symbol.unit->scope, .unit = symbol.unit};
  ir::ExprId command =
      checkAs(s, *secret.command, top, basic(TK::String), "the command of a secret");
  std::optional<ir::Value> text = s.constantOf(command);
  int64_t life =
      secret.lifetime ? checkDuration(s, *secret.lifetime, top, "the lifetime of a secret") : 0;
  s.inProgress.pop_back();
  if (text) s.addSecret(text->s, life);
  return s.constantOperand(text ? *text : ir::Value::text(""), basic(TK::Secret), expr.range);
}

static Operand checkName(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  if (auto value = enumerator(s, expr, expected)) return *value;
  if (!expr.name) return s.errorOperand(expr.range);  // the parser has said what stands there
  const Symbol* symbol = lookUp(s, expr.name, place, false);
  auto bound = s.circular.find(expr.name.text);
  if (!symbol && bound != s.circular.end()) {
    s.report(expr.range,
             diag::NeedsItself{.name = bound->first().str(), .declaredAt = bound->second});
    return s.value(s.errorExpr(expr.range), expr.range);
  }
  if (!symbol) {
    // Of one that was made up where it was missing, the parser has spoken.
    if (!expr.name.text.empty()) s.report(expr.range, unknownName(s, expr, place, expected));
    return s.errorOperand(expr.range);
  }
  switch (symbol->kind) {
    case Symbol::Operand:
      return operandOf(s, *symbol, expr.range);
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
      return operandOf(s, *symbol, expr.range);
    case Symbol::Declaration:
      if (std::holds_alternative<syntax::ConstDecl>(symbol->decl->as))
        return constantDecl(s, *symbol->decl, *symbol->unit, expr.range);
      if (std::holds_alternative<syntax::SecretDecl>(symbol->decl->as))
        return secretNamed(s, expr, *symbol);
      [[fallthrough]];
    default:
      s.report(expr.range, diag::NotAValue{.name = expr.name.text.str(), .declaredAt = symbol->at});
      return s.errorOperand(expr.range);
  }
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
    if (value.kind == Operand::Error) return s.errorOperand(expr.range);
    const ir::Type& type = s.module.types[value.type];
    if (type.kind == TK::Secret) {
      s.report(part.range, diag::SecretVisible{.where = "a text"});
      return s.errorOperand(expr.range);
    }
    if (type.kind == TK::List || type.kind == TK::Map || type.kind == TK::Set ||
        type.kind == TK::Option || type.kind == TK::None) {
      s.report(part.range, diag::NotAText{.type = typeText(s, value.type)});
      return s.errorOperand(expr.range);
    }
    if (std::string why = ir::checkFormat(s.module.types, value.type, part.format); !why.empty()) {
      s.report(part.range, diag::BadFormat{.format = part.format.str(), .why = why});
      return s.errorOperand(expr.range);
    }
    parts.push_back(
        s.make(ir::Op::Format, basic(TK::String), {value.expr}, part.range, part.format.str()));
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
    if (items.back().kind == Operand::Error) return s.errorOperand(expr.range);
    if (element.valid()) continue;
    ir::TypeId joined = type.valid() ? common(s, type, items.back().type) : items.back().type;
    if (!joined.valid()) {
      s.report(item->range, diag::TypeMismatch{.what = "this element",
                                               .expected = typeText(s, type),
                                               .found = typeText(s, items.back().type),
                                               .hint = "",
                                               .declaredAt = {}});
      return s.errorOperand(expr.range);
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
    if (k.kind == Operand::Error || v.kind == Operand::Error) return s.errorOperand(expr.range);
    if (!key.valid()) key = k.type;
    if (!element.valid()) element = v.type;
    items.push_back(convert(s, k, key, "the key"));
    items.push_back(convert(s, v, element, "the value"));
    std::optional<ir::Value> known = s.constantOf(items[items.size() - 2]);
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

static Operand checkNot(Session& s, const Expr& expr, Place& place) {
  ir::ExprId operand = checkAs(s, *expr.a, place, basic(TK::Bool), "the operand of `not`");
  return s.value(s.make(ir::Op::Not, basic(TK::Bool), {operand}, expr.range), expr.range);
}

static Operand operandOf(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  switch (expr.kind) {
    case ExprKind::Hole:
      return s.errorOperand(expr.range);
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
      return checkNot(s, expr, place);
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
      return s.errorOperand(expr.range);
    default:
      return checkLiteral(s, expr);
  }
}

Operand checkExpr(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  Operand operand = operandOf(s, expr, place, expected);
  bool isNamed = expr.kind == ExprKind::Name || expr.kind == ExprKind::Field;
  if (!isNamed || !s.request.watcher) return operand;
  bool isSpace = operand.kind == Operand::Space;
  ir::TypeId type = isSpace                          ? s.module[operand.space].element
                    : operand.kind == Operand::Made  ? operand.refType
                    : operand.kind == Operand::Value ? operand.type
                                                     : ir::TypeId{};
  if (type.valid()) s.request.watcher->onType(expr.name.range, s.flow, type, isSpace);
  return operand;
}

Operand asValue(Session& s, Operand operand, Place& place) {
  if (operand.kind == Operand::Made) return referenceValue(s, operand, place);
  if (operand.kind == Operand::Bundle) {
    s.report(operand.range, diag::FlowNeedsOutput{});
    return s.errorOperand(operand.range);
  }
  if (operand.kind != Operand::Space) {
    if (operand.kind == Operand::Error && !operand.expr.valid())
      return s.errorOperand(operand.range);
    return operand;
  }
  if (!ir::isStatic(s.module, operand.space) || ir::sizeOf(s.module, operand.space) > 1000000) {
    s.report(operand.range, diag::SetIsNotAList{});
    return s.errorOperand(operand.range);
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
  if (std::optional<ir::Value> value = s.constantOf(id)) return *value;
  s.report(expr.range, diag::NotConstant{.what = what.str()});
  return std::nullopt;
}

}  // namespace wfc::check
