// See values.h. Only what arguments of calls are made of; anything else is named, not told.
#include "compiler/target/text/values.h"

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/graph.h"

namespace wfc::target {

namespace {

constexpr size_t kLongest = 80;

class Teller {
 public:
  explicit Teller(const ir::Module& module) : m_(module) {}

  std::string tell(ir::ExprId id) const {
    if (!id.valid()) return "none";
    const ir::Expr& e = m_[id];
    switch (e.op) {
      case ir::Op::Const:
        return constant(e.value);
      case ir::Op::LoopVar:
        return m_.loops[e.index].variable;
      case ir::Op::Ref:
        return reference(m_.refs[e.index]);
      case ir::Op::Field:
        return tell(e.args[0]) + "." + e.text;
      case ir::Op::Index:
        return fmt::format("{}[{}]", tell(e.args[0]), tell(e.args[1]));
      case ir::Op::List:
        return "[" + list(e) + "]";
      case ir::Op::If:
        return fmt::format("if {} then {} else {}", tell(e.args[0]), tell(e.args[1]),
                           tell(e.args[2]));
      case ir::Op::IsFirst:
        return m_.loops[e.index].variable + " is first";
      case ir::Op::IsLast:
        return m_.loops[e.index].variable + " is last";
      case ir::Op::Not:
        return "not " + tell(e.args[0]);
      case ir::Op::Neg:
        return "-" + tell(e.args[0]);
      case ir::Op::ToFloat:
        return tell(e.args[0]);
      case ir::Op::Format:
        return fmt::format("@{{{}{}{}}}", tell(e.args[0]), e.text.empty() ? "" : ":", e.text);
      case ir::Op::Concat:
        return joined(e);
      case ir::Op::Call:
      case ir::Op::Record:
        return fmt::format("{}({})", e.op == ir::Op::Call ? e.text : "", list(e));
      default:
        return binary(e);
    }
  }

 private:
  std::string constant(const ir::Value& value) const {
    if (value.kind == ir::Value::None) return "none";
    return ir::toText(m_, value);
  }

  std::string list(const ir::Expr& e) const {
    std::string text;
    for (ir::ExprId arg : e.args) text += (text.empty() ? "" : ", ") + tell(arg);
    return text;
  }

  std::string joined(const ir::Expr& e) const {
    std::string text;
    for (ir::ExprId arg : e.args) text += tell(arg);
    return text;
  }

  std::string binary(const ir::Expr& e) const {
    constexpr std::pair<ir::Op, const char*> kSigns[] = {
        {ir::Op::Add, "+"}, {ir::Op::Sub, "-"},   {ir::Op::Mul, "*"}, {ir::Op::Div, "/"},
        {ir::Op::Mod, "%"}, {ir::Op::Eq, "=="},   {ir::Op::Ne, "!="}, {ir::Op::Lt, "<"},
        {ir::Op::Le, "<="}, {ir::Op::Gt, ">"},    {ir::Op::Ge, ">="}, {ir::Op::And, "and"},
        {ir::Op::Or, "or"}, {ir::Op::In, "is in"}};
    for (auto [op, sign] : kSigns)
      if (e.op == op && e.args.size() == 2)
        return fmt::format("{} {} {}", operand(e.args[0]), sign, operand(e.args[1]));
    return "as the flow computes it";
  }

  std::string operand(ir::ExprId id) const {
    bool isPlain = m_[id].args.size() < 2;
    return isPlain ? tell(id) : "(" + tell(id) + ")";
  }

  std::string bound(ir::ExprId id, int64_t offset) const {
    std::string text = tell(id);
    return offset == 0 ? text
                       : fmt::format("{} {} {}", text, offset < 0 ? "-" : "+", std::abs(offset));
  }

  std::string index(const ir::IndexPattern& p, ir::LoopId loop) const {
    switch (p.kind) {
      case ir::IndexPattern::Same:
        return m_[loop].variable;
      case ir::IndexPattern::At:
        return bound(p.a, p.offset);
      case ir::IndexPattern::All:
        return "*";
      case ir::IndexPattern::UpTo:
        return ".. " + bound(p.a, p.offset);
      case ir::IndexPattern::From:
        return bound(p.a, p.offset) + " ..";
      case ir::IndexPattern::Between:
        return bound(p.a, p.offset) + " .. " + bound(p.b, p.offsetB);
      case ir::IndexPattern::Where:
        return fmt::format("{} in * if {}", m_[loop].variable, tell(p.a));
    }
    return "?";
  }

  std::string reference(const ir::Ref& ref) const {
    if (ref.loop.valid()) return m_[ref.loop].variable;
    const ir::Family& producer = m_[ref.families.front()];
    std::string text = producer.name, indices;
    for (size_t n = 0; n < ref.indices.size() && n < producer.loops.size(); ++n)
      indices += (n > 0 ? ", " : "") + index(ref.indices[n], producer.loops[n]);
    if (!indices.empty()) text += "[" + indices + "]";
    if (producer.task.valid() && m_[producer.task].outputs.size() > 1 &&
        ref.output < m_[producer.task].outputs.size())
      text += "." + m_[producer.task].outputs[ref.output].name;
    if (ref.demand == ir::Demand::Ok) text += ", those that are ok";
    if (ref.demand == ir::Demand::AtLeast || ref.demand == ir::Demand::First)
      text = fmt::format("{} {} of {}", ref.demand == ir::Demand::First ? "first" : "at least",
                         tell(ref.count), text);
    if (ref.otherwise.valid()) text += " otherwise " + tell(ref.otherwise);
    return text;
  }

  const ir::Module& m_;
};

}  // namespace

std::string valueText(const ir::Module& module, ir::ExprId expr) {
  std::string text = Teller(module).tell(expr), line;
  for (char c : text) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (line.size() <= kLongest) return line;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  return line.substr(0, end) + "…";
}

}  // namespace wfc::target
