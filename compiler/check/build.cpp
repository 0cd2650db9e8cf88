// Building expressions of the module: locations, constants folded at once, error expressions that
// stay silent.
#include "llvm/ADT/StringExtras.h"

#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

ir::Loc Session::loc(Range range) {
  if (!range.valid()) return {};
  auto at = sources.lineColumn(range.file, range.begin);
  return {range.file, at.line, at.column};
}

Range Session::rangeOf(const ir::Loc& loc) const {
  if (!loc.file) return {};
  uint32_t offset = sources.offsetAt(loc.file, {loc.line, loc.column});
  // A place knows where it begins; what a reader looks at is the word there.
  StringRef rest = StringRef(sources.text(loc.file)).substr(offset);
  size_t length =
      rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; }).size();
  return {loc.file, offset, offset + static_cast<uint32_t>(std::max<size_t>(length, 1))};
}

StringRef Session::text(Range range) const { return StringRef(sources.text(range)); }

ir::ExprId Session::constant(ir::Value value, ir::TypeId type, Range range) {
  ir::Expr expr;
  expr.op = ir::Op::Const;
  expr.type = type;
  expr.value = std::move(value);
  expr.loc = loc(range);
  module.exprs.push_back(std::move(expr));
  return ir::ExprId{static_cast<uint32_t>(module.exprs.size() - 1)};
}

ir::ExprId Session::errorExpr(Range range) {
  ir::Expr expr;
  expr.type = basic(TK::Error);
  expr.loc = loc(range);
  module.exprs.push_back(std::move(expr));
  return ir::ExprId{static_cast<uint32_t>(module.exprs.size() - 1)};
}

/// Operations that need nothing but their operands.
static bool isPure(ir::Op op) {
  switch (op) {
    case ir::Op::LoopVar:
    case ir::Op::Input:
    case ir::Op::Output:
    case ir::Op::Need:
    case ir::Op::Special:
    case ir::Op::Ref:
    case ir::Op::IsFirst:
    case ir::Op::IsLast:
    case ir::Op::Error:
      return false;
    default:
      return true;
  }
}

ir::ExprId Session::make(ir::Op op, ir::TypeId type, std::vector<ir::ExprId> args, Range range,
                         uint32_t index) {
  ir::Expr expr;
  expr.op = op;
  expr.type = type;
  expr.index = index;
  expr.args = std::move(args);
  return make(std::move(expr), range);
}

ir::ExprId Session::make(ir::Op op, ir::TypeId type, std::vector<ir::ExprId> args, Range range,
                         std::string text) {
  ir::Expr expr;
  expr.op = op;
  expr.type = type;
  expr.text = std::move(text);
  expr.args = std::move(args);
  return make(std::move(expr), range);
}

ir::ExprId Session::make(ir::Expr expr, Range range) {
  bool constant = isPure(expr.op);
  for (ir::ExprId arg : expr.args) {
    if (isError(module[arg].type)) return errorExpr(range);
    constant = constant && module[arg].op == ir::Op::Const;
  }
  expr.loc = loc(range);
  module.exprs.push_back(std::move(expr));
  ir::ExprId id{static_cast<uint32_t>(module.exprs.size() - 1)};
  if (!constant) return id;
  ir::Result result = ir::evaluate(module, id, {});
  if (!result) {
    report(range, diag::CannotEvaluate{.why = result.error});
    module.exprs.back().type = basic(TK::Error);
    module.exprs.back().op = ir::Op::Error;
    return id;
  }
  ir::Expr& folded = module.exprs.back();
  folded.op = ir::Op::Const;
  folded.value = std::move(*result.value);
  folded.args.clear();
  folded.text.clear();
  return id;
}

void Session::addSecret(const std::string& command, int64_t lifeMs) {
  for (const ir::Secret& known : module.secrets)
    if (known.command == command && known.lifeMs == lifeMs) return;
  module.secrets.push_back({command, lifeMs});
}

std::optional<ir::Value> Session::constantOf(ir::ExprId expr) const {
  if (!expr.valid() || module[expr].op != ir::Op::Const) return std::nullopt;
  return module[expr].value;
}

Operand Session::value(ir::ExprId expr, Range range) const {
  Operand operand;
  operand.kind = isError(module[expr].type) ? Operand::Error : Operand::Value;
  operand.expr = expr;
  operand.type = module[expr].type;
  operand.range = range;
  return operand;
}

}  // namespace wfc::check
