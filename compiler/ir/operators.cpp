// Binary operators on values.
//
// Both sides have one kind, or one is a quantity and the other a number; check/ has inserted the
// conversions. Integers divide toward negative infinity, so that tile and window arithmetic holds
// on both sides of zero. Overflow is an error.
#include <cmath>

#include <fmt/format.h>

#include "compiler/ir/calendar.h"
#include "compiler/ir/units.h"

namespace wfc::ir {

static Result overflow() { return fail("the result is too large"); }
static Result divisionByZero() { return fail("division by zero"); }

static llvm::StringRef symbol(Op op) {
  switch (op) {
    case Op::Add:
      return "+";
    case Op::Sub:
      return "-";
    case Op::Mul:
      return "*";
    case Op::Div:
      return "/";
    case Op::Mod:
      return "%";
    case Op::Lt:
      return "<";
    case Op::Le:
      return "<=";
    case Op::Gt:
      return ">";
    case Op::Ge:
      return ">=";
    case Op::Eq:
      return "==";
    case Op::Ne:
      return "!=";
    default:
      return "in";
  }
}

static Result mismatch(const Module& module, Op op, const Value& a, const Value& b) {
  return fail(fmt::format("`{} {} {}` has no meaning", toText(module, a), symbol(op).str(),
                          toText(module, b)));
}

static bool isQuantity(const Value& v) {
  return v.kind == Value::Duration || v.kind == Value::Bytes || v.kind == Value::Length;
}

static Result integers(Op op, int64_t a, int64_t b) {
  int64_t result = 0;
  if ((op == Op::Div || op == Op::Mod) && b == 0) return divisionByZero();
  // INT64_MIN by -1 traps.
  if ((op == Op::Div || op == Op::Mod) && b == -1) {
    if (op == Op::Mod) return ok(Value::integer(0));
    return __builtin_sub_overflow(int64_t{0}, a, &result) ? overflow() : ok(Value::integer(result));
  }
  switch (op) {
    case Op::Add:
      if (__builtin_add_overflow(a, b, &result)) return overflow();
      break;
    case Op::Sub:
      if (__builtin_sub_overflow(a, b, &result)) return overflow();
      break;
    case Op::Mul:
      if (__builtin_mul_overflow(a, b, &result)) return overflow();
      break;
    case Op::Div:
      result = floorDiv(a, b);
      break;
    default:
      result = floorMod(a, b);
  }
  return ok(Value::integer(result));
}

static Result floats(Op op, double a, double b) {
  if ((op == Op::Div || op == Op::Mod) && b == 0) return divisionByZero();
  switch (op) {
    case Op::Add:
      return ok(Value::real(a + b));
    case Op::Sub:
      return ok(Value::real(a - b));
    case Op::Mul:
      return ok(Value::real(a * b));
    case Op::Div:
      return ok(Value::real(a / b));
    default:
      return ok(Value::real(a - b * std::floor(a / b)));
  }
}

// quantity + quantity, and the two parts of a duration alike.
static Result sums(Op op, const Value& a, const Value& b) {
  Result first = integers(op, a.i, b.i);
  Result second = integers(op, a.j, b.j);
  if (!first || !second) return overflow();
  return ok(Value::scalar(a.kind, first.value->i, second.value->i));
}

// quantity / quantity: how often it fits. Months compare with months only.
static Result ratio(const Value& a, const Value& b) {
  if (a.j != 0 || b.j != 0) {
    if (a.i != 0 || b.i != 0) return fail("months and fixed durations have no ratio");
    if (b.j == 0) return divisionByZero();
    return ok(Value::real(static_cast<double>(a.j) / static_cast<double>(b.j)));
  }
  if (b.i == 0) return divisionByZero();
  return ok(Value::real(static_cast<double>(a.i) / static_cast<double>(b.i)));
}

static Result scaledByFloat(Op op, const Value& a, double by) {
  if (op == Op::Div && by == 0) return divisionByZero();
  auto scale = [&](int64_t n) {
    double exact = static_cast<double>(n);
    return std::floor(op == Op::Mul ? exact * by : exact / by);
  };
  if (a.j != 0 &&
      scale(a.j) != (op == Op::Mul ? static_cast<double>(a.j) * by : static_cast<double>(a.j) / by))
    return fail("a part of a month has no length");
  double i = scale(a.i), j = scale(a.j);
  if (!(std::fabs(i) < 9.2e18 && std::fabs(j) < 9.2e18)) return overflow();
  return ok(Value::scalar(a.kind, static_cast<int64_t>(i), static_cast<int64_t>(j)));
}

// quantity * number, quantity / number: down to the base unit.
static Result scaled(Op op, const Value& a, const Value& number) {
  if (number.kind == Value::Float) return scaledByFloat(op, a, number.f);
  if (op == Op::Div && number.i != 0 && floorMod(a.j, number.i) != 0)
    return fail("a part of a month has no length");
  Result i = integers(op, a.i, number.i);
  if (!i) return i;
  Result j = integers(op, a.j, number.i);
  if (!j) return j;
  return ok(Value::scalar(a.kind, i.value->i, j.value->i));
}

static Result quantities(const Module& module, Op op, const Value& a, const Value& b) {
  bool aIsNumber = a.kind == Value::Int || a.kind == Value::Float;
  bool bIsNumber = b.kind == Value::Int || b.kind == Value::Float;
  if (op == Op::Mul && bIsNumber) return scaled(op, a, b);
  if (op == Op::Mul && aIsNumber) return scaled(op, b, a);
  if (op == Op::Div && bIsNumber) return scaled(op, a, b);
  if (a.kind != b.kind) return mismatch(module, op, a, b);
  if (op == Op::Add || op == Op::Sub) return sums(op, a, b);
  if (op == Op::Div) return ratio(a, b);
  if (op != Op::Mod || a.j != 0 || b.j != 0) return mismatch(module, op, a, b);
  Result rest = integers(Op::Mod, a.i, b.i);
  return rest ? ok(Value::scalar(a.kind, rest.value->i)) : rest;
}

// Date or Instant, plus or minus a Duration.
static Result moved(const Module& module, Op op, const Value& a, Value duration) {
  if (op == Op::Sub) {
    if (duration.i == INT64_MIN || duration.j == INT64_MIN) return overflow();
    duration.i = -duration.i;
    duration.j = -duration.j;
  }
  bool isDate = a.kind == Value::Date;
  int64_t whole = isDate ? 86400000 : 1000;
  if (duration.i % whole != 0)
    return fail(fmt::format("`{}` is not a whole number of {}", toText(module, duration),
                            isDate ? "days" : "seconds"));
  int64_t seconds = addToInstant(isDate ? a.i * 86400 : a.i, duration);
  if (!inCalendar(floorDiv(seconds, 86400))) return fail("the result is outside the calendar");
  return ok(Value::scalar(a.kind, isDate ? floorDiv(seconds, 86400) : seconds));
}

static Result times(const Module& module, Op op, const Value& a, const Value& b) {
  if (b.kind == Value::Duration && (op == Op::Add || op == Op::Sub)) return moved(module, op, a, b);
  if (a.kind == Value::Duration && op == Op::Add) return moved(module, op, b, a);
  if (op != Op::Sub || a.kind != b.kind) return mismatch(module, op, a, b);
  int64_t unit = a.kind == Value::Date ? 86400000 : 1000;
  return ok(Value::scalar(Value::Duration, (a.i - b.i) * unit));
}

static Result lists(const Value& a, const Value& b) {
  std::vector<Value> items;
  if (a.items) items = *a.items;
  if (b.items) items.insert(items.end(), b.items->begin(), b.items->end());
  return ok(Value::composite(Value::List, std::move(items)));
}

static bool isTime(const Value& v) { return v.kind == Value::Date || v.kind == Value::Instant; }

static Result arithmetic(const Module& module, Op op, const Value& a, const Value& b) {
  if (a.kind == Value::Int && b.kind == Value::Int) return integers(op, a.i, b.i);
  if (a.kind == Value::Float && b.kind == Value::Float) return floats(op, a.f, b.f);
  if (isTime(a) || isTime(b)) return times(module, op, a, b);
  if (isQuantity(a) || isQuantity(b)) return quantities(module, op, a, b);
  if (op == Op::Add && a.kind == Value::String && b.kind == Value::String)
    return ok(Value::text(a.s + b.s));
  if (op == Op::Add && a.kind == Value::List && b.kind == Value::List) return lists(a, b);
  return mismatch(module, op, a, b);
}

static bool isOrdered(Value::Kind kind) {
  return kind == Value::Int || kind == Value::Float || kind == Value::String ||
         kind == Value::Date || kind == Value::Instant || kind == Value::Duration ||
         kind == Value::Bytes || kind == Value::Length || kind == Value::Enum ||
         kind == Value::Span;
}

static Result comparison(const Module& module, Op op, const Value& a, const Value& b) {
  bool equality = op == Op::Eq || op == Op::Ne;
  if (equality && (a.isNone() || b.isNone()))
    return ok(Value::boolean((a.kind == b.kind) == (op == Op::Eq)));
  if (a.kind != b.kind) return mismatch(module, op, a, b);
  if (equality) return ok(Value::boolean((a == b) == (op == Op::Eq)));
  if (!isOrdered(a.kind)) return mismatch(module, op, a, b);
  switch (op) {
    case Op::Lt:
      return ok(Value::boolean(a < b));
    case Op::Le:
      return ok(Value::boolean(!(b < a)));
    case Op::Gt:
      return ok(Value::boolean(b < a));
    default:
      return ok(Value::boolean(!(a < b)));
  }
}

static Result membership(const Module& module, const Value& a, const Value& b) {
  if (b.kind == Value::Span && isTime(a)) {
    int64_t seconds = a.kind == Value::Date ? a.i * 86400 : a.i;
    return ok(Value::boolean(b.i <= seconds && seconds < b.j));
  }
  if (b.kind == Value::String && a.kind == Value::String)
    return ok(Value::boolean(b.s.find(a.s) != std::string::npos));
  if (b.kind != Value::List && b.kind != Value::Set && b.kind != Value::Map)
    return mismatch(module, Op::In, a, b);
  size_t step = b.kind == Value::Map ? 2 : 1;
  for (size_t n = 0; n < b.size(); n += step)
    if (b.at(n) == a) return ok(Value::boolean(true));
  return ok(Value::boolean(false));
}

Result applyBinary(const Module& module, Op op, const Value& a, const Value& b) {
  switch (op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div:
    case Op::Mod:
      return arithmetic(module, op, a, b);
    case Op::In:
      return membership(module, a, b);
    default:
      return comparison(module, op, a, b);
  }
}

}  // namespace wfc::ir
