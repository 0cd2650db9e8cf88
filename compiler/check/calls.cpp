// Calls in expressions: records, builtin functions by their signatures, `x.varies(axis)`. Calls of
// tasks and flows make families and are no expressions: families.cpp.
#include "compiler/check/names.h"
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

bool isBuiltin(StringRef name) {
  for (const ir::Builtin& builtin : ir::builtins())
    if (builtin.name == name) return true;
  return false;
}

/// Matches a written parameter type (`Int`, `T`, `[T]`, `[K: V]`, `T?`) with an argument's type,
/// binding type variables.
static bool matches(Session& s, StringRef written, ir::TypeId type,
                    std::map<std::string, ir::TypeId>& bound) {
  written = written.trim();
  if (s.isError(type)) return true;
  ir::Type actual = s.module.types[type];
  if (written.consume_front("[")) {
    written.consume_back("]");
    auto [key, value] = written.split(':');
    if (!value.empty())
      return actual.kind == TK::Map && matches(s, key, actual.key, bound) &&
             matches(s, value, actual.element, bound);
    bool isList = actual.kind == TK::List || actual.kind == TK::Set;
    return isList && matches(s, written, actual.element, bound);
  }
  if (written.ends_with("?"))
    return actual.kind == TK::Option && matches(s, written.drop_back(), actual.element, bound);
  if (written.size() == 1) {
    auto [it, isNew] = bound.try_emplace(written.str(), type);
    if (!isNew && it->second != type) {
      ir::TypeId both = common(s, it->second, type);
      if (!both.valid()) return false;
      it->second = both;
    }
    return true;
  }
  auto kind = ir::basicNamed(written);
  return kind && convertible(s, type, basic(*kind), nullptr);
}

/// The type a signature's text names, with its variables bound; also what an argument is converted
/// to.
static ir::TypeId instantiate(Session& s, StringRef written,
                              const std::map<std::string, ir::TypeId>& bound) {
  written = written.trim();
  if (written.consume_front("[")) {
    written.consume_back("]");
    auto [key, value] = written.split(':');
    if (!value.empty())
      return s.module.types.map(instantiate(s, key, bound), instantiate(s, value, bound));
    return s.module.types.list(instantiate(s, written, bound));
  }
  if (written.ends_with("?"))
    return s.module.types.option(instantiate(s, written.drop_back(), bound));
  if (written.size() == 1)
    if (auto it = bound.find(written.str()); it != bound.end()) return it->second;
  return basic(ir::basicNamed(written).value_or(TK::Error));
}

/// Splits `[K: V], T` at top-level commas.
static std::vector<StringRef> splitTypes(StringRef text) {
  std::vector<StringRef> all;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '[') ++depth;
    if (i < text.size() && text[i] == ']') --depth;
    if (i < text.size() && (text[i] != ',' || depth)) continue;
    if (StringRef part = text.slice(start, i).trim(); !part.empty()) all.push_back(part);
    start = i + 1;
  }
  return all;
}

static Operand callBuiltin(Session& s, const Expr& call, StringRef name, Place& place) {
  std::vector<Operand> args;
  bool failed = false;
  for (const syntax::Arg& arg : call.args) {
    if (arg.name && arg.value)
      s.report(arg.name.range, diag::NoNamedArguments{.function = name.str()});
    Operand operand = arg.value ? checkExpr(s, *arg.value, place) : s.errorOperand(arg.name.range);
    if (name == "len" && operand.kind == Operand::Space && ir::isStatic(s.module, operand.space) &&
        call.args.size() == 1) {
      uint64_t size = ir::sizeOf(s.module, operand.space);
      if (size != ir::kOpen)
        return s.constantOperand(ir::Value::integer(static_cast<int64_t>(size)), basic(TK::Int),
                                 call.range);
    }
    args.push_back(asValue(s, operand, place));
    failed = failed || args.back().kind == Operand::Error;
  }
  if (failed) return s.errorOperand(call.range);
  std::string signatures;
  for (const ir::Builtin& builtin : ir::builtins()) {
    if (builtin.name != name) continue;
    signatures += (signatures.empty() ? "`" : ", `") + builtin.signature.str() + "`";
    StringRef inside =
        builtin.signature.slice(builtin.signature.find('(') + 1, builtin.signature.rfind(')'));
    StringRef result = builtin.signature.split("->").second;
    std::vector<StringRef> wanted = splitTypes(inside);
    bool variadic = !wanted.empty() && wanted.back().ends_with("...");
    if (variadic) {
      StringRef last = wanted.back().drop_back(3);
      wanted.pop_back();
      while (wanted.size() < args.size()) wanted.push_back(last);
    }
    std::map<std::string, ir::TypeId> bound;
    bool fits = wanted.size() == args.size();
    for (size_t i = 0; fits && i < args.size(); ++i)
      fits = matches(s, wanted[i], args[i].type, bound);
    if (!fits) continue;
    std::vector<ir::ExprId> exprs;
    for (size_t i = 0; i < args.size(); ++i)
      exprs.push_back(convert(s, args[i], instantiate(s, wanted[i], bound), "the argument"));
    return s.value(s.make(ir::Op::Call, instantiate(s, result, bound), std::move(exprs), call.range,
                          name.str()),
                   call.range);
  }
  std::string given;
  for (const Operand& arg : args) given += (given.empty() ? "" : ", ") + typeText(s, arg.type);
  s.report(call.range,
           diag::NoSuchSignature{.function = name.str(), .given = given, .signatures = signatures});
  return s.errorOperand(call.range);
}

/// `m.args.varies(c)`: every axis but c has its base value. True of the base and of the variations
/// of axis c.
static Operand checkVaries(Session& s, const Expr& call, Place& place) {
  Operand record = asValue(s, checkExpr(s, *call.a->a, place), place);
  if (record.kind == Operand::Error) return record;
  auto axes = s.axes.find(record.type);
  if (axes == s.axes.end() || call.args.size() != 1 || !call.args[0].value) {
    s.report(call.range, diag::NotAVariation{.type = typeText(s, record.type)});
    return s.errorOperand(call.range);
  }
  ir::ExprId axis = checkAs(s, *call.args[0].value, place, basic(TK::String), "the axis");
  const std::vector<std::string> names = axes->second.names;
  const ir::Value baseValue = axes->second.base;
  const ir::Type type = s.module.types[record.type];
  ir::ExprId any = s.constant(ir::Value::boolean(false), basic(TK::Bool), call.range);
  for (const std::string& name : names) {
    ir::ExprId is = s.make(ir::Op::Eq, basic(TK::Bool),
                           {axis, s.constant(ir::Value::text(name), basic(TK::String), call.range)},
                           call.range);
    ir::ExprId all = is;
    for (size_t f = 0; f < type.fields.size(); ++f) {
      const ir::Field& field = type.fields[f];
      if (field.name == name || std::find(names.begin(), names.end(), field.name) == names.end())
        continue;
      ir::ExprId value = s.make(ir::Op::Field, field.type, {record.expr}, call.range, field.name);
      ir::ExprId same =
          s.make(ir::Op::Eq, basic(TK::Bool),
                 {value, s.constant(baseValue.at(f), field.type, call.range)}, call.range);
      all = s.make(ir::Op::And, basic(TK::Bool), {all, same}, call.range);
    }
    any = s.make(ir::Op::Or, basic(TK::Bool), {any, all}, call.range);
  }
  return s.value(any, call.range);
}

Operand makeRecord(Session& s, const Expr& call, const Found& record, Place& place) {
  ir::TypeId id = resolveNominal(s, *record.decl, *record.unit);
  const std::vector<ir::Field> fields = s.module.types[id].fields;
  std::vector<ir::ExprId> values(fields.size());
  std::vector<Range> given(fields.size());
  size_t position = 0;
  bool named = false, failed = false;
  for (syntax::Arg arg : call.args) {
    size_t at = fields.size();
    // After the first named argument a bare name is the field of that name.
    if (named && !arg.name && arg.value && arg.value->kind == ExprKind::Name)
      arg.name = arg.value->name;
    named = named || arg.name;
    if (!named)
      at = position++;
    else
      for (size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == arg.name.text) at = i;
    if (at >= fields.size()) {
      std::vector<std::string> known;
      for (const ir::Field& field : fields) known.push_back(field.name);
      s.report(arg.name ? arg.name.range : call.range,
               diag::UnknownParameter{.name = arg.name.text.str(),
                                      .callee = s.module.types[id].name,
                                      .fix = nearest(s, arg.name, known)});
      failed = true;
      continue;
    }
    Range range = arg.name ? arg.name.range : arg.value->range;
    if (given[at].valid())
      s.report(range, diag::GivenTwice{.name = fields[at].name, .firstAt = given[at]});
    given[at] = range;
    if (arg.name) s.named(range, fieldDeclaredAt(s, id, fields[at].name));
    Expr shorthand;
    shorthand.kind = ExprKind::Name;
    shorthand.name = arg.name;
    shorthand.range = arg.name.range;
    values[at] = checkAs(s, arg.value ? *arg.value : shorthand, place, fields[at].type,
                         "`" + fields[at].name + "`");
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (values[i].valid()) continue;
    if (fields[i].value)
      values[i] = s.constant(*fields[i].value, fields[i].type, call.range);
    else if (s.module.types[fields[i].type].kind == TK::Option)
      values[i] = s.constant({}, fields[i].type, call.range);
    else if (!failed) {
      s.report(call.range, diag::MissingInput{.name = fields[i].name,
                                              .callee = s.module.types[id].name,
                                              .declaredAt = record.decl->name.range});
      failed = true;
    }
  }
  if (failed) return s.errorOperand(call.range);
  return s.value(s.make(ir::Op::Record, id, std::move(values), call.range), call.range);
}

Operand checkBuiltin(Session& s, const Expr& call, Place& place) {
  const Expr& callee = *call.a;
  if (callee.kind == ExprKind::Field && callee.name.text == "varies")
    return checkVaries(s, call, place);
  StringRef name = callee.kind == ExprKind::Name ? callee.name.text : StringRef();
  const Symbol* symbol = name.empty() ? nullptr : place.scope->find(name);
  if (!symbol && isSweep(name)) return checkSweep(s, call, place);
  if (!symbol && isBuiltin(name)) return callBuiltin(s, call, name, place);
  if (!symbol && !name.empty()) {
    std::vector<std::string> known = place.scope->visible();
    for (const ir::Builtin& builtin : ir::builtins()) known.push_back(builtin.name.str());
    for (const char* each : {"product", "zip", "vary", "rows", "records", "files"})
      known.push_back(each);
    s.report(
        callee.range,
        diag::UnknownName{.name = name.str(), .hint = "", .fix = nearest(s, callee.name, known)});
    return s.errorOperand(call.range);
  }
  Found found = findDecl(s, callee, place);
  if (found.decl && std::holds_alternative<syntax::RecordDecl>(found.decl->as))
    return makeRecord(s, call, found, place);
  if (found.decl && (std::holds_alternative<syntax::TaskDecl>(found.decl->as) ||
                     std::holds_alternative<syntax::FlowDecl>(found.decl->as)))
    s.report(call.range, diag::CallNeedsName{.callee = found.decl->name.text.str()});
  else if ((found.decl && !isUnread(*found.decl)) || (!found.decl && symbol))
    s.report(callee.range,
             diag::NotCallable{.name = s.text(callee.range).str(),
                               .declaredAt = found.decl ? found.decl->name.range : symbol->at});
  return s.errorOperand(call.range);
}

}  // namespace wfc::check
