// References: brackets, quantifiers, `otherwise`, and the proof that an index lies in its
// producer's space (a recurrence states its base case or does not compile).
#include "compiler/check/operators.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::Expr;
using syntax::ExprKind;

Operand referTo(Session& s, const Made& made, Range range) {
  Operand operand;
  operand.kind = made.families.empty() ? Operand::Error : Operand::Made;
  operand.made = &made;
  operand.range = range;
  operand.ref.families = made.families;
  if (made.families.empty() || made.broken) return s.errorOperand(range);
  const ir::Family& family = s.module[made.families.front()];
  if (family.role != ir::Family::Work) return operand;
  const ir::Task& task = s.module[family.task];
  int value = -1, files = 0;
  for (size_t i = 0; i < task.outputs.size(); ++i)
    if (static_cast<int>(i) != task.resume.output &&
        (!task.outputs[i].small || task.outputs.size() == 1))
      value = static_cast<int>(i), ++files;
  if (files == 1) {
    operand.ref.output = static_cast<uint32_t>(value);
    operand.refType = task.outputs[static_cast<size_t>(value)].type;
  }
  return operand;
}

Operand operandOf(Session& s, const Symbol& symbol, Range range) {
  Operand operand = symbol.kind == Symbol::Made ? referTo(s, *symbol.made, range) : symbol.operand;
  operand.range = range;
  if (!symbol.onlyOutput.empty()) operand.onlyOutput = symbol.onlyOutput;
  return operand;
}

static size_t sharedLoops(const Place& place, const std::vector<ir::LoopId>& loops) {
  size_t n = 0;
  while (n < loops.size() && n < place.loops.size() && loops[n] == place.loops[n]) ++n;
  return n;
}

/// `w - 1`: the element and the steps. Integers are arithmetic and keep no steps.
static bool splitStep(Session& s, const Expr& item, Place& place, Operand& element,
                      int64_t& steps) {
  steps = 0;
  bool additive = item.kind == ExprKind::Binary && (item.text == "+" || item.text == "-");
  if (additive) {
    Operand right = asValue(s, checkExpr(s, *item.b, place), place);
    std::optional<ir::Value> n;
    if (right.kind == Operand::Value) n = s.constantOf(right.expr);
    element = asValue(s, checkExpr(s, *item.a, place), place);
    if (element.kind == Operand::Error) return false;
    TK kind = s.module.types[element.type].kind;
    if (n && n->kind == ir::Value::Int && kind != TK::Int) {
      if (s.constantOf(element.expr)) {
        s.report(item.range, diag::StepFromKey{.key = s.text(item.a->range).str()});
        return false;
      }
      steps = item.text == "-" ? -n->i : n->i;
      return true;
    }
  }
  element = asValue(s, checkExpr(s, item, place), place);
  return element.kind != Operand::Error;
}

/// Converts an index to the element type of the space; a Date or Time may stand for the window that
/// starts there.
static ir::ExprId indexValue(Session& s, const Operand& element, ir::TypeId spaceElement) {
  const ir::Type &wanted = s.module.types[spaceElement], &given = s.module.types[element.type];
  if (wanted.kind == TK::Span &&
      (given.kind == TK::Date || given.kind == TK::Instant || given.kind == TK::Span))
    return element.expr;
  if (wanted.kind == TK::Record && given.kind != TK::Record) {
    std::vector<ir::TypeId> keys;
    for (const ir::Field& field : wanted.fields)
      if (field.key) keys.push_back(field.type);
    if (keys.size() == 1) return convert(s, element, keys.front(), "the index");
  }
  return convert(s, element, spaceElement, "the index");
}

static std::optional<ir::IndexPattern> checkPattern(Session& s, const Expr& item, ir::LoopId loop,
                                                    Place& place) {
  ir::IndexPattern pattern;
  ir::TypeId element = s.module[s.module[loop].space].element;
  int64_t steps = 0;
  Operand operand;
  auto bound = [&](const Expr& expr, ir::ExprId& slot) {
    if (!splitStep(s, expr, place, operand, steps)) return false;
    slot = indexValue(s, operand, element);
    return !s.isError(s.module[slot].type);
  };
  switch (item.kind) {
    case ExprKind::Star:
      pattern.kind = ir::IndexPattern::All;
      return pattern;
    case ExprKind::Range:
      pattern.kind = !item.a   ? ir::IndexPattern::UpTo
                     : !item.b ? ir::IndexPattern::From
                               : ir::IndexPattern::Between;
      if (!bound(item.a ? *item.a : *item.b, pattern.a)) return std::nullopt;
      pattern.offset = steps;
      if (item.a && item.b) {
        if (!bound(*item.b, pattern.b)) return std::nullopt;
        pattern.offsetB = steps;
      }
      return pattern;
    case ExprKind::Where: {
      Place inner = place;
      inner.scope = s.newScope(place.scope);
      Symbol variable;
      variable.kind = Symbol::LoopVariable;
      variable.loop = loop;
      define(s, *inner.scope, item.name, variable);
      asSpace(s, checkExpr(s, *item.a, place), place);
      pattern.kind = ir::IndexPattern::Where;
      pattern.a = checkAs(s, *item.b, inner, basic(TK::Bool), "the condition");
      return pattern;
    }
    default:
      pattern.kind = ir::IndexPattern::At;
      if (!bound(item, pattern.a)) return std::nullopt;
      pattern.offset = steps;
      return pattern;
  }
}

static std::string loopNames(Session& s, ArrayRef<ir::LoopId> loops) {
  std::string all;
  for (ir::LoopId loop : loops) all += (all.empty() ? "" : ", ") + s.module[loop].variable;
  return all;
}

/// Whether a value is a loop's own variable: an element, or the members of a batch or group.
static bool isVariableOf(Session& s, ir::ExprId value, ir::LoopId loop) {
  const ir::Expr& expr = s.module[value];
  if (expr.op == ir::Op::LoopVar) return expr.index == loop.index();
  return expr.op == ir::Op::Ref && s.module[ir::RefId(expr.index)].loop == loop;
}

static Operand indexMade(Session& s, const Expr& expr, Operand base, Place& place) {
  const std::vector<ir::LoopId>& loops = base.made->loops;
  size_t shared = sharedLoops(place, loops), given = expr.items.size();
  size_t around = std::min(shared, base.made->around);
  if (given != loops.size() && given + shared != loops.size() && given + around != loops.size()) {
    ArrayRef<ir::LoopId> own = ArrayRef(loops).drop_front(around);
    s.report(expr.range,
             diag::IndexCount{.name = base.made->name,
                              .given = std::to_string(given),
                              .wanted = std::to_string(own.size()),
                              .loops = own.empty() ? "nothing, but once" : loopNames(s, own),
                              .madeAt = base.made->at});
    return s.errorOperand(expr.range);
  }
  base.indexed = true;
  base.range = expr.range;
  base.ref.indices.clear();
  size_t skip = loops.size() - given;
  for (size_t i = 0; i < skip; ++i) base.ref.indices.emplace_back();
  for (size_t i = 0; i < given; ++i) {
    auto pattern = checkPattern(s, *expr.items[i], loops[skip + i], place);
    if (!pattern) return s.errorOperand(expr.range);
    bool sameLoop = pattern->kind == ir::IndexPattern::At && pattern->offset == 0 &&
                    skip + i < shared && isVariableOf(s, pattern->a, loops[skip + i]);
    if (sameLoop) pattern->kind = ir::IndexPattern::Same, pattern->a = {};
    base.ref.indices.push_back(*pattern);
  }
  return base;
}

Operand checkIndex(Session& s, const Expr& expr, Place& place) {
  ir::TypeId expected;
  if (expr.a->kind == ExprKind::Map &&
      expr.items.size() ==
          1) {  // `[draft: 1GiB, final: 4GiB][quality]`: the index says what the keys are
    Operand index = asValue(s, checkExpr(s, *expr.items[0], place), place);
    if (index.kind == Operand::Value) expected = s.module.types.map(index.type, basic(TK::Error));
  }
  Operand base = checkExpr(s, *expr.a, place, expected);
  if (base.kind == Operand::Made && base.made) return indexMade(s, expr, base, place);
  base = asValue(s, base, place);
  if (base.kind == Operand::Error) return base;
  const ir::Type type = s.module.types[base.type];
  if (expr.items.size() != 1 || (type.kind != TK::Map && type.kind != TK::List)) {
    s.report(expr.range, diag::NotIndexable{.type = typeText(s, base.type)});
    return s.errorOperand(expr.range);
  }
  ir::TypeId key = type.kind == TK::Map ? type.key : basic(TK::Int);
  ir::ExprId index = checkAs(s, *expr.items[0], place, key, "the index");
  return s.value(s.make(ir::Op::Index, type.element, {base.expr, index}, expr.range), expr.range);
}

Operand checkQuantifier(Session& s, const Expr& expr, Place& place) {
  Operand base = checkExpr(s, *expr.b, place);
  if (base.kind != Operand::Made) {
    if (base.kind != Operand::Error) s.report(expr.b->range, diag::NotAReference{});
    return s.errorOperand(expr.range);
  }
  base.range = expr.range;
  switch (expr.kind) {
    case ExprKind::Stream:
      base.ref.stream = true;
      return base;
    case ExprKind::AnyOf:
      base.ref.demand = ir::Demand::AtLeast;
      base.ref.count = s.constant(ir::Value::integer(1), basic(TK::Int), expr.range);
      return base;
    default:
      base.ref.demand = expr.kind == ExprKind::AtLeast ? ir::Demand::AtLeast : ir::Demand::First;
      base.ref.count = checkAs(s, *expr.a, place, basic(TK::Int), "the count");
      return base;
  }
}

Operand checkOtherwise(Session& s, const Expr& expr, Place& place, ir::TypeId expected) {
  Operand base = checkExpr(s, *expr.a, place, expected);
  Operand other = asValue(s, checkExpr(s, *expr.b, place, expected), place);
  if (base.kind != Operand::Made ||
      base.ref.otherwise.valid()) {  // nor does a second `otherwise` follow the first
    if (base.kind != Operand::Error) s.report(expr.a->range, diag::NotAReference{});
    return s.errorOperand(expr.range);
  }
  if (other.kind == Operand::Error) return other;
  ir::TypeId type = base.refType.valid() ? common(s, base.refType, other.type) : ir::TypeId{};
  if (!type.valid()) {
    s.report(expr.range, diag::BranchTypes{
                             .first = base.refType.valid() ? typeText(s, base.refType) : "nothing",
                             .second = typeText(s, other.type),
                             .firstAt = expr.a->range,
                             .secondAt = expr.b->range});
    return s.errorOperand(expr.range);
  }
  base.ref.otherwise = convert(s, other, type, "this");
  base.ref.ifMade = expr.kind == ExprKind::IfMade;
  std::vector<ir::RefId> refs;
  ir::collectRefs(s.module, base.ref.otherwise, refs);
  for (ir::RefId ref : refs) s.module.refs[ref.index()].fallback = true;
  base.range = expr.range;
  base.type = type;
  return base;
}

namespace {

/// Walks the iterations of the loops an index depends on and asks whether each has a partner in the
/// producer's space.
class InsideProof {
 public:
  InsideProof(Session& s, const Place& place, const ir::IndexPattern& pattern, ir::SpaceId space)
      : s_(s), place_(place), pattern_(pattern), space_(space) {}

  /// The first iteration without a partner, as text; nullopt if all have one or nothing can be
  /// said.
  std::optional<std::string> firstOutside() {
    std::vector<ir::LoopId> loops;
    ir::walk(s_.module, pattern_.a, [&](const ir::Expr& e) {
      bool isVar = e.op == ir::Op::LoopVar || e.op == ir::Op::IsFirst || e.op == ir::Op::IsLast;
      ir::LoopId id{e.index};
      if (isVar && std::find(loops.begin(), loops.end(), id) == loops.end()) loops.push_back(id);
      opaque_ = opaque_ || e.op == ir::Op::Ref;
    });
    if (opaque_ || !ir::isStatic(s_.module, space_) || loops.size() > 1) return std::nullopt;
    if (loops.empty()) return missing({}, 0, 1) ? std::optional(lastKey_) : std::nullopt;
    ir::LoopId loop = loops.front();
    ir::SpaceId domain = s_.module[loop].space;
    if (!ir::isStatic(s_.module, domain)) return std::nullopt;
    uint64_t size = ir::sizeOf(s_.module, domain);
    bool same = domain == space_ && s_.module[pattern_.a].op == ir::Op::LoopVar;
    if (same && pattern_.offset == 0) return std::nullopt;
    // Over its own space only the ends can lie outside; else every element is asked, up to a bound.
    uint64_t reach =
        static_cast<uint64_t>(pattern_.offset < 0 ? -pattern_.offset : pattern_.offset);
    uint64_t begin =
        same && pattern_.offset > 0 && size != ir::kOpen && size > reach ? size - reach : 0;
    uint64_t end =
        same && pattern_.offset < 0 ? std::min(size, reach) : std::min<uint64_t>(size, 100000);
    if (same && pattern_.offset > 0) end = size == ir::kOpen ? 0 : size;
    for (uint64_t i = begin; i < end; ++i)
      if (missing(loop, i, size)) return lastKey_;
    return std::nullopt;
  }

 private:
  bool missing(ir::LoopId loop, uint64_t position, uint64_t size) {
    ir::Value element;
    if (loop.valid()) element = ir::elementAt(s_.module, s_.module[loop].space, position);
    ir::Scope scope;
    scope.loopVar = [&](ir::LoopId id) { return id == loop ? &element : nullptr; };
    scope.loopPosition = [&](ir::LoopId id) -> std::optional<std::pair<uint64_t, uint64_t>> {
      if (id != loop) return std::nullopt;
      return std::pair(position, size);
    };
    for (const ir::Guard& guard : place_.guards) {
      if (!guard.isStatic) continue;
      ir::Result holds = ir::evaluate(s_.module, guard.condition, scope);
      if (holds && holds.value->truth() != guard.wanted) return false;
    }
    ir::Result key = ir::evaluate(s_.module, pattern_.a, scope);
    if (!key) return false;
    lastKey_ = ir::keyText(s_.module, *key.value);
    auto at = ir::findIn(s_.module, space_, *key.value);
    if (!at) return true;
    int64_t moved = static_cast<int64_t>(*at) + pattern_.offset;
    uint64_t total = ir::sizeOf(s_.module, space_);
    return moved < 0 || (total != ir::kOpen && static_cast<uint64_t>(moved) >= total);
  }

  Session& s_;
  const Place& place_;
  const ir::IndexPattern& pattern_;
  ir::SpaceId space_;
  bool opaque_ = false;
  std::string lastKey_;
};

}  // namespace

static void proveInside(Session& s, const Operand& operand, Place& place) {
  if (operand.ref.otherwise.valid()) return;
  for (size_t i = 0; i < operand.ref.indices.size(); ++i) {
    const ir::IndexPattern pattern = operand.ref.indices[i];
    if (pattern.kind != ir::IndexPattern::At) continue;
    ir::LoopId loop = operand.made->loops[i];
    ir::SpaceId space = s.module[loop].space;
    auto outside = InsideProof(s, place, pattern, space).firstOutside();
    if (!outside) continue;
    uint64_t size = ir::sizeOf(s.module, space);
    std::string first = size ? ir::keyText(s.module, ir::elementAt(s.module, space, 0)) : "none";
    std::string last = size && size != ir::kOpen
                           ? ir::keyText(s.module, ir::elementAt(s.module, space, size - 1))
                           : "open";
    Range loopAt = s.rangeOf(s.module[loop].loc);
    std::string count = size == ir::kOpen ? "an open cycle" : std::to_string(size) + " elements";
    std::optional<diag::Fix> fix =
        diag::Fix{operand.range, s.text(operand.range).str() + " otherwise none"};
    const ir::Expr& at = s.module[pattern.a];
    bool stepsBack = pattern.offset < 0 ||
                     (at.op == ir::Op::Sub && s.module[at.args.front()].op == ir::Op::LoopVar);
    if (stepsBack)
      s.report(operand.range, diag::NoPredecessor{.reference = operand.made->name,
                                                  .key = *outside,
                                                  .count = count,
                                                  .first = first,
                                                  .spaceAt = loopAt,
                                                  .fix = fix});
    else
      s.report(operand.range, diag::OutsideSpace{.reference = operand.made->name,
                                                 .key = *outside,
                                                 .count = count,
                                                 .first = first,
                                                 .last = last,
                                                 .spaceAt = loopAt});
    return;
  }
}

/// Completes the indices and the demand; reports what is missing.
static bool complete(Session& s, Operand& operand, Place& place) {
  if (operand.ref.loop.valid()) return true;
  if (!operand.indexed) {
    const std::vector<ir::LoopId>& loops = operand.made->loops;
    if (sharedLoops(place, loops) < loops.size()) {
      ArrayRef<ir::LoopId> rest(loops);
      s.report(operand.range, diag::FamilyNeedsIndex{
                                  .name = operand.made->name,
                                  .loops = loopNames(s, rest.drop_front(sharedLoops(place, loops))),
                                  .madeAt = operand.made->at});
      return false;
    }
    operand.ref.indices.resize(loops.size());
  }
  operand.ref.single = operand.ref.demand == ir::Demand::All;
  for (const ir::IndexPattern& pattern : operand.ref.indices)
    if (pattern.kind != ir::IndexPattern::Same && pattern.kind != ir::IndexPattern::At)
      operand.ref.single = false;
  proveInside(s, operand, place);
  return true;
}

static ir::RefId addRef(Session& s, const Operand& operand) {
  ir::Ref ref = operand.ref;
  ref.loc = s.loc(operand.range);
  s.module.refs.push_back(std::move(ref));
  return ir::RefId{static_cast<uint32_t>(s.module.refs.size() - 1)};
}

std::optional<ir::RefId> reference(Session& s, Operand operand, Place& place, bool valueless) {
  if (operand.kind != Operand::Made) {
    if (operand.kind != Operand::Error) s.report(operand.range, diag::NotAReference{});
    return std::nullopt;
  }
  if (!complete(s, operand, place)) return std::nullopt;
  operand.ref.valueless = valueless;
  return addRef(s, operand);
}

Operand referenceValue(Session& s, Operand operand, Place& place) {
  if (!complete(s, operand, place)) return s.errorOperand(operand.range);
  if (!operand.refType.valid()) {
    s.report(operand.range,
             diag::NoSingleOutput{.name = operand.made ? operand.made->name : "this",
                                  .madeAt = operand.made ? operand.made->at : Range{}});
    return s.errorOperand(operand.range);
  }
  ir::TypeId type = operand.refType;
  if (!operand.ref.single && !operand.ref.loop.valid()) {
    const ir::Type& one = s.module.types[type];
    type = s.module.types.list(one.kind == TK::Set ? one.element : type);
  }
  if (operand.ref.loop.valid() && operand.ref.demand == ir::Demand::Ok &&
      s.module.types[type].kind != TK::List)
    type = s.module.types.list(type);
  if (operand.ref.otherwise.valid() && operand.ref.single) type = operand.type;
  ir::RefId id = addRef(s, operand);
  return s.value(s.make(ir::Op::Ref, type, {}, operand.range, id.index()), operand.range);
}

}  // namespace wfc::check
