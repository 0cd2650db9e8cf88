// Types: from what was written to the module's table, how a type is named in messages, and what
// converts to what.
#include "compiler/check/names.h"
#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

std::string typeText(const ir::Module& module, ir::TypeId id) {
  const ir::Type& type = module.types[id];
  switch (type.kind) {
    case TK::Error:
      return "?";
    case TK::None:
      return "none";
    case TK::Enum:
      return type.name;
    case TK::Record:
      return type.name.empty() ? "record" : type.name;
    case TK::List:
      return "[" + typeText(module, type.element) + "]";
    case TK::Map:
      return "[" + typeText(module, type.key) + ": " + typeText(module, type.element) + "]";
    case TK::Option:
      return typeText(module, type.element) + "?";
    case TK::Artifact:
      return module[type.artifact].name;
    case TK::Set:
      return "set of " + typeText(module, type.element);
    case TK::Span:
      return "window";
    default:
      return ir::basicName(type.kind).str();
  }
}

bool isArtifact(const Session& s, ir::TypeId type) {
  return s.module.types[type].kind == TK::Artifact;
}

ir::TypeId resolveNominal(Session& s, const syntax::Decl& decl, Unit& unit) {
  if (auto it = s.nominal.find(&decl); it != s.nominal.end()) return it->second;
  ir::Type type;
  type.name = decl.name.text.str();
  if (auto* enumeration = std::get_if<syntax::EnumDecl>(&decl.as)) {
    type.kind = TK::Enum;
    for (const syntax::Enumerator& value : enumeration->values) {
      ir::Field field;
      field.name = value.name.text.str();
      Place place{.scope = &unit.scope, .unit = &unit};
      if (value.text)
        if (auto text = checkConstant(s, *value.text, place, basic(TK::String),
                                      "the text of an enumerator"))
          field.value = *text;
      for (const ir::Field& old : type.fields)
        if (old.name == field.name)
          s.report(value.name.range,
                   diag::DuplicateName{.name = field.name, .firstAt = decl.name.range});
      type.fields.push_back(std::move(field));
    }
    ir::TypeId id = s.module.types.add(std::move(type));
    s.nominalOf[id] = &decl;
    return s.nominal[&decl] = id;
  }
  type.kind = TK::Record;
  ir::TypeId id = s.module.types.add(type);
  s.nominal[&decl] = id;
  s.nominalOf[id] = &decl;
  s.openRecords.push_back(id);
  std::vector<ir::Field> fields;
  Place place{.scope = &unit.scope, .unit = &unit};
  for (const syntax::Param& param : std::get<syntax::RecordDecl>(decl.as).fields) {
    ir::Field field;
    field.name = param.name.text.str();
    field.key = param.key;
    field.type = param.type ? resolveType(s, *param.type, place) : basic(TK::Error);
    if (llvm::is_contained(s.openRecords, field.type)) {
      s.report(param.type->range, diag::RecordHoldsItself{.record = typeText(s, field.type)});
      field.type = basic(TK::Error);
    }
    if (param.value)
      field.value =
          checkConstant(s, *param.value, place, field.type, "the default of `" + field.name + "`");
    for (const ir::Field& old : fields)
      if (old.name == field.name)
        s.report(param.name.range,
                 diag::DuplicateName{.name = field.name, .firstAt = decl.name.range});
    fields.push_back(std::move(field));
  }
  s.openRecords.pop_back();
  s.module.types.edit(id).fields = std::move(fields);
  return id;
}

/// Attributes of a kind: probe and key fields have meaning here, the rest is carried as text.
static void kindAttributes(Session& s, const syntax::KindDecl& decl, ir::Kind& kind, Place& place) {
  for (const syntax::KindAttr& attr : decl.attrs) {
    StringRef name = attr.name.text;
    if (name == "key") {
      for (const syntax::Param& param : attr.fields) {
        ir::Field field;
        field.name = param.name.text.str();
        field.key = true;
        field.type = param.type ? resolveType(s, *param.type, place) : basic(TK::Error);
        if (!llvm::is_contained({TK::Int, TK::String, TK::Date, TK::Error},
                                s.module.types[field.type].kind))
          s.report(param.range, diag::KeyType{.key = field.name, .type = typeText(s, field.type)});
        kind.keys.push_back(std::move(field));
      }
      continue;
    }
    if (name == "probe" || name == "magic" || name == "schema") {
      Place inner = place;  // `@{path}` in a probe is the file
      inner.scope = s.newScope(place.scope);
      Symbol file;
      file.operand =
          s.constantOperand(ir::Value::text("\"$path\""), basic(TK::String), attr.name.range);
      if (name == "probe") inner.scope->names["path"] = file;
      auto text = attr.value ? checkConstant(s, *attr.value, inner, basic(TK::String),
                                             "`" + name.str() + "`")
                             : std::nullopt;
      if (!text) continue;
      (name == "probe" ? kind.probe : name == "magic" ? kind.magic : kind.schema) = text->s;
      continue;
    }
    Range range = attr.value ? attr.value->range : attr.name.range;
    if (!attr.tuple.empty())
      range = source::join(attr.tuple.front()->range, attr.tuple.back()->range);
    kind.attrs[name.str()] = s.text(range).str();
  }
}

/// `kind Map(f: Fim) = [extent: Extent, depth: Depth][f]`: the value of the expression is a kind.
static ir::KindId computedKind(Session& s, const syntax::Decl& decl, Unit& unit,
                               ArrayRef<ir::ExprId> args, Range at) {
  const auto& kind = std::get<syntax::KindDecl>(decl.as);
  const syntax::Expr& value = *kind.value;
  bool shapeIsRight = value.kind == syntax::ExprKind::Index &&
                      value.a->kind == syntax::ExprKind::Map && value.items.size() == 1 &&
                      kind.params.size() == 1;
  if (!shapeIsRight || args.size() != 1) {
    s.report(at,
             diag::ComputedKindShape{.kind = decl.name.text.str(), .declaredAt = decl.name.range});
    return {};
  }
  std::optional<ir::Value> arg = s.constantOf(args[0]);
  Place place{.scope = &unit.scope, .unit = &unit};
  ir::TypeId enumType = resolveType(s, *kind.params[0].type, place);
  const std::vector<ir::Field> enumerators = s.module.types[enumType].fields;
  if (s.module.types[enumType].kind != TK::Enum) {
    s.report(kind.params[0].type->range,
             diag::ComputedKindShape{.kind = decl.name.text.str(), .declaredAt = decl.name.range});
    return {};
  }
  std::vector<bool> seen(enumerators.size());
  ir::KindId chosen;
  for (size_t i = 0; i + 1 < value.a->items.size(); i += 2) {
    auto key = checkConstant(s, *value.a->items[i], place, enumType, "a key of the map");
    Found found = findDecl(s, *value.a->items[i + 1], place);
    if (!key || !found.decl) continue;
    ir::KindId each = resolveKind(s, *found.decl, *found.unit, {}, value.a->items[i + 1]->range);
    seen[static_cast<size_t>(key->i)] = true;
    if (arg && arg->i == key->i) chosen = each;
  }
  for (size_t i = 0; i < seen.size(); ++i)
    if (!seen[i])
      s.report(value.a->range,
               diag::MissingMapKey{.key = enumerators[i].name, .type = typeText(s, enumType)});
  return chosen;
}

static std::string extensionOf(Session& s, const ir::Value& written, Range at) {
  StringRef text = written.s, bare = text.ltrim('.');
  if (bare != text || text.empty() || text.contains('/'))
    s.report(
        at, diag::NoExtension{.text = text.str(),
                              .fix = bare.empty() || bare.contains('/')
                                         ? std::nullopt
                                         : std::optional(diag::Fix{at, "\"" + bare.str() + "\""})});
  return bare.str();
}

ir::KindId resolveKind(Session& s, const syntax::Decl& decl, Unit& unit, ArrayRef<ir::ExprId> args,
                       Range at) {
  auto* kind = std::get_if<syntax::KindDecl>(&decl.as);
  if (!kind) {
    s.report(at, diag::NotAType{.name = decl.name.text.str()});
    return {};
  }
  if (kind->value) return computedKind(s, decl, unit, args, at);
  if (auto it = s.kinds.find(&decl); it != s.kinds.end()) return it->second;
  ir::Kind entry;
  entry.name = decl.name.text.str();
  entry.isDir = kind->base.text == "dir";
  entry.loc = s.loc(decl.name.range);
  Place place{.scope = &unit.scope, .unit = &unit};
  if (kind->extension)
    if (auto text = checkConstant(s, *kind->extension, place, basic(TK::String), "the extension"))
      entry.extension = extensionOf(s, *text, kind->extension->range);
  kindAttributes(s, *kind, entry, place);
  s.module.kinds.push_back(std::move(entry));
  ir::KindId id{static_cast<uint32_t>(s.module.kinds.size() - 1)};
  s.kinds[&decl] = id;
  return id;
}

static ir::TypeId namedType(Session& s, const syntax::TypeRef& type, Place& place) {
  StringRef name = type.name.text;
  // Only a kind that is computed has parameters.
  auto plain = [&](ir::TypeId id) {
    if (!type.args.empty()) s.report(type.range, diag::NoTypeArguments{.type = name.str()});
    return id;
  };
  if (name == "file" || name == "dir")
    return plain(s.module.types.artifact(ir::KindId{name == "dir" ? 1u : 0u}));
  if (auto known = ir::basicNamed(name)) return plain(basic(*known));
  const Symbol* symbol = nullptr;
  Range at = type.name.range;
  if (auto dot = name.find('.'); dot != StringRef::npos) {
    const Symbol* module = place.unit->scope.findHere(name.take_front(dot));
    uint32_t end = type.name.range.begin + static_cast<uint32_t>(dot);
    if (module) module->used = true;
    if (module) s.named({type.name.range.file, type.name.range.begin, end}, module->at);
    at.begin = end + 1;
    if (module && module->unit) symbol = module->unit->scope.findHere(name.drop_front(dot + 1));
    if (symbol && symbol->decl && !symbol->decl->exported) {
      s.report(type.range, diag::PrivateName{.name = name.drop_front(dot + 1).str(),
                                             .module = module->unit->name,
                                             .declaredAt = symbol->at});
      return basic(TK::Error);
    }
  } else {
    symbol = place.unit->scope.findHere(name);
  }
  if (!symbol) {
    std::vector<std::string> all = place.unit->scope.visible();
    for (int kind = TK::Bool; kind <= TK::Secret; ++kind)
      all.push_back(ir::basicName(static_cast<TK>(kind)).str());
    for (const char* each : {"file", "dir"}) all.push_back(each);
    s.report(type.range, diag::UnknownType{.name = name.str(), .fix = nearest(s, type.name, all)});
    return basic(TK::Error);
  }
  symbol->used = true;
  s.named(at, symbol->at);
  if (!symbol->decl) {
    s.report(type.range, diag::NotAType{.name = name.str()});
    return basic(TK::Error);
  }
  if (std::holds_alternative<syntax::EnumDecl>(symbol->decl->as) ||
      std::holds_alternative<syntax::RecordDecl>(symbol->decl->as))
    return plain(resolveNominal(s, *symbol->decl, *symbol->unit));
  std::vector<ir::ExprId> args;
  auto* kind = std::get_if<syntax::KindDecl>(&symbol->decl->as);
  if (kind && !kind->value) plain({});
  if (kind && kind->value)
    for (size_t i = 0; i < type.args.size() && i < kind->params.size(); ++i) {
      Place inner{.scope = &symbol->unit->scope, .unit = symbol->unit};
      args.push_back(checkAs(s, *type.args[i], place, resolveType(s, *kind->params[i].type, inner),
                             "the argument"));
    }
  ir::KindId id = resolveKind(s, *symbol->decl, *symbol->unit, args, type.range);
  return id.valid() ? s.module.types.artifact(id) : basic(TK::Error);
}

ir::TypeId resolveType(Session& s, const syntax::TypeRef& type, Place& place) {
  using K = syntax::TypeRef::Kind;
  if (type.kind == K::Hole) return basic(TK::Error);
  if (type.kind == K::Named) return namedType(s, type, place);
  ir::TypeId element = type.element ? resolveType(s, *type.element, place) : basic(TK::Error);
  if (s.isError(element)) return element;
  switch (type.kind) {
    case K::Optional:
      return s.module.types.option(element);
    case K::Some:
    case K::Many:
    case K::List:
      return s.module.types.list(element);
    case K::Map:
      return s.module.types.map(type.key ? resolveType(s, *type.key, place) : basic(TK::Error),
                                element);
    case K::Set:
      if (!isArtifact(s, element)) {
        s.report(type.range, diag::SetOfValues{.type = typeText(s, element)});
        return basic(TK::Error);
      }
      return s.module.types.set(element);
    default:
      return basic(TK::Error);
  }
}

bool convertible(const Session& s, ir::TypeId from, ir::TypeId to, const ir::Value* constant) {
  if (from == to || s.isError(from) || s.isError(to)) return true;
  const ir::Type &a = s.module.types[from], &b = s.module.types[to];
  if (b.kind == TK::Option)
    return a.kind == TK::None || convertible(s, from, b.element, constant) ||
           (a.kind == TK::Option && convertible(s, a.element, b.element, nullptr));
  if (a.kind == TK::Int && b.kind == TK::Float) return true;
  if (a.kind == TK::String && b.kind == TK::Path) return true;
  if (a.kind == TK::Date && b.kind == TK::Instant) return true;
  if (a.kind == TK::Artifact && b.kind == TK::Path) return true;
  if (a.kind == TK::Path && b.kind == TK::Artifact)
    return true;  // a file from outside; its probe is the kind's
  if (a.kind == TK::Artifact &&
      b.kind == TK::Artifact)  // any kind where just `file` or `dir` is asked
    return b.artifact.index() < 2 && s.module[a.artifact].isDir == s.module[b.artifact].isDir;
  if (a.kind == TK::Set && b.kind == TK::List) return convertible(s, a.element, b.element, nullptr);
  if (a.kind == TK::Set && b.kind == TK::Artifact) return b.artifact.index() == 1;
  if (a.kind == TK::List && b.kind == TK::List)
    return (constant && constant->size() == 0) || convertible(s, a.element, b.element, nullptr);
  if (a.kind == TK::Map && b.kind == TK::Map)
    return a.key == b.key && convertible(s, a.element, b.element, nullptr);
  return false;
}

/// What the user should write instead, for the commonest mistakes with units.
static std::string unitHint(TK to) {
  switch (to) {
    case TK::Duration:
      return "a duration has a unit: `8h`, `15min`, `30s`, `2d`";
    case TK::Bytes:
      return "a size has a unit: `176GiB`, `20GB`, `512MiB`";
    case TK::Length:
      return "a length has a unit: `10m`, `5km`";
    case TK::Date:
      return "a date is written `2025-01-31`";
    default:
      return {};
  }
}

/// A date is its midnight, and some hours after it an instant, where else only days are added.
static ir::ExprId asInstant(Session& s, ir::ExprId date, Range at) {
  const ir::Expr expr = s.module[date];
  if (s.module.types[expr.type].kind != TK::Date) return date;
  bool isMoved = (expr.op == ir::Op::Add || expr.op == ir::Op::Sub) && expr.args.size() == 2;
  if (!isMoved) return s.make(ir::Op::Call, basic(TK::Instant), {date}, at, "instant");
  return s.make(expr.op, basic(TK::Instant), {asInstant(s, expr.args[0], at), expr.args[1]}, at);
}

ir::ExprId convert(Session& s, const Operand& operand, ir::TypeId to, StringRef what) {
  return convert(s, operand, to, Asked{what, {}, {}});
}

ir::ExprId convert(Session& s, const Operand& operand, ir::TypeId to, Asked asked) {
  if (operand.kind != Operand::Value || s.isError(operand.type) || s.isError(to))
    return operand.expr.valid() ? operand.expr : s.errorExpr(operand.range);
  std::optional<ir::Value> constant = s.constantOf(operand.expr);
  if (!convertible(s, operand.type, to, constant ? &*constant : nullptr)) {
    const ir::Type& target = s.module.types[to];
    TK wanted = target.kind == TK::Option ? s.module.types[target.element].kind : target.kind;
    TK given = s.module.types[operand.type].kind;
    bool isNumber = given == TK::Int || given == TK::Float;
    if (isNumber && !unitHint(wanted).empty())
      s.report(operand.range,
               diag::MissingUnit{
                   .what = asked.what.str(), .type = typeText(s, to), .hint = unitHint(wanted)});
    else
      s.report(operand.range, diag::TypeMismatch{.what = asked.what.str(),
                                                 .expected = typeText(s, to),
                                                 .found = typeText(s, operand.type),
                                                 .hint = std::move(asked.hint),
                                                 .declaredAt = asked.declaredAt});
    return s.errorExpr(operand.range);
  }
  const ir::Type& a = s.module.types[operand.type];
  ir::Type b = s.module.types[to];
  if (b.kind == TK::Option && a.kind != TK::None && a.kind != TK::Option)
    b = s.module.types[b.element];
  if (operand.isRounded && b.kind == TK::Float)
    s.report(operand.range, diag::RoundedDivision{.text = s.text(operand.range).str()});
  if (a.kind == TK::Int && b.kind == TK::Float)
    return s.make(ir::Op::ToFloat, basic(TK::Float), {operand.expr}, operand.range);
  if (constant && a.kind == TK::String && b.kind == TK::Path)
    return s.constant(ir::Value::text(constant->s, ir::Value::Path), basic(TK::Path),
                      operand.range);
  if (constant && a.kind == TK::Path && b.kind == TK::Artifact) {
    ir::Value file = ir::Value::text(constant->s, ir::Value::File);
    file.type = to;
    file.j = 1;
    return s.constant(std::move(file), to, operand.range);
  }
  if (a.kind == TK::Date && b.kind == TK::Instant) return asInstant(s, operand.expr, operand.range);
  if (a.kind == TK::List && b.kind == TK::List && s.module.types[a.element].kind == TK::Int &&
      s.module.types[b.element].kind == TK::Float && constant) {
    std::vector<ir::Value> items;
    for (size_t i = 0; i < constant->size(); ++i)
      items.push_back(ir::Value::real(static_cast<double>(constant->at(i).i)));
    return s.constant(ir::Value::composite(ir::Value::List, std::move(items)), to, operand.range);
  }
  return operand.expr;
}

}  // namespace wfc::check
