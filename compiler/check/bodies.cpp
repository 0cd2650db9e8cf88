// Bodies: a script with holes, or the call of a program made from its signature. A hole becomes a
// named variable, so the text of a body is the same for every instance and a value is one word
// whatever it holds.
#include <algorithm>
#include <set>

#include "llvm/ADT/StringExtras.h"

#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"
#include "compiler/ir/eval.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

/// Names that mean something to a shell.
static bool isTaken(StringRef name) {
  static const std::set<StringRef> taken{
      "PATH", "HOME",   "IFS",  "PWD", "UID", "EUID",      "PPID",        "SHELL",
      "USER", "TMPDIR", "LANG", "ENV", "_",   "histchars", "auto_resume", "wfr"};
  return taken.count(name) || name.starts_with("BASH") || name.starts_with("WFR_") ||
         name.starts_with("SLURM_") || name.starts_with("LD_");
}

/// A readable variable for a hole: its name, `a_b` for `a.b`, else `value`.
static std::string variableFor(const Expr& expr) {
  if (expr.kind == ExprKind::Name) return expr.name.text.str();
  if (expr.kind == ExprKind::Field) return variableFor(*expr.a) + "_" + expr.name.text.str();
  return "value";
}

static std::string uniqueVariable(const ir::Body& body, std::string base) {
  if (isTaken(base)) base += "_";
  std::string name = base;
  auto taken = [&] {
    return std::any_of(body.holes.begin(), body.holes.end(),
                       [&](const ir::Hole& h) { return h.variable == name; });
  };
  for (int n = 2; taken(); ++n) name = base + "_" + std::to_string(n);
  return name;
}

/// Sets how the value of a hole becomes words; false after a report.
static bool shapeHole(Session& s, ir::Hole& hole, const Operand& value, Range range) {
  const ir::Type type = s.module.types[value.type];
  const ir::Type inner = type.kind == TK::Option || type.kind == TK::List || type.kind == TK::Set
                             ? s.module.types[type.element]
                             : type;
  hole.optional = type.kind == TK::Option;
  hole.list = type.kind == TK::List || (type.kind == TK::Set);
  if (type.kind == TK::Secret) {
    s.report(range, diag::SecretVisible{.where = "a command line"});
    return false;
  }
  if (inner.kind == TK::Map || inner.kind == TK::Record || inner.kind == TK::List ||
      inner.kind == TK::Span || inner.kind == TK::None) {
    s.report(range, diag::NotAText{.type = typeText(s, value.type)});
    return false;
  }
  return true;
}

static int addHole(Session& s, const syntax::StringPart& part, Place& place, ir::Body& body,
                   llvm::SmallVectorImpl<StringRef>& texts) {
  StringRef text = s.text(part.range);
  for (size_t i = 0; i < texts.size(); ++i)
    if (texts[i] == text) return static_cast<int>(i);
  Operand value = asValue(s, checkExpr(s, *part.hole, place), place);
  ir::Hole hole;
  hole.raw = part.raw;
  hole.variable = uniqueVariable(body, variableFor(*part.hole));
  if (value.kind == Operand::Error)
    hole.value = s.errorExpr(part.range);
  else if (shapeHole(s, hole, value, part.range)) {
    hole.value = value.expr;
    std::string why = part.format.empty()
                          ? std::string()
                          : ir::checkFormat(s.module.types, value.type, part.format);
    if (!why.empty())
      s.report(part.range, diag::BadFormat{.format = part.format.str(), .why = why});
    else if (!part.format.empty())
      hole.value =
          s.make(ir::Op::Format, basic(TK::String), {value.expr}, part.range, part.format.str());
    if (part.hole && part.raw && body.language == ir::Body::Python && !s.constantOf(hole.value))
      s.report(part.range, diag::RawInPython{});
  } else
    hole.value = s.errorExpr(part.range);
  body.holes.push_back(std::move(hole));
  texts.push_back(text);
  return static_cast<int>(body.holes.size() - 1);
}

/// The text of a constant becomes Python's own code, and needs no variable.
static void takeRaw(const Session& s, ir::Body& body, llvm::SmallVectorImpl<StringRef>& texts,
                    ir::Piece& piece) {
  std::optional<ir::Value> value = s.constantOf(body.holes[static_cast<size_t>(piece.hole)].value);
  if (!value) return;
  piece = {ir::toText(s.module, *value), -1};
  body.holes.pop_back();
  texts.pop_back();
}

void checkBody(Session& s, const syntax::Script& script, Place& place, ir::Task& task,
               ir::Body& body) {
  StringRef language = script.language.text;
  body.language = language == "python" ? ir::Body::Python
                  : language == "bash" ? ir::Body::Bash
                                       : ir::Body::Sh;
  body.loc = s.loc(script.range);
  llvm::SmallVector<StringRef, 8> texts;
  body.pieces.reserve(script.text->parts.size());
  body.holes.reserve(script.text->parts.size() / 2);
  for (const syntax::StringPart& part : script.text->parts) {
    ir::Piece piece;
    if (!part.hole)
      piece.text = part.text.str();
    else
      piece.hole = addHole(s, part, place, body, texts);
    if (part.hole && part.raw && body.language == ir::Body::Python) takeRaw(s, body, texts, piece);
    body.pieces.push_back(std::move(piece));
  }
  (void)task;
  lintScript(s, script, place, body);
}

/// One flag of a program's call: its text and the hole that carries its value.
static void addFlag(Session& s, const syntax::Flag& flag, size_t width, const Operand& value,
                    ir::Body& body) {
  ir::Hole hole;
  std::string variable = flag.name.text.str();
  std::replace(variable.begin(), variable.end(), '-', '_');
  hole.variable = uniqueVariable(body, variable);
  if (!shapeHole(s, hole, value, flag.range)) return;
  hole.value = value.expr;
  std::string option = flag.positional ? "" : "--" + flag.name.text.str();
  bool isBool = s.module.types[value.type].kind == TK::Bool && !flag.positional;
  std::string lead = " \\\n  ";
  if (isBool) {
    hole.isSwitch = true;
    hole.flag = option;
  } else if (hole.list || hole.optional)
    hole.flag = option;
  else if (!option.empty())
    lead += option + std::string(width - option.size() + 1, ' ');
  body.pieces.push_back({lead, -1});
  body.pieces.push_back({"", static_cast<int>(body.holes.size())});
  body.holes.push_back(std::move(hole));
}

void programBody(Session& s, const syntax::ProgramDecl& program, ir::Task& task, Place& place,
                 Range at) {
  ir::Body& body = task.body;
  body.loc = s.loc(at);
  Place top{.scope = &place.unit->scope, .unit = place.unit};
  if (!program.command) return;
  auto command =
      checkConstant(s, *program.command, top, basic(TK::String), "the command of a program");
  body.pieces.push_back({command ? command->s : "", -1});
  size_t width = 0;
  for (const syntax::Flag& flag : program.flags)
    if (!flag.positional) width = std::max(width, flag.name.text.size() + 2);
  uint32_t input = 0, output = 0;
  for (const syntax::Flag& flag : program.flags) {
    Range range = flag.range;
    if (flag.role == syntax::Flag::In) {
      ir::TypeId type = task.inputs[input].type;
      Operand value = s.value(s.make(ir::Op::Input, type, {}, range, input), range);
      if (value.kind == Operand::Value) addFlag(s, flag, width, value, body);
      ++input;
    } else if (!flag.values.empty()) {
      addFlag(s, flag, width,
              s.value(s.make(ir::Op::Special, basic(TK::Path), {}, range, "values"), range), body);
      output += static_cast<uint32_t>(flag.values.size());
    } else {
      ir::TypeId type = task.outputs[output].type;
      bool isSet = s.module.types[type].kind == TK::Set;
      ir::ExprId path = s.make(ir::Op::Output, type, {}, range, output);
      if (isSet) path = s.make(ir::Op::Field, basic(TK::Path), {path}, range, "dir");
      Operand value = s.value(path, range);
      if (value.kind == Operand::Value) addFlag(s, flag, width, value, body);
      ++output;
    }
  }
  body.pieces.push_back({"\n", -1});
}

}  // namespace wfc::check
