// Ordered sets: sweeps (product, zip, vary, rows, records), ranges, cycles, files, batches and
// groups. They stay symbolic: a product of two ranges is two ranges.
#include <algorithm>

#include "llvm/ADT/StringSwitch.h"

#include "compiler/check/flow.h"
#include "compiler/check/names.h"
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

Operand spaceOperand(Session& s, ir::Space space, Range range) {
  space.loc = s.loc(range);
  s.module.spaces.push_back(std::move(space));
  Operand operand;
  operand.kind = Operand::Space;
  operand.space = ir::SpaceId{static_cast<uint32_t>(s.module.spaces.size() - 1)};
  operand.range = range;
  return operand;
}

bool isSweep(StringRef name) {
  return name == "product" || name == "zip" || name == "vary" || name == "rows" ||
         name == "records" || name == "files";
}

std::optional<ir::SpaceId> asSpace(Session& s, const Operand& operand, Place& place) {
  if (operand.kind == Operand::Error) return std::nullopt;
  if (operand.kind == Operand::Space) return operand.space;
  if (operand.kind == Operand::Made) {
    auto ref = reference(s, operand, place, false);
    if (!ref) return std::nullopt;
    ir::Space space;
    const ir::Type type =
        s.module.types[operand.refType.valid() ? operand.refType : basic(TK::Error)];
    const bool isSingle = s.module.refs[ref->index()].single;
    bool oneSet = type.kind == TK::Set && isSingle;
    if (isSingle && !oneSet) {
      s.report(operand.range, diag::NotASet{.type = typeText(s, operand.refType)});
      return std::nullopt;
    }
    space.kind = oneSet ? ir::Space::SetOf : ir::Space::Members;
    space.element = type.kind == TK::Set ? type.element : operand.refType;
    space.ref = *ref;
    return spaceOperand(s, std::move(space), operand.range).space;
  }
  if (operand.kind == Operand::Value && s.module.types[operand.type].kind == TK::List) {
    std::optional<ir::Value> list = s.constantOf(operand.expr);
    if (list) {
      ir::Space space;
      space.element = s.module.types[operand.type].element;
      for (size_t i = 0; i < list->size(); ++i) {
        for (const ir::Value& old : space.values)
          if (space.values.size() < 1000 && old == list->at(i))
            s.report(operand.range, diag::DuplicateElement{.element = ir::toText(s.module, old)});
        space.values.push_back(list->at(i));
      }
      return spaceOperand(s, std::move(space), operand.range).space;
    }
    // A list that depends on an outer loop's element (`for e in experiments, t in e.tests`): read
    // when the outer one is known.
    ir::Space space;
    space.kind = ir::Space::List;
    space.element = s.module.types[operand.type].element;
    space.by.push_back(operand.expr);
    return spaceOperand(s, std::move(space), operand.range).space;
  }
  s.report(
      operand.range,
      diag::NotASet{.type = operand.kind == Operand::Value ? typeText(s, operand.type) : "flow"});
  return std::nullopt;
}

/// A set that another is built on, which cannot be a list that differs from turn to turn.
static std::optional<ir::SpaceId> baseSpace(Session& s, const Expr& expr, Place& place) {
  auto space = asSpace(s, checkExpr(s, expr, place), place);
  if (!space || !isNestedList(s, *space)) return space;
  s.report(expr.range, diag::SetIsNotAList{});
  return std::nullopt;
}

/// Record type with the names and element types of a product or zip.
static ir::TypeId recordOf(Session& s, const Expr& call, const std::vector<ir::SpaceId>& factors) {
  ir::Type record;
  record.kind = TK::Record;
  for (size_t i = 0; i < factors.size(); ++i) {
    ir::Field field;
    field.name = call.args[i].name.text.str();
    field.type = s.module[factors[i]].element;
    record.fields.push_back(std::move(field));
  }
  return s.module.types.add(std::move(record));
}

static std::optional<std::vector<ir::SpaceId>> checkFactors(Session& s, const Expr& call,
                                                            Place& place) {
  std::vector<ir::SpaceId> factors;
  for (const syntax::Arg& arg : call.args) {
    if (!arg.name || !arg.value) {
      s.report(arg.value ? arg.value->range : arg.name.range,
               diag::SweepNeedsNames{.function = call.a->name.text.str()});
      return std::nullopt;
    }
    auto space = baseSpace(s, *arg.value, place);
    if (!space) return std::nullopt;
    if (!ir::isStatic(s.module, *space)) {
      s.report(arg.value->range, diag::SetIsNotAList{});
      return std::nullopt;
    }
    factors.push_back(*space);
  }
  if (factors.empty())
    s.report(call.range, diag::SweepNeedsNames{.function = call.a->name.text.str()});
  return factors.empty() ? std::nullopt : std::optional(factors);
}

static Operand checkProduct(Session& s, const Expr& call, Place& place) {
  auto factors = checkFactors(s, call, place);
  if (!factors) return s.errorOperand(call.range);
  ir::Space space;
  space.kind = ir::Space::Product;
  space.factors = *factors;
  space.element = recordOf(s, call, *factors);
  return spaceOperand(s, std::move(space), call.range);
}

static Operand checkZip(Session& s, const Expr& call, Place& place) {
  auto factors = checkFactors(s, call, place);
  if (!factors) return s.errorOperand(call.range);
  uint64_t size = ir::sizeOf(s.module, factors->front());
  for (size_t i = 1; i < factors->size(); ++i)
    if (uint64_t other = ir::sizeOf(s.module, (*factors)[i]); other != size) {
      s.report(call.range, diag::ZipLengths{.first = std::to_string(size),
                                            .second = std::to_string(other),
                                            .firstAt = call.args[0].value->range,
                                            .secondAt = call.args[i].value->range});
      return s.errorOperand(call.range);
    }
  ir::Space space;
  space.element = recordOf(s, call, *factors);
  for (uint64_t i = 0; i < size; ++i) {
    std::vector<ir::Value> fields;
    for (ir::SpaceId factor : *factors) fields.push_back(ir::elementAt(s.module, factor, i));
    space.values.push_back(
        ir::Value::composite(ir::Value::Record, std::move(fields), space.element));
  }
  return spaceOperand(s, std::move(space), call.range);
}

/// `vary(base, field: [values], …)`: the base, then each axis's values with the others at their
/// base; equal points are one.
static Operand checkVary(Session& s, const Expr& call, Place& place) {
  if (call.args.empty() || !call.args[0].value) {
    s.report(call.range, diag::VaryNeedsBase{});
    return s.errorOperand(call.range);
  }
  Operand base = asValue(s, checkExpr(s, *call.args[0].value, place), place);
  if (base.kind == Operand::Error) return base;
  std::optional<ir::Value> record = s.constantOf(base.expr);
  if (!record || record->kind != ir::Value::Record) {
    s.report(base.range, diag::VaryNeedsBase{});
    return s.errorOperand(call.range);
  }
  const std::vector<ir::Field> fields = s.module.types[base.type].fields;
  ir::Space space;
  space.element = base.type;
  ir::Value origin = *record;
  space.values.push_back(origin);
  Session::Axes axes{origin, {}};
  for (const syntax::Arg& arg : call.args.drop_front()) {
    auto field = std::find_if(fields.begin(), fields.end(),
                              [&](const ir::Field& f) { return f.name == arg.name.text; });
    if (!arg.name) {
      s.report(arg.value->range, diag::SweepNeedsNames{.function = "vary"});
      continue;
    }
    if (field == fields.end() || !arg.value) {
      std::vector<std::string> known;
      for (const ir::Field& each : fields) known.push_back(each.name);
      reportMember(s, arg.name, typeText(s, base.type), known);
      continue;
    }
    auto values = checkConstant(s, *arg.value, place, s.module.types.list(field->type),
                                "the values of an axis");
    if (!values) continue;
    axes.names.push_back(field->name);
    for (size_t i = 0; i < values->size(); ++i) {
      std::vector<ir::Value> items = *origin.items;
      items[static_cast<size_t>(field - fields.begin())] = values->at(i);
      ir::Value point = ir::Value::composite(ir::Value::Record, std::move(items), base.type);
      if (std::find(space.values.begin(), space.values.end(), point) == space.values.end())
        space.values.push_back(std::move(point));
    }
  }
  s.axes[base.type] = std::move(axes);
  return spaceOperand(s, std::move(space), call.range);
}

static Operand checkFiles(Session& s, const Expr& call, Place& place) {
  if (call.args.size() != 1 || !call.args[0].value) {
    s.report(call.range,
             diag::NoSuchSignature{
                 .function = "files", .given = "", .signatures = "`files(String) -> set of Path`"});
    return s.errorOperand(call.range);
  }
  auto glob = checkConstant(s, *call.args[0].value, place, basic(TK::String), "the pattern");
  if (!glob) return s.errorOperand(call.range);
  ir::Space space;
  space.kind = ir::Space::Files;
  space.text = glob->s;
  space.element = basic(TK::Path);
  return spaceOperand(s, std::move(space), call.range);
}

Operand checkSweep(Session& s, const Expr& call, Place& place) {
  StringRef name = call.a->name.text;
  if (name == "product") return checkProduct(s, call, place);
  if (name == "zip") return checkZip(s, call, place);
  if (name == "vary") return checkVary(s, call, place);
  if (name == "files") return checkFiles(s, call, place);
  s.report(call.range, diag::RowsNeedType{.function = name.str()});
  return s.errorOperand(call.range);
}

/// For each field of a record which field of another it is made from, -1 for its default; none,
/// with a report, where that does not go.
static std::optional<std::vector<int>> sourcesOf(Session& s, ir::TypeId element, ir::TypeId target,
                                                 Range range) {
  const std::vector<ir::Field> from = s.module.types[element].fields,
                               to = s.module.types[target].fields;
  std::vector<int> source(to.size(), -1);
  bool ok = s.module.types[element].kind == TK::Record && s.module.types[target].kind == TK::Record;
  for (size_t i = 0; ok && i < to.size(); ++i) {
    for (size_t j = 0; j < from.size(); ++j)
      if (from[j].name == to[i].name) source[i] = static_cast<int>(j);
    if (source[i] >= 0 &&
        !convertible(s, from[static_cast<size_t>(source[i])].type, to[i].type, nullptr)) {
      s.report(range,
               diag::TypeMismatch{.what = "`" + to[i].name + "`",
                                  .expected = typeText(s, to[i].type),
                                  .found = typeText(s, from[static_cast<size_t>(source[i])].type),
                                  .hint = "",
                                  .declaredAt = {}});
      return std::nullopt;
    }
    if (source[i] < 0 && !to[i].value && s.module.types[to[i].type].kind != TK::Option) {
      s.report(range, diag::IncompleteRecord{.type = typeText(s, target), .field = to[i].name});
      return std::nullopt;
    }
  }
  for (const ir::Field& field : from)
    if (ok && std::none_of(to.begin(), to.end(),
                           [&](const ir::Field& f) { return f.name == field.name; })) {
      s.report(range, diag::UnknownMember{
                          .name = field.name, .owner = typeText(s, target), .hint = "", .fix = {}});
      return std::nullopt;
    }
  if (!ok) {
    s.report(range, diag::TypeMismatch{.what = "this set",
                                       .expected = typeText(s, target),
                                       .found = typeText(s, element),
                                       .hint = "",
                                       .declaredAt = {}});
    return std::nullopt;
  }
  return source;
}

/// The elements of a sweep as records of a declared type: fields by name, defaults filled in.
static Operand castSpace(Session& s, const Operand& operand, ir::TypeId target, Range range) {
  const ir::Space space = s.module[operand.space];
  if (space.element == target) return operand;
  std::optional<std::vector<int>> sources = sourcesOf(s, space.element, target, range);
  if (!sources) return s.errorOperand(range);
  const std::vector<int>& source = *sources;
  const std::vector<ir::Field> from = s.module.types[space.element].fields,
                               to = s.module.types[target].fields;
  // A product whose fields are exactly those of the record stays symbolic; all else is written out.
  bool exact = space.kind == ir::Space::Product && from.size() == to.size();
  for (size_t i = 0; i < to.size(); ++i)
    exact = exact && source[i] == static_cast<int>(i) && from[i].type == to[i].type;
  ir::Space result;
  result.element = target;
  if (exact) {
    result.kind = ir::Space::Product;
    result.factors = space.factors;
    return spaceOperand(s, std::move(result), range);
  }
  uint64_t size = ir::sizeOf(s.module, operand.space);
  for (uint64_t n = 0; n < size && size != ir::kOpen; ++n) {
    ir::Value element = ir::elementAt(s.module, operand.space, n);
    std::vector<ir::Value> items;
    for (size_t i = 0; i < to.size(); ++i) {
      ir::Value item = source[i] >= 0 ? element.at(static_cast<size_t>(source[i]))
                       : to[i].value  ? *to[i].value
                                      : ir::Value::none();
      if (item.kind == ir::Value::Int && s.module.types[to[i].type].kind == TK::Float)
        item = ir::Value::real(static_cast<double>(item.i));
      if (item.kind == ir::Value::String && s.module.types[to[i].type].kind == TK::Path)
        item.kind = ir::Value::Path;
      items.push_back(std::move(item));
    }
    result.values.push_back(ir::Value::composite(ir::Value::Record, std::move(items), target));
  }
  return spaceOperand(s, std::move(result), range);
}

/// `"in/a.pt" as Model`: a path that nothing in the flow makes, as a file of a kind.
static std::optional<Operand> outsideFile(Session& s, const Operand& operand, ir::TypeId target,
                                          Range range) {
  std::optional<ir::Value> path;
  if (operand.kind == Operand::Value && isArtifact(s, target)) path = s.constantOf(operand.expr);
  if (!path || (path->kind != ir::Value::String && path->kind != ir::Value::Path))
    return std::nullopt;
  ir::Value file = ir::Value::text(path->s, ir::Value::File);
  file.type = target;
  file.j = 1;  // from outside, as a parameter's file is
  return s.constantOperand(std::move(file), target, range);
}

Operand checkCast(Session& s, const Expr& expr, Place& place) {
  ir::TypeId target = resolveType(s, *expr.type, place);
  if (s.isError(target)) return s.errorOperand(expr.range);
  bool isTable = expr.a->kind == ExprKind::Call && expr.a->a->kind == ExprKind::Name &&
                 (expr.a->a->name.text == "rows" || expr.a->a->name.text == "records");
  if (isTable) {
    auto values = readTable(s, *expr.a, place, target);
    if (!values) return s.errorOperand(expr.range);
    ir::Space space;
    space.element = target;
    space.values = std::move(*values);
    return spaceOperand(s, std::move(space), expr.range);
  }
  Operand operand = checkExpr(s, *expr.a, place, target);
  if (operand.kind == Operand::Space && isArtifact(s, target) &&
      s.module[operand.space].kind == ir::Space::Files) {
    s.module.spaces[operand.space.index()].element = target;
    return operand;
  }
  if (operand.kind == Operand::Space) return castSpace(s, operand, target, expr.range);
  operand = asValue(s, operand, place);
  if (auto file = outsideFile(s, operand, target, expr.range)) return *file;
  return operand.kind == Operand::Error ? operand
                                        : s.value(convert(s, operand, target, "this"), expr.range);
}

Operand checkRange(Session& s, const Expr& expr, Place& place) {
  if (!expr.a || !expr.b) {
    s.report(expr.range, diag::OnlyInBrackets{.what = "an open range"});
    return s.errorOperand(expr.range);
  }
  auto lo = checkConstant(s, *expr.a, place, basic(TK::Int), "the start of a range");
  auto hi = checkConstant(s, *expr.b, place, basic(TK::Int), "the end of a range");
  if (!lo || !hi) return s.errorOperand(expr.range);
  ir::Space space;
  space.kind = ir::Space::Range;
  space.lo = lo->i;
  space.hi = hi->i;
  space.step = ir::Value::integer(expr.kind == ExprKind::DownTo ? -1 : 1);
  space.n = space.step.i;
  space.element = basic(TK::Int);
  bool backwards = expr.kind == ExprKind::Range ? hi->i < lo->i - 1 : hi->i > lo->i + 1;
  if (backwards) {
    s.report(expr.range, diag::EmptyRange{.lo = std::to_string(lo->i),
                                          .hi = std::to_string(hi->i),
                                          .hint = expr.kind == ExprKind::Range
                                                      ? "a falling range is written `a down to b`"
                                                      : "a rising range is written `a .. b`"});
    return s.errorOperand(expr.range);
  }
  return spaceOperand(s, std::move(space), expr.range);
}

Operand checkStep(Session& s, const Expr& expr, Place& place) {
  auto base = baseSpace(s, *expr.a, place);
  int64_t n = checkCount(s, *expr.b, place, "the step");
  if (!base || n < 1) return s.errorOperand(expr.range);
  ir::Space space;
  space.kind = ir::Space::EveryNth;
  space.base = *base;
  space.n = n;
  space.element = s.module[*base].element;
  return spaceOperand(s, std::move(space), expr.range);
}

/// A zone whose days have 23 or 25 hours is a table of history, which this program does not carry.
static bool isUtc(Session& s, const Expr& expr, Place& place) {
  auto zone = checkConstant(s, expr, place, basic(TK::String), "the zone of a cycle");
  if (!zone || zone->s == "UTC") return zone.has_value();
  s.report(expr.range, diag::OnlyUtc{.zone = zone->s});
  return false;
}

Operand checkCycle(Session& s, const Expr& expr, Place& place) {
  auto step = checkConstant(s, *expr.a, place, basic(TK::Duration), "the step of a cycle");
  Operand from = asValue(s, checkExpr(s, *expr.b, place), place);
  Operand until = expr.c ? asValue(s, checkExpr(s, *expr.c, place), place) : Operand{};
  if (!step || from.kind == Operand::Error || (expr.c && until.kind == Operand::Error))
    return s.errorOperand(expr.range);
  auto seconds = [&](const Operand& operand) -> std::optional<int64_t> {
    std::optional<ir::Value> value = s.constantOf(operand.expr);
    if (value && value->kind == ir::Value::Date) return value->i * 86400;
    if (value && value->kind == ir::Value::Instant) return value->i;
    s.report(operand.range, diag::TypeMismatch{.what = "the bound of a cycle",
                                               .expected = "a constant Date or Time",
                                               .found = typeText(s, operand.type),
                                               .hint = "",
                                               .declaredAt = {}});
    return std::nullopt;
  };
  if (!expr.items.empty() && !isUtc(s, *expr.items.front(), place))
    return s.errorOperand(expr.range);
  auto lo = seconds(from);
  auto hi = expr.c ? seconds(until) : std::optional<int64_t>(INT64_MAX);
  if (!lo || !hi) return s.errorOperand(expr.range);
  bool positive = step->j > 0 || step->i > 0;
  if (!positive || step->j < 0 || step->i < 0 || step->i % 1000 != 0) {
    s.report(expr.a->range, diag::BadStep{.step = ir::toText(s.module, *step)});
    return s.errorOperand(expr.range);
  }
  if (*hi < *lo) {
    s.report(expr.range, diag::EmptyRange{.lo = ir::instantText(*lo),
                                          .hi = ir::instantText(*hi),
                                          .hint = "`until` bounds the starts, inclusive"});
    return s.errorOperand(expr.range);
  }
  bool dates = s.module.types[from.type].kind == TK::Date && step->i % 86400000 == 0;
  ir::Space space;
  space.kind = ir::Space::Cycle;
  space.lo = *lo;
  space.hi = *hi;
  space.step = *step;
  space.element = s.module.types.span(dates);
  return spaceOperand(s, std::move(space), expr.range);
}

Operand checkBatches(Session& s, const Expr& expr, Place& place) {
  auto base = baseSpace(s, *expr.a, place);
  int64_t n = checkCount(s, *expr.b, place, "the size of a batch");
  if (!base || n < 1) return s.errorOperand(expr.range);
  ir::Space space;
  space.kind = ir::Space::Batches;
  space.base = *base;
  space.n = n;
  space.element = s.module.types.list(s.module[*base].element);
  return spaceOperand(s, std::move(space), expr.range);
}

Operand checkGrouped(Session& s, const Expr& expr, Place& place) {
  auto base = baseSpace(s, *expr.a, place);
  if (!base) return s.errorOperand(expr.range);
  ir::Space space;
  space.kind = ir::Space::Groups;
  space.base = *base;
  space.element = s.module.types.list(s.module[*base].element);
  for (const Expr* by : expr.items)
    space.text += (space.text.empty() ? "" : " and ") + s.text(by->range).str();
  return spaceOperand(s, std::move(space), expr.range);
}

}  // namespace wfc::check
