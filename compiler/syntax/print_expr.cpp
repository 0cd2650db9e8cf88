// Expressions and types as S-expressions on one line.
#include "compiler/syntax/print.h"
#include "compiler/syntax/print_text.h"

namespace wfc::syntax {

std::string quoted(StringRef text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

namespace {

std::string named(StringRef head, std::initializer_list<const Expr*> operands) {
  std::string out = "(" + head.str();
  for (const Expr* operand : operands) out += " " + (operand ? printExpr(*operand) : "_");
  return out + ")";
}

std::string listed(StringRef head, ArrayRef<Expr*> items) {
  std::string out = "(" + head.str();
  for (const Expr* item : items) out += " " + printExpr(*item);
  return out + ")";
}

std::string printArgs(ArrayRef<Arg> args) {
  std::string out;
  for (const Arg& arg : args) {
    out += ' ';
    if (arg.name) out += arg.name.text.str() + ":";
    if (arg.value) out += printExpr(*arg.value);
  }
  return out;
}

std::string printString(const Expr& expr) {
  std::string out;
  for (const StringPart& part : expr.parts) {
    if (!out.empty()) out += ' ';
    if (!part.hole) {
      out += quoted(part.text);
      continue;
    }
    out += (part.raw ? "@raw{" : "@{") + printExpr(*part.hole);
    if (!part.format.empty()) out += ":" + part.format.str();
    out += '}';
  }
  if (out.empty()) return "\"\"";
  return expr.parts.size() == 1 && !expr.parts[0].hole ? out : "(str " + out + ")";
}

/// Those that are nothing but a head and their operands.
std::string printPlain(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Not:
      return named("not", {expr.a});
    case ExprKind::Negate:
      return named("-", {expr.a});
    case ExprKind::Binary:
      return named(expr.text, {expr.a, expr.b});
    case ExprKind::If:
      return named("if", {expr.a, expr.b, expr.c});
    case ExprKind::IsFirst:
      return named(expr.negated ? "is-not-first" : "is-first", {expr.a});
    case ExprKind::IsLast:
      return named(expr.negated ? "is-not-last" : "is-last", {expr.a});
    case ExprKind::IsIn:
      return named(expr.negated ? "is-not-in" : "is-in", {expr.a, expr.b});
    case ExprKind::Otherwise:
      return named("otherwise", {expr.a, expr.b});
    case ExprKind::IfMade:
      return named("if-made", {expr.a, expr.b});
    case ExprKind::AtLeast:
      return named("at-least", {expr.a, expr.b});
    case ExprKind::FirstOf:
      return named("first-of", {expr.a, expr.b});
    case ExprKind::AnyOf:
      return named("any-of", {expr.b});
    case ExprKind::Stream:
      return named("stream", {expr.b});
    case ExprKind::Range:
      return named("..", {expr.a, expr.b});
    case ExprKind::DownTo:
      return named("down-to", {expr.a, expr.b});
    case ExprKind::Step:
      return named("step", {expr.a, expr.b});
    case ExprKind::Cycle:
      return expr.items.empty() ? named("every", {expr.a, expr.b, expr.c})
                                : named("every", {expr.a, expr.b, expr.c, expr.items[0]});
    case ExprKind::Batches:
      return named("batches", {expr.a, expr.b});
    default:
      return "?";
  }
}

}  // namespace

std::string printExpr(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Hole:
      return "<hole>";
    case ExprKind::None:
      return "none";
    case ExprKind::Bool:
    case ExprKind::Int:
    case ExprKind::Float:
    case ExprKind::Date:
    case ExprKind::Instant:
      return expr.text.str();
    case ExprKind::Quantity:
      return expr.text.str() + expr.name.text.str();
    case ExprKind::String:
      return printString(expr);
    case ExprKind::Name:
      return expr.name.text.str();
    case ExprKind::Field:
      return printExpr(*expr.a) + "." + expr.name.text.str();
    case ExprKind::Call:
      return "(call " + printExpr(*expr.a) + printArgs(expr.args) + ")";
    case ExprKind::Index:
      return listed("index " + printExpr(*expr.a), expr.items);
    case ExprKind::List:
      return listed("list", expr.items);
    case ExprKind::Map:
      return listed("map", expr.items);
    case ExprKind::Star:
      return "*";
    case ExprKind::As:
      return "(as " + printExpr(*expr.a) + " " + printType(expr.type) + ")";
    case ExprKind::Grouped:
      return listed("grouped " + printExpr(*expr.a), expr.items);
    case ExprKind::Where:
      return named("where " + expr.name.text.str(), {expr.a, expr.b});
    case ExprKind::Await:
      return std::string(expr.negated ? "(await-or-no-data " : "(await ") + printExpr(*expr.a) +
             printArgs(expr.args) + ")";
    case ExprKind::Awaited:
      return expr.args.empty() ? printExpr(*expr.a)
                               : "(awaited " + printExpr(*expr.a) + printArgs(expr.args) + ")";
    default:
      return printPlain(expr);
  }
}

std::string printType(const TypeRef* type) {
  if (!type) return "_";
  switch (type->kind) {
    case TypeRef::Hole:
      return "<hole>";
    case TypeRef::Optional:
      return printType(type->element) + "?";
    case TypeRef::Some:
      return printType(type->element) + "...";
    case TypeRef::Many:
      return printType(type->element) + "*";
    case TypeRef::List:
      return "[" + printType(type->element) + "]";
    case TypeRef::Map:
      return "[" + printType(type->key) + ": " + printType(type->element) + "]";
    case TypeRef::Set: {
      std::string out = "(set " + printType(type->element);
      return out + (type->pattern ? " " + printExpr(*type->pattern) : "") + ")";
    }
    case TypeRef::Named:
      break;
  }
  if (type->args.empty()) return type->name.text.str();
  return listed(type->name.text, type->args);
}

}  // namespace wfc::syntax
