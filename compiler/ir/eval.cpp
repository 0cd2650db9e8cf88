// Evaluation of expressions. Total: whatever an expression lacks is an error with its place.
//
// The recursion is over trees that check/ or the text form have built, both of bounded depth.
#include "compiler/ir/eval.h"

#include <fmt/format.h>

#include "compiler/ir/builtins.h"

namespace wfc::ir {

namespace {

/// One evaluation; holds what every step needs.
class Evaluator {
 public:
  Evaluator(const Module& module, const Scope& scope) : module_(module), scope_(scope) {}

  /// Like `step`, with the place of the innermost expression that failed.
  Result run(ExprId id);

 private:
  Result step(const Expr& expr);
  Result variable(const Expr& expr);
  Result isEdge(const Expr& expr);
  Result composite(const Expr& expr);
  Result logic(const Expr& expr);
  Result index(const Expr& expr);
  Result negate(const Expr& expr);
  Result unary(const Expr& expr);
  Result concat(const Expr& expr);
  Result call(const Expr& expr);
  Result choose(const Expr& expr);
  Result condition(ExprId id);

  const Module& module_;
  const Scope& scope_;
};

}  // namespace

static Result orMissing(std::optional<Value> value, const std::string& what) {
  if (value) return ok(std::move(*value));
  return fail(what + " is not known here");
}

Result Evaluator::run(ExprId id) {
  if (!id.valid() || id.index() >= module_.exprs.size()) return fail("an expression is missing");
  const Expr& expr = module_[id];
  Result result = step(expr);
  if (!result && result.at.file == 0) result.at = expr.loc;
  return result;
}

Result Evaluator::variable(const Expr& expr) {
  switch (expr.op) {
    case Op::LoopVar: {
      const Value* value = scope_.loopVar ? scope_.loopVar(LoopId(expr.index)) : nullptr;
      if (value) return ok(*value);
      return fail("a loop's element is not known here");
    }
    case Op::Input: {
      const Value* value = scope_.input ? scope_.input(expr.index) : nullptr;
      if (value) return ok(*value);
      return fail("an input is not known here");
    }
    case Op::Output:
      return orMissing(scope_.output ? scope_.output(expr.index) : std::nullopt, "an output");
    case Op::Need:
      return orMissing(scope_.need ? scope_.need(expr.text) : std::nullopt,
                       "`needs." + expr.text + "`");
    case Op::Special:
      return orMissing(scope_.special ? scope_.special(expr.text) : std::nullopt,
                       "`" + expr.text + "`");
    default:
      return orMissing(scope_.ref ? scope_.ref(RefId(expr.index)) : std::nullopt,
                       "what other tasks make");
  }
}

Result Evaluator::isEdge(const Expr& expr) {
  if (!scope_.loopPosition) return fail("a loop's position is not known here");
  auto position = scope_.loopPosition(LoopId(expr.index));
  if (!position) return fail("a loop's position is not known here");
  auto [at, size] = *position;
  bool last = size != UINT64_MAX && at + 1 == size;
  return ok(Value::boolean(expr.op == Op::IsFirst ? at == 0 : last));
}

Result Evaluator::composite(const Expr& expr) {
  std::vector<Value> items;
  items.reserve(expr.args.size());
  for (ExprId arg : expr.args) {
    Result item = run(arg);
    if (!item) return item;
    items.push_back(std::move(*item.value));
  }
  if (expr.op == Op::Map && items.size() % 2 != 0) return fail("a map's key has no value");
  auto kind = expr.op == Op::List ? Value::List : expr.op == Op::Map ? Value::Map : Value::Record;
  return ok(Value::composite(kind, std::move(items), expr.op == Op::Record ? expr.type : TypeId{}));
}

Result Evaluator::condition(ExprId id) {
  Result value = run(id);
  if (value && value.value->kind != Value::Bool)
    return fail(fmt::format("`{}` is not true or false", toText(module_, *value.value)));
  return value;
}

Result Evaluator::logic(const Expr& expr) {
  Result first = condition(expr.args[0]);
  if (!first || expr.op == Op::Not)
    return first ? ok(Value::boolean(!first.value->truth())) : first;
  // The second side is not looked at where the first decides.
  if (first.value->truth() == (expr.op == Op::Or)) return first;
  return condition(expr.args[1]);
}

Result Evaluator::index(const Expr& expr) {
  Result base = run(expr.args[0]);
  if (!base) return base;
  Result key = run(expr.args[1]);
  if (!key) return key;
  const Value& from = *base.value;
  if (from.kind == Value::Map) {
    for (size_t n = 0; n + 1 < from.size(); n += 2)
      if (from.at(n) == *key.value) return ok(from.at(n + 1));
    return fail(fmt::format("there is no `{}` in the map", toText(module_, *key.value)));
  }
  if ((from.kind != Value::List && from.kind != Value::Set) || key.value->kind != Value::Int)
    return fail(fmt::format("`{}` cannot be indexed by `{}`", toText(module_, from),
                            toText(module_, *key.value)));
  int64_t at = key.value->i;
  if (at < 0 || static_cast<uint64_t>(at) >= from.size())
    return fail(fmt::format("position {} is outside a list of {}", at, from.size()));
  return ok(from.at(static_cast<size_t>(at)));
}

Result Evaluator::negate(const Expr& expr) {
  Result result = run(expr.args[0]);
  if (!result) return result;
  const Value& value = *result.value;
  switch (value.kind) {
    case Value::Float:
      return ok(Value::real(-value.f));
    case Value::Int:
    case Value::Duration:
    case Value::Bytes:
    case Value::Length: {
      int64_t i, j;
      if (__builtin_sub_overflow(int64_t{0}, value.i, &i) ||
          __builtin_sub_overflow(int64_t{0}, value.j, &j))
        return fail("the result is too large");
      return ok(Value::scalar(value.kind, i, j));
    }
    default:
      return fail(fmt::format("`{}` has no negative", toText(module_, value)));
  }
}

Result Evaluator::unary(const Expr& expr) {
  Result result = run(expr.args[0]);
  if (!result) return result;
  const Value& value = *result.value;
  if (expr.op == Op::Field) return fieldOf(module_, value, expr.text);
  if (expr.op == Op::Format) return formatValue(module_, value, expr.text);
  if (value.kind == Value::Float) return result;
  if (value.kind == Value::Int) return ok(Value::real(static_cast<double>(value.i)));
  return fail(fmt::format("`{}` is not a number", toText(module_, value)));
}

Result Evaluator::concat(const Expr& expr) {
  std::string text;
  for (ExprId arg : expr.args) {
    Result part = run(arg);
    if (!part) return part;
    text += toText(module_, *part.value);
  }
  bool isPath = expr.type.valid() && expr.type.index() < module_.types.size() &&
                module_.types[expr.type].kind == Type::Path;
  return ok(Value::text(std::move(text), isPath ? Value::Path : Value::String));
}

Result Evaluator::call(const Expr& expr) {
  std::vector<Value> args;
  for (ExprId arg : expr.args) {
    Result value = run(arg);
    if (!value) return value;
    args.push_back(std::move(*value.value));
  }
  return callBuiltin(module_, expr.text, args);
}

Result Evaluator::choose(const Expr& expr) {
  Result chosen = condition(expr.args[0]);
  return chosen ? run(expr.args[chosen.value->truth() ? 1 : 2]) : chosen;
}

// How many arguments an operation needs at least, so that none is read that is not there.
static size_t fewestArgs(Op op) {
  switch (op) {
    case Op::Field:
    case Op::Neg:
    case Op::Not:
    case Op::ToFloat:
    case Op::Format:
      return 1;
    case Op::If:
      return 3;
    case Op::Index:
    case Op::And:
    case Op::Or:
    case Op::In:
      return 2;
    default:
      return op >= Op::Add && op <= Op::Ge ? 2 : 0;
  }
}

Result Evaluator::step(const Expr& expr) {
  if (expr.args.size() < fewestArgs(expr.op)) return fail("an operation lacks its operands");
  switch (expr.op) {
    case Op::Const:
      return ok(expr.value);
    case Op::LoopVar:
    case Op::Input:
    case Op::Output:
    case Op::Need:
    case Op::Special:
    case Op::Ref:
      return variable(expr);
    case Op::Field:
    case Op::ToFloat:
    case Op::Format:
      return unary(expr);
    case Op::Index:
      return index(expr);
    case Op::List:
    case Op::Map:
    case Op::Record:
      return composite(expr);
    case Op::Neg:
      return negate(expr);
    case Op::And:
    case Op::Or:
    case Op::Not:
      return logic(expr);
    case Op::If:
      return choose(expr);
    case Op::IsFirst:
    case Op::IsLast:
      return isEdge(expr);
    case Op::Concat:
      return concat(expr);
    case Op::Call:
      return call(expr);
    case Op::Error:
      return fail("the expression has an error");
    default:
      break;
  }
  Result a = run(expr.args[0]);
  if (!a) return a;
  Result b = run(expr.args[1]);
  if (!b) return b;
  return applyBinary(module_, expr.op, *a.value, *b.value);
}

Result evaluate(const Module& module, ExprId expr, const Scope& scope) {
  return Evaluator(module, scope).run(expr);
}

void walk(const Module& module, ExprId expr, const std::function<void(const Expr&)>& visit) {
  if (!expr.valid() || expr.index() >= module.exprs.size()) return;
  visit(module[expr]);
  for (ExprId arg : module[expr].args) walk(module, arg, visit);
}

bool isConstant(const Module& module, ExprId expr) {
  bool constant = true;
  walk(module, expr, [&](const Expr& e) {
    switch (e.op) {
      case Op::LoopVar:
      case Op::Input:
      case Op::Output:
      case Op::Need:
      case Op::Special:
      case Op::Ref:
      case Op::IsFirst:
      case Op::IsLast:
      case Op::Error:
        constant = false;
        break;
      default:
        break;
    }
  });
  return constant;
}

void collectRefs(const Module& module, ExprId expr, std::vector<RefId>& refs) {
  walk(module, expr, [&](const Expr& e) {
    if (e.op != Op::Ref) return;
    refs.push_back(RefId(e.index));
    collectRefs(module, module[RefId(e.index)].otherwise, refs);
  });
}

void collectRefs(const Module& module, SpaceId space, std::vector<RefId>& refs) {
  if (!space) return;
  if (module[space].ref) refs.push_back(module[space].ref);
  for (ExprId by : module[space].by) collectRefs(module, by, refs);
  collectRefs(module, module[space].base, refs);
  for (SpaceId factor : module[space].factors) collectRefs(module, factor, refs);
}

void collectRefs(const Module& module, const Family::WaitFor& wait, std::vector<RefId>& refs) {
  for (const std::vector<Family::Awaited>& all : wait.any)
    for (const Family::Awaited& awaited : all) collectRefs(module, awaited.what, refs);
}

}  // namespace wfc::ir
