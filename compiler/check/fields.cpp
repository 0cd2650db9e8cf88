// Fields: of values, of spaces (`windows.first`), of instances (a named output, `.ok`), of modules
// and enums, and `needs.memory`.
#include <algorithm>

#include "llvm/ADT/StringExtras.h"

#include "compiler/check/names.h"
#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

/// Fields that values of a type offer beside their own.
static std::vector<std::string> builtinFields(TK kind) {
  switch (kind) {
    case TK::Span:
      return {"first_day", "last_day", "start", "end"};
    case TK::Enum:
      return {"text", "name"};
    case TK::Date:
      return {"year", "month", "day"};
    case TK::Instant:
      return {"year", "month", "day", "hour", "minute"};
    case TK::List:
      return {"first", "last"};
    case TK::Set:
      return {"dir"};
    default:
      return {};
  }
}

/// The type of one of them; none if there is no such field.
static ir::TypeId builtinField(const ir::Type& type, StringRef name) {
  if (!llvm::is_contained(builtinFields(type.kind), name)) return {};
  switch (type.kind) {
    case TK::Span:
      return basic(name.ends_with("_day") || type.dates ? TK::Date : TK::Instant);
    case TK::Enum:
      return basic(TK::String);
    case TK::List:
      return type.element;
    case TK::Set:
      return basic(TK::Path);
    default:
      return basic(TK::Int);
  }
}

static Operand fieldOfSpace(Session& s, const Operand& base, const syntax::Name& name,
                            Place& place) {
  const ir::Space space = s.module[base.space];
  Range range = source::join(base.range, name.range);
  if ((name.text == "first" || name.text == "last") && ir::isStatic(s.module, base.space)) {
    uint64_t size = ir::sizeOf(s.module, base.space);
    if (size == 0 || (size == ir::kOpen && name.text == "last")) {
      s.report(range,
               diag::NoSuchElement{.which = name.text.str(),
                                   .why = size == 0 ? "the set is empty" : "the cycle has no end"});
      return s.errorOperand(range);
    }
    ir::Value value = ir::elementAt(s.module, base.space, name.text == "first" ? 0 : size - 1);
    return s.constantOperand(std::move(value), space.element, range);
  }
  if (auto axes = s.axes.find(space.element); axes != s.axes.end() && name.text == "names") {
    std::vector<ir::Value> names;
    for (const std::string& each : axes->second.names) names.push_back(ir::Value::text(each));
    return s.constantOperand(ir::Value::composite(ir::Value::List, std::move(names)),
                             s.module.types.list(basic(TK::String)), range);
  }
  if (space.kind == ir::Space::Product) {
    const ir::Type& record = s.module.types[space.element];
    for (size_t i = 0; i < record.fields.size() && i < space.factors.size(); ++i)
      if (record.fields[i].name == name.text) {
        Operand factor;
        factor.kind = Operand::Space;
        factor.space = space.factors[i];
        factor.range = range;
        return factor;
      }
  }
  Operand list = asValue(s, base, place);
  return list.kind == Operand::Error ? list : fieldOf(s, list, name, place);
}

static Operand unknownField(Session& s, const syntax::Name& name, const std::string& owner,
                            const std::vector<std::string>& known, Range range) {
  reportMember(s, name, owner, known);
  return s.errorOperand(range);
}

Range fieldDeclaredAt(const Session& s, ir::TypeId id, StringRef name) {
  if (!s.request.watcher) return {};
  const ir::Type& type = s.module.types[id];
  if (type.kind == TK::Artifact) {
    for (const auto& [decl, kind] : s.kinds)
      if (kind == type.artifact)
        for (const syntax::KindAttr& attr : std::get<syntax::KindDecl>(decl->as).attrs)
          for (const syntax::Param& key : attr.fields)
            if (key.name.text == name) return key.name.range;
    return {};
  }
  const syntax::Decl* decl = s.nominalOf.lookup(id);
  if (!decl) return {};
  if (auto* enumeration = std::get_if<syntax::EnumDecl>(&decl->as)) {
    for (const syntax::Enumerator& each : enumeration->values)
      if (each.name.text == name) return each.name.range;
    return {};
  }
  for (const syntax::Param& field : std::get<syntax::RecordDecl>(decl->as).fields)
    if (field.name.text == name) return field.name.range;
  return {};
}

Range outputDeclaredAt(const Session& s, const ir::Output& output) {
  Range at = s.request.watcher ? s.rangeOf(output.loc) : Range{};
  if (!at.valid()) return at;
  StringRef rest = StringRef(s.sources.text(at.file)).substr(at.begin);
  bool isFlag = rest.consume_front("--");
  if (isFlag) at.begin += 2;
  auto isOfName = [&](char c) { return llvm::isAlnum(c) || c == '_' || (isFlag && c == '-'); };
  at.end = at.begin + static_cast<uint32_t>(rest.take_while(isOfName).size());
  return at;
}

/// A named output, or `.ok`, of instances.
static Operand fieldOfMade(Session& s, Operand base, const syntax::Name& name, Place& place) {
  Range range = source::join(base.range, name.range);
  base.range = range;
  if (name.text == "ok") {
    base.ref.demand = ir::Demand::Ok;
    return base;
  }
  if (base.ref.loop
          .valid()) {  // a field of a member is a field of its key, which waits for nothing
    ir::TypeId element = s.module[s.module[base.ref.loop].space].element;
    Operand member = s.value(
        s.make(ir::Op::LoopVar, element, {}, base.range, base.ref.loop.index()), base.range);
    return fieldOf(s, member, name, place);
  }
  if (base.ref.families.empty()) return s.errorOperand(range);
  static const ir::Task nothing;  // a wait makes nothing
  const ir::TaskId id = s.module[base.ref.families.front()].task;
  const ir::Task& task = id.valid() ? s.module[id] : nothing;
  std::vector<std::string> known{"ok"};
  for (uint32_t i = 0; i < task.outputs.size(); ++i) {
    known.push_back(task.outputs[i].name);
    if (task.outputs[i].name != name.text || base.outputChosen) continue;
    s.named(name.range, outputDeclaredAt(s, task.outputs[i]));
    base.ref.output = i;
    base.refType = task.outputs[i].type;
    base.outputChosen = true;
    return base;
  }
  return unknownField(s, name, "`" + base.made->name + "`", known, range);
}

Operand fieldOf(Session& s, Operand base, const syntax::Name& name, Place& place) {
  Range range = source::join(base.range, name.range);
  if (base.kind == Operand::Error) return s.errorOperand(range);
  if (!base.onlyOutput.empty() && name.text == base.onlyOutput) {
    base.onlyOutput = {};
    base.range = range;
    return base;
  }
  if (base.kind == Operand::Space) return fieldOfSpace(s, base, name, place);
  if (base.kind == Operand::Bundle) {
    if (const Symbol* symbol = base.scope->findHere(name.text)) {
      s.named(name.range, symbol->at);
      return operandOf(s, *symbol, range);
    }
    return unknownField(s, name, "the flow", base.scope->visible(), range);
  }
  if (base.kind == Operand::Made) {
    const ir::Type* type = base.refType.valid() ? &s.module.types[base.refType] : nullptr;
    bool valueField =
        base.outputChosen && name.text != "ok" && type && builtinField(*type, name.text).valid();
    if (!valueField) return fieldOfMade(s, base, name, place);
    base = asValue(s, base, place);
    if (base.kind == Operand::Error) return base;
  }
  const ir::Type type = s.module.types[base.type];
  std::vector<std::string> known;
  const std::vector<ir::Field>& fields =
      type.kind == TK::Artifact ? s.module[type.artifact].keys : type.fields;
  if (type.kind == TK::Record || type.kind == TK::Artifact)
    for (const ir::Field& field : fields) {
      known.push_back(field.name);
      if (field.name != name.text) continue;
      s.named(name.range, fieldDeclaredAt(s, base.type, name.text));
      return s.value(s.make(ir::Op::Field, field.type, {base.expr}, range, field.name), range);
    }
  if (ir::TypeId fieldType = builtinField(type, name.text); fieldType.valid())
    return s.value(s.make(ir::Op::Field, fieldType, {base.expr}, range, name.text.str()), range);
  for (std::string& each : builtinFields(type.kind)) known.push_back(std::move(each));
  return unknownField(s, name, typeText(s, base.type), known, range);
}

Operand checkField(Session& s, const Expr& expr, Place& place) {
  if (expr.a->kind == ExprKind::Name) {
    const Symbol* symbol = lookUp(s, expr.a->name, place, false);
    if (symbol && symbol->kind == Symbol::Declaration &&
        std::holds_alternative<syntax::EnumDecl>(symbol->decl->as)) {
      ir::TypeId type = resolveNominal(s, *symbol->decl, *symbol->unit);
      Expr bare = expr;
      if (auto value = enumerator(s, bare, type)) return *value;
      std::vector<std::string> known;
      for (const ir::Field& field : s.module.types[type].fields) known.push_back(field.name);
      return unknownField(s, expr.name, "`" + s.module.types[type].name + "`", known, expr.range);
    }
    if (symbol && symbol->kind == Symbol::Module) {
      Found found = findDecl(s, expr, place);
      if (found.decl && std::holds_alternative<syntax::ConstDecl>(found.decl->as))
        return constantDecl(s, *found.decl, *found.unit, expr.range);
      if (found.decl)
        s.report(expr.range, diag::NotAValue{.name = expr.name.text.str(),
                                             .declaredAt = found.decl->name.range});
      return s.errorOperand(expr.range);
    }
    // Any parameter; the only way to one that is called as a reserved word is.
    if (place.task && expr.a->name.text == "args" && !symbol) {
      std::vector<std::string> known;
      for (const ir::Input& input : place.task->inputs) known.push_back(input.name);
      const Symbol* input = std::find(known.begin(), known.end(), expr.name.text) == known.end()
                                ? nullptr
                                : lookUp(s, expr.name, place, false);
      if (!input)
        return unknownField(s, expr.name, "the parameters of `" + place.task->name + "`", known,
                            expr.range);
      Operand operand = input->operand;
      operand.range = expr.range;
      return operand;
    }
    if (place.task && expr.a->name.text == "needs" && !symbol) {
      static const std::pair<const char*, TK> needs[] = {
          {"nodes", TK::Int},    {"tasks", TK::Int},     {"cpus", TK::Int},  {"gpus", TK::Int},
          {"memory", TK::Bytes}, {"time", TK::Duration}, {"disk", TK::Bytes}};
      for (auto [name, kind] : needs)
        if (expr.name.text == name)
          return s.value(s.make(ir::Op::Need, basic(kind), {}, expr.range, name), expr.range);
      return unknownField(s, expr.name, "`needs`",
                          {"nodes", "tasks", "cpus", "gpus", "memory", "time", "disk"}, expr.range);
    }
  }
  return fieldOf(s, checkExpr(s, *expr.a, place), expr.name, place);
}

}  // namespace wfc::check
