// Expressions, values and types in the text form.
//
// Operations are `word(a, b)`, fields and indices follow what they are of, and a type stands only
// where the parts do not tell it: `(none : Checkpoint?)`.
#include "compiler/ir/printer.h"

namespace wfc::ir {

std::string Printer::type(TypeId id) {
  if (!id.valid() || id.index() >= types_.size()) return "!";
  const Type& t = types_[id];
  if (llvm::StringRef basic = basicName(t.kind); !basic.empty()) return basic.str();
  switch (t.kind) {
    case Type::None:
      return "None";
    case Type::Enum:
    case Type::Record:
      return name(names_.types, id).substr(1);
    case Type::List:
      return "[" + type(t.element) + "]";
    case Type::Map:
      return "[" + type(t.key) + ": " + type(t.element) + "]";
    case Type::Option:
      return (types_[t.element].kind == Type::Set ? "(" + type(t.element) + ")" : type(t.element)) +
             "?";
    case Type::Artifact: {
      std::string kind = name(names_.kinds, t.artifact);
      return kind == "!" ? kind : kind.substr(1);
    }
    case Type::Set:
      return "set of " + type(t.element);
    case Type::Span:
      return t.dates ? "Span" : "TimeSpan";
    default:
      return "!";
  }
}

std::string Printer::fieldList(const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields) {
    if (!text.empty()) text += ", ";
    text += word(field.name) + ": " + type(field.type);
    if (field.key) text += " key";
    if (field.value) text += " = " + value(*field.value);
  }
  return text;
}

// ---- values

std::string Printer::enumerator(const Value& value) {
  if (!value.type.valid() || value.type.index() >= types_.size()) return "!";
  const Type& type = types_[value.type];
  if (type.kind != Type::Enum || value.i < 0 || static_cast<size_t>(value.i) >= type.fields.size())
    return "!";
  return name(names_.types, value.type) + "." +
         word(type.fields[static_cast<size_t>(value.i)].name);
}

std::string Printer::values(const Value& value) {
  std::string text;
  for (size_t n = 0; n < value.size(); ++n) {
    if (n > 0) text += value.kind == Value::Map && n % 2 == 1 ? " = " : ", ";
    text += this->value(value.at(n));
  }
  return text;
}

std::string Printer::file(const Value& value) {
  std::string keys = value.size() > 0 ? " (" + values(value) + ")" : "";
  bool known = value.type.valid() && value.type.index() < types_.size() &&
               types_[value.type].kind == Type::Artifact;
  std::string kind = known ? name(names_.kinds, types_[value.type].artifact) : "!";
  return fmt::format("file {} {}{}{}", kind, quoted(value.s), value.j != 0 ? " outside" : "", keys);
}

std::string Printer::value(const Value& v) {
  switch (v.kind) {
    case Value::String:
      return quoted(v.s);
    case Value::Path:
      return "path" + quoted(v.s);
    case Value::Enum:
      return enumerator(v);
    case Value::Span: {
      bool known = v.type.valid() && v.type.index() < types_.size();
      bool dates = known && types_[v.type].dates;
      auto end = [&](int64_t at) { return dates ? dateText(at / 86400) : instantText(at); };
      return fmt::format("span({}, {})", end(v.i), end(v.j));
    }
    case Value::Record:
      if (!v.type.valid() || name(names_.types, v.type).size() < 2) return "!";
      return fmt::format("{}({})", name(names_.types, v.type), values(v));
    case Value::List:
      return "[" + values(v) + "]";
    case Value::Map:
      return "{" + values(v) + "}";
    case Value::File:
      return file(v);
    case Value::Set:
      return fmt::format("set {} [{}]", quoted(v.s), values(v));
    default:
      return toText(m_, v);
  }
}

// ---- expressions

std::string Printer::expr(ExprId id) {
  if (!id.valid() || id.index() >= m_.exprs.size()) return "!";
  const Expr& e = m_[id];
  std::string text = plainExpr(e);
  bool written = e.type.valid() && e.type.index() < types_.size() && e.op != Op::Error;
  if (e.op == Op::Record && llvm::StringRef(text).starts_with("@")) return text;
  if (!written || (e.op != Op::Record && inferType(m_, types_, task_, id) == e.type)) return text;
  return fmt::format("({} : {})", text, type(e.type));
}

std::string Printer::args(const Expr& e) {
  std::string text;
  for (ExprId arg : e.args) text += (text.empty() ? "" : ", ") + expr(arg);
  return text;
}

std::string Printer::map(const Expr& e) {
  std::string text = "{";
  for (size_t n = 0; n < e.args.size(); ++n)
    text += (n == 0 ? "" : n % 2 == 1 ? " = " : ", ") + expr(e.args[n]);
  return text + "}";
}

// `in.data`, `out.map`; a number where the task does not have it.
template <class T>
static std::string member(llvm::StringRef of, const std::vector<T>* table, uint32_t n) {
  if (!table || n >= table->size()) return fmt::format("{}.#{}", of.str(), n);
  return fmt::format("{}.{}", of.str(), word((*table)[n].name));
}

std::string Printer::variable(const Expr& e) {
  switch (e.op) {
    case Op::LoopVar:
      return name(names_.loops, LoopId(e.index));
    case Op::Input:
      return member("in", task_ ? &task_->inputs : nullptr, e.index);
    case Op::Output:
      return member("out", task_ ? &task_->outputs : nullptr, e.index);
    case Op::Need:
      return "needs." + word(e.text);
    case Op::Special:
      return "this." + word(e.text);
    default:
      return name(names_.refs, RefId(e.index));
  }
}

std::string Printer::postfix(const Expr& e) {
  ExprId base = e.args.empty() ? ExprId{} : e.args[0];
  std::string text = expr(base);
  bool isConst = base.valid() && base.index() < m_.exprs.size() && m_[base].op == Op::Const;
  // A literal would swallow the dot.
  if (isConst && text[0] != '(') text = "(" + text + ")";
  if (e.op == Op::Field) return text + "." + word(e.text);
  return text + "[" + expr(e.args.size() > 1 ? e.args[1] : ExprId{}) + "]";
}

std::string Printer::call(const Expr& e) {
  bool plain = isPlainWord(e.text) && !opNamed(e.text) && e.text != "call" && e.text != "const" &&
               e.text != "span";
  return fmt::format("{}({})", plain ? e.text : "call " + quoted(e.text), args(e));
}

std::string Printer::plainExpr(const Expr& e) {
  switch (e.op) {
    case Op::Const: {
      bool isComposite = e.value.kind >= Value::Span;
      return (isComposite ? "const " : "") + value(e.value);
    }
    case Op::LoopVar:
    case Op::Input:
    case Op::Output:
    case Op::Need:
    case Op::Special:
    case Op::Ref:
      return variable(e);
    case Op::Field:
    case Op::Index:
      return postfix(e);
    case Op::List:
      return "[" + args(e) + "]";
    case Op::Map:
      return map(e);
    case Op::Call:
      return call(e);
    case Op::Error:
      return "!";
    case Op::IsFirst:
    case Op::IsLast:
      return fmt::format("{}({})", wordOf(e.op).str(), name(names_.loops, LoopId(e.index)));
    case Op::Format:
      if (e.text.empty()) break;
      return fmt::format("format({}, {})", args(e), quoted(e.text));
    case Op::Record: {
      bool known =
          e.type.valid() && e.type.index() < types_.size() && types_[e.type].kind == Type::Record;
      if (known) return fmt::format("{}({})", name(names_.types, e.type), args(e));
      break;
    }
    default:
      break;
  }
  return fmt::format("{}({})", wordOf(e.op).str(), args(e));
}

}  // namespace wfc::ir
