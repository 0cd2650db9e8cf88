// Operators: which types they take and give. Units keep: Duration * Int is a Duration, Bytes /
// Bytes a Float, Date - Date a Duration. Strings are not added, they are interpolated.
#include "compiler/check/operators.h"

#include "llvm/ADT/StringSwitch.h"

#include "compiler/diag/catalog/check.h"

namespace wfc::check {

static bool isNumber(TK kind) { return kind == TK::Int || kind == TK::Float; }
static bool isMeasure(TK kind) {
  return kind == TK::Duration || kind == TK::Bytes || kind == TK::Length;
}

ir::TypeId common(Session& s, ir::TypeId a, ir::TypeId b) {
  if (a == b || s.isError(b)) return a;
  if (s.isError(a)) return b;
  if (convertible(s, b, a, nullptr)) return a;
  if (convertible(s, a, b, nullptr)) return b;
  if (s.module.types[a].kind == TK::None) return s.module.types.option(b);
  if (s.module.types[b].kind == TK::None) return s.module.types.option(a);
  return {};
}

/// The result of `a op b` for arithmetic on these kinds, after number promotion; Error if there is
/// none.
static TK arithmetic(ir::Op op, TK a, TK b) {
  if (op == ir::Op::Mod) return a == TK::Int && b == TK::Int ? TK::Int : TK::Error;
  if (isNumber(a) && isNumber(b)) return a == TK::Int && b == TK::Int ? TK::Int : TK::Float;
  bool time = a == TK::Date || a == TK::Instant;
  switch (op) {
    case ir::Op::Add:
      if (isMeasure(a) && a == b) return a;
      if (time && b == TK::Duration) return a;
      return TK::Error;
    case ir::Op::Sub:
      if (isMeasure(a) && a == b) return a;
      if (time && b == TK::Duration) return a;
      return time && a == b ? TK::Duration : TK::Error;
    case ir::Op::Mul:
      if (isMeasure(a) && isNumber(b)) return a;
      return isMeasure(b) && isNumber(a) ? b : TK::Error;
    case ir::Op::Div:
      if (isMeasure(a) && isNumber(b)) return a;
      return isMeasure(a) && a == b ? TK::Float : TK::Error;
    default:
      return TK::Error;
  }
}

static ir::Op operatorNamed(StringRef text) {
  return llvm::StringSwitch<ir::Op>(text)
      .Case("+", ir::Op::Add)
      .Case("-", ir::Op::Sub)
      .Case("*", ir::Op::Mul)
      .Case("/", ir::Op::Div)
      .Case("%", ir::Op::Mod)
      .Case("==", ir::Op::Eq)
      .Case("!=", ir::Op::Ne)
      .Case("<", ir::Op::Lt)
      .Case("<=", ir::Op::Le)
      .Case(">", ir::Op::Gt)
      .Case(">=", ir::Op::Ge)
      .Case("and", ir::Op::And)
      .Case("or", ir::Op::Or)
      .Default(ir::Op::Error);
}

static Operand mismatch(Session& s, const syntax::Expr& expr, const Operand& a, const Operand& b) {
  bool strings = s.module.types[a.type].kind == TK::String && expr.text == "+";
  s.report(expr.range,
           diag::OperatorTypes{.op = expr.text.str(),
                               .left = typeText(s, a.type),
                               .right = typeText(s, b.type),
                               .hint = strings ? "text is joined by interpolation: \"@{a}@{b}\""
                                               : "units never mix by themselves",
                               .leftAt = expr.a->range,
                               .rightAt = expr.b->range});
  return s.value(s.errorExpr(expr.range), expr.range);
}

static Operand checkComparison(Session& s, const syntax::Expr& expr, ir::Op op, const Operand& a,
                               const Operand& b) {
  ir::TypeId type = common(s, a.type, b.type);
  bool ordered = op != ir::Op::Eq && op != ir::Op::Ne;
  TK kind = type.valid() ? s.module.types[type].kind : TK::Error;
  bool hasOrder = isNumber(kind) || isMeasure(kind) || kind == TK::String || kind == TK::Date ||
                  kind == TK::Instant;
  if (!type.valid() || (ordered && !hasOrder)) return mismatch(s, expr, a, b);
  ir::ExprId left = convert(s, a, type, "the left side"),
             right = convert(s, b, type, "the right side");
  return s.value(s.make(op, basic(TK::Bool), {left, right}, expr.range), expr.range);
}

/// Whether a quotient is known to leave no remainder.
static bool isWhole(const Session& s, ir::ExprId left, ir::ExprId right) {
  std::optional<ir::Value> a = s.constantOf(left), b = s.constantOf(right);
  return a && b && b->i != 0 && a->i % b->i == 0;
}

Operand checkBinary(Session& s, const syntax::Expr& expr, Place& place) {
  ir::Op op = operatorNamed(expr.text);
  Operand a = asValue(s, checkExpr(s, *expr.a, place), place);
  bool comparison = op >= ir::Op::Eq && op <= ir::Op::Ge;
  Operand b = asValue(
      s,
      checkExpr(s, *expr.b, place, comparison && a.kind == Operand::Value ? a.type : ir::TypeId{}),
      place);
  if (a.kind == Operand::Error || b.kind == Operand::Error)
    return s.value(s.errorExpr(expr.range), expr.range);
  if (op == ir::Op::And || op == ir::Op::Or) {
    ir::ExprId left = convert(s, a, basic(TK::Bool), "the left side"),
               right = convert(s, b, basic(TK::Bool), "the right side");
    return s.value(s.make(op, basic(TK::Bool), {left, right}, expr.range), expr.range);
  }
  if (comparison) return checkComparison(s, expr, op, a, b);
  TK ka = s.module.types[a.type].kind, kb = s.module.types[b.type].kind;
  if (ka == TK::List && kb == TK::List && op == ir::Op::Add && a.type == b.type)
    return s.value(s.make(op, a.type, {a.expr, b.expr}, expr.range), expr.range);
  TK result = arithmetic(op, ka, kb);
  if (result == TK::Error) return mismatch(s, expr, a, b);
  bool promote = result == TK::Float && isNumber(ka) && isNumber(kb);
  ir::ExprId left = promote ? convert(s, a, basic(TK::Float), "") : a.expr;
  ir::ExprId right = promote ? convert(s, b, basic(TK::Float), "") : b.expr;
  Operand made = s.value(s.make(op, basic(result), {left, right}, expr.range), expr.range);
  made.isRounded = op == ir::Op::Div && result == TK::Int && !isWhole(s, left, right);
  return made;
}

Operand checkNegate(Session& s, const syntax::Expr& expr, Place& place) {
  Operand a = asValue(s, checkExpr(s, *expr.a, place), place);
  if (a.kind == Operand::Error) return a;
  TK kind = s.module.types[a.type].kind;
  if (!isNumber(kind) && !isMeasure(kind)) {
    s.report(expr.range, diag::TypeMismatch{.what = "the operand of `-`",
                                            .expected = "a number",
                                            .found = typeText(s, a.type),
                                            .hint = "",
                                            .declaredAt = {}});
    return s.value(s.errorExpr(expr.range), expr.range);
  }
  return s.value(s.make(ir::Op::Neg, a.type, {a.expr}, expr.range), expr.range);
}

Operand checkIf(Session& s, const syntax::Expr& expr, Place& place, ir::TypeId expected) {
  ir::ExprId condition = checkAs(s, *expr.a, place, basic(TK::Bool), "the condition");
  Operand yes = asValue(s, checkExpr(s, *expr.b, place, expected), place);
  Operand no = asValue(s, checkExpr(s, *expr.c, place, expected), place);
  if (yes.kind == Operand::Error || no.kind == Operand::Error)
    return s.value(s.errorExpr(expr.range), expr.range);
  ir::TypeId type = common(s, yes.type, no.type);
  if (!type.valid()) {
    s.report(expr.range, diag::BranchTypes{.first = typeText(s, yes.type),
                                           .second = typeText(s, no.type),
                                           .firstAt = expr.b->range,
                                           .secondAt = expr.c->range});
    return s.value(s.errorExpr(expr.range), expr.range);
  }
  if (std::optional<ir::Value> known = s.constantOf(condition))
    return s.value(convert(s, known->truth() ? yes : no, type, "the branch"), expr.range);
  return s.value(
      s.make(ir::Op::If, type, {condition, convert(s, yes, type, ""), convert(s, no, type, "")},
             expr.range),
      expr.range);
}

Operand checkIsIn(Session& s, const syntax::Expr& expr, Place& place) {
  Operand list = asValue(s, checkExpr(s, *expr.b, place), place);
  if (list.kind == Operand::Error) return list;
  const ir::Type type = s.module.types[list.type];
  if (type.kind != TK::List) {
    s.report(expr.b->range, diag::TypeMismatch{.what = "what follows `in`",
                                               .expected = "a list",
                                               .found = typeText(s, list.type),
                                               .hint = "",
                                               .declaredAt = {}});
    return s.value(s.errorExpr(expr.range), expr.range);
  }
  ir::ExprId item = checkAs(s, *expr.a, place, type.element, "the element");
  ir::ExprId in = s.make(ir::Op::In, basic(TK::Bool), {item, list.expr}, expr.range);
  return s.value(expr.negated ? s.make(ir::Op::Not, basic(TK::Bool), {in}, expr.range) : in,
                 expr.range);
}

Operand checkIsEnd(Session& s, const syntax::Expr& expr, Place& place) {
  const Symbol* symbol =
      expr.a->kind == syntax::ExprKind::Name ? lookUp(s, expr.a->name, place) : nullptr;
  if (!symbol) return s.value(s.errorExpr(expr.range), expr.range);
  if (symbol->kind != Symbol::LoopVariable) {
    s.report(expr.a->range, diag::NotALoopVariable{.name = expr.a->name.text.str()});
    return s.value(s.errorExpr(expr.range), expr.range);
  }
  bool first = expr.kind == syntax::ExprKind::IsFirst;
  ir::ExprId is = s.make(first ? ir::Op::IsFirst : ir::Op::IsLast, basic(TK::Bool), {}, expr.range,
                         symbol->loop.index());
  return s.value(expr.negated ? s.make(ir::Op::Not, basic(TK::Bool), {is}, expr.range) : is,
                 expr.range);
}

}  // namespace wfc::check
