// Static spaces: size, elements and positions by arithmetic where the kind allows it.
//
// Groups alone are computed by walking their base, since only its elements say how many there are.
#include "compiler/ir/space.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/base/assert.h"
#include "compiler/ir/calendar.h"

namespace wfc::ir {

bool isStatic(const Module& module, SpaceId id) {
  const Space& space = module[id];
  switch (space.kind) {
    case Space::List:
    case Space::Range:
    case Space::Cycle:
    case Space::Repeat:
      return true;
    case Space::Product:
      return llvm::all_of(space.factors, [&](SpaceId f) { return isStatic(module, f); });
    case Space::EveryNth:
    case Space::Reverse:
    case Space::Slice:
    case Space::Batches:
    case Space::Groups:
      return isStatic(module, space.base);
    case Space::Files:
    case Space::SetOf:
    case Space::Members:
      return false;
  }
  return false;
}

// ---- cycles

// Start of window n. Months are counted from the first start, so that a clamped month's end is not
// carried on: Jan 31, Feb 28, Mar 31.
static int64_t cycleStart(const Space& space, uint64_t n) {
  Value step = space.step;
  auto times = static_cast<int64_t>(n);
  if (__builtin_mul_overflow(step.i, times, &step.i) ||
      __builtin_mul_overflow(step.j, times, &step.j))
    return INT64_MAX;
  return addToInstant(space.lo, step);
}

static bool advances(const Space& space) {
  return space.step.i >= 0 && space.step.j >= 0 && (space.step.i >= 1000 || space.step.j > 0);
}

// How many windows start at or before `until`.
static uint64_t startsUntil(const Space& space, int64_t until) {
  if (until < space.lo || !advances(space)) return 0;
  // No step is shorter than a second, so this many windows are enough.
  uint64_t low = 0, high = static_cast<uint64_t>(until) - static_cast<uint64_t>(space.lo);
  while (low < high) {
    uint64_t middle = low + (high - low + 1) / 2;
    if (cycleStart(space, middle) <= until)
      low = middle;
    else
      high = middle - 1;
  }
  return low + 1;
}

static Value windowOf(const Space& space, uint64_t n) {
  Value window = Value::scalar(Value::Span, cycleStart(space, n), cycleStart(space, n + 1));
  window.type = space.element;
  return window;
}

static std::optional<uint64_t> findWindow(const Space& space, const Value& value) {
  int64_t start;
  if (value.kind == Value::Date)
    start = value.i * 86400;
  else if (value.kind == Value::Instant || value.kind == Value::Span)
    start = value.i;
  else
    return std::nullopt;
  uint64_t before = startsUntil(space, std::min(start, space.hi));
  if (before == 0 || cycleStart(space, before - 1) != start) return std::nullopt;
  return before - 1;
}

// ---- groups

namespace {

/// A group: what its members have in common, and the members.
struct Group {
  Value key;
  std::vector<Value> members;
};

}  // namespace

static Value groupKey(const Module& module, const Space& space, const Value& member) {
  Scope scope;
  scope.loopVar = [&](LoopId) { return &member; };
  std::vector<Value> parts;
  for (ExprId by : space.by) {
    Result part = evaluate(module, by, scope);
    parts.push_back(part ? *part.value : Value::none());
  }
  return Value::composite(Value::List, std::move(parts));
}

static std::vector<Group> groupsOf(const Module& module, const Space& space) {
  std::vector<Group> groups;
  std::map<Value, size_t> known;
  uint64_t size = sizeOf(module, space.base);
  WFC_ASSERT(size != kOpen, "groups of an open cycle");
  for (uint64_t n = 0; n < size; ++n) {
    Value member = elementAt(module, space.base, n);
    Value key = groupKey(module, space, member);
    auto [it, isNew] = known.try_emplace(key, groups.size());
    if (isNew) groups.push_back({key, {}});
    groups[it->second].members.push_back(std::move(member));
  }
  return groups;
}

// ---- size

static uint64_t rangeSize(const Space& space) {
  int64_t step = space.n;
  if (step == 0 || (step > 0 ? space.hi < space.lo : space.hi > space.lo)) return 0;
  auto width = static_cast<uint64_t>(step > 0 ? space.hi : space.lo) -
               static_cast<uint64_t>(step > 0 ? space.lo : space.hi);
  auto stride = step > 0 ? static_cast<uint64_t>(step) : uint64_t{0} - static_cast<uint64_t>(step);
  return width / stride + (width / stride < kOpen - 1 ? 1 : 0);
}

static uint64_t saturatedProduct(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? kOpen : product;
}

static uint64_t divideUp(uint64_t size, int64_t n) {
  if (size == kOpen || n <= 0) return size;
  return size / static_cast<uint64_t>(n) + (size % static_cast<uint64_t>(n) != 0);
}

static uint64_t sliceSize(const Module& module, const Space& space) {
  uint64_t size = sizeOf(module, space.base);
  auto from = static_cast<uint64_t>(std::max<int64_t>(space.lo, 0));
  if (space.hi < 0 || size == 0 || from >= size) return 0;
  uint64_t to = std::min(static_cast<uint64_t>(space.hi), size - 1);
  return to < from ? 0 : to - from + 1;
}

uint64_t sizeOf(const Module& module, SpaceId id) {
  const Space& space = module[id];
  switch (space.kind) {
    case Space::List:
      return space.values.size();
    case Space::Range:
      return rangeSize(space);
    case Space::Cycle:
      return space.hi == INT64_MAX ? kOpen : startsUntil(space, space.hi);
    case Space::Product: {
      uint64_t size = 1;
      for (SpaceId factor : space.factors) size = saturatedProduct(size, sizeOf(module, factor));
      return size;
    }
    case Space::EveryNth:
    case Space::Batches:
      return divideUp(sizeOf(module, space.base), space.n);
    case Space::Reverse:
      return sizeOf(module, space.base);
    case Space::Slice:
      return sliceSize(module, space);
    case Space::Repeat:
      return static_cast<uint64_t>(std::max<int64_t>(space.hi, 0));
    case Space::Groups:
      return groupsOf(module, space).size();
    default:
      WFC_UNREACHABLE("the size of a space known only at run time");
  }
}

// ---- elements

static Value productAt(const Module& module, const Space& space, uint64_t position) {
  std::vector<Value> items(space.factors.size());
  for (size_t n = items.size(); n-- > 0;) {
    uint64_t size = sizeOf(module, space.factors[n]);
    items[n] = elementAt(module, space.factors[n], size == kOpen ? position : position % size);
    position = size == kOpen ? 0 : position / size;
  }
  return Value::composite(Value::Record, std::move(items), space.element);
}

static Value batchAt(const Module& module, const Space& space, uint64_t position) {
  std::vector<Value> items;
  auto n = static_cast<uint64_t>(std::max<int64_t>(space.n, 1));
  uint64_t size = sizeOf(module, space.base);
  for (uint64_t at = position * n; at < std::min(size, (position + 1) * n); ++at)
    items.push_back(elementAt(module, space.base, at));
  return Value::composite(Value::List, std::move(items));
}

Value elementAt(const Module& module, SpaceId id, uint64_t position) {
  const Space& space = module[id];
  auto n = static_cast<uint64_t>(std::max<int64_t>(space.n, 1));
  switch (space.kind) {
    case Space::List:
      return space.values[position];
    case Space::Range:
      return Value::integer(static_cast<int64_t>(static_cast<uint64_t>(space.lo) +
                                                 position * static_cast<uint64_t>(space.n)));
    case Space::Cycle:
      return windowOf(space, position);
    case Space::Product:
      return productAt(module, space, position);
    case Space::EveryNth:
      return elementAt(module, space.base, position * n);
    case Space::Reverse:
      return elementAt(module, space.base, sizeOf(module, space.base) - 1 - position);
    case Space::Slice:
      return elementAt(module, space.base,
                       position + static_cast<uint64_t>(std::max<int64_t>(space.lo, 0)));
    case Space::Repeat:
      return Value::integer(static_cast<int64_t>(position) + 1);
    case Space::Batches:
      return batchAt(module, space, position);
    case Space::Groups:
      return Value::composite(Value::List, groupsOf(module, space)[position].members);
    default:
      WFC_UNREACHABLE("an element of a space known only at run time");
  }
}

// ---- positions

static std::optional<uint64_t> findInRange(int64_t lo, int64_t step, uint64_t size,
                                           const Value& value) {
  if (value.kind != Value::Int || size == 0) return std::nullopt;
  int64_t distance;
  if (__builtin_sub_overflow(value.i, lo, &distance) || distance % step != 0) return std::nullopt;
  int64_t at = step == -1 ? -distance : distance / step;
  if (at < 0 || static_cast<uint64_t>(at) >= size) return std::nullopt;
  return static_cast<uint64_t>(at);
}

// The key fields of a record: alone if one, else a list; nothing if none is marked.
static std::optional<Value> recordKey(const Module& module, const Value& record) {
  if (record.kind != Value::Record || !record.type.valid()) return std::nullopt;
  const Type& type = module.types[record.type];
  std::vector<Value> parts;
  for (size_t n = 0; n < std::min(type.fields.size(), record.size()); ++n)
    if (type.fields[n].key) parts.push_back(record.at(n));
  if (parts.empty()) return std::nullopt;
  if (parts.size() == 1) return parts[0];
  return Value::composite(Value::List, std::move(parts));
}

static bool names(const Module& module, const Value& element, const Value& value) {
  if (element == value) return true;
  if (element.kind == value.kind) return false;
  if (element.kind == Value::Span) {
    if (value.kind == Value::Date) return element.i == value.i * 86400;
    return value.kind == Value::Instant && element.i == value.i;
  }
  std::optional<Value> key = recordKey(module, element);
  return key && *key == value;
}

static std::optional<uint64_t> search(const Module& module, SpaceId space, const Value& value) {
  uint64_t size = sizeOf(module, space);
  // An open space without arithmetic of its own has no end to search to.
  if (size == kOpen) return std::nullopt;
  for (uint64_t n = 0; n < size; ++n)
    if (names(module, elementAt(module, space, n), value)) return n;
  return std::nullopt;
}

static std::optional<uint64_t> findInProduct(const Module& module, SpaceId id, const Value& value) {
  const Space& space = module[id];
  if (value.kind != Value::Record || value.size() != space.factors.size())
    return search(module, id, value);
  uint64_t position = 0;
  for (size_t n = 0; n < space.factors.size(); ++n) {
    std::optional<uint64_t> at = findIn(module, space.factors[n], value.at(n));
    if (!at) return std::nullopt;
    position = (n == 0 ? 0 : position * sizeOf(module, space.factors[n])) + *at;
  }
  return position;
}

static std::optional<uint64_t> findInGroups(const Module& module, const Space& space,
                                            const Value& value) {
  std::vector<Group> groups = groupsOf(module, space);
  for (size_t n = 0; n < groups.size(); ++n) {
    const Value& key = groups[n].key;
    bool isKey = key == value || (key.size() == 1 && key.at(0) == value);
    if (isKey || Value::composite(Value::List, groups[n].members) == value) return n;
  }
  return std::nullopt;
}

static std::optional<uint64_t> findDerived(const Module& module, const Space& space,
                                           const Value& value) {
  std::optional<uint64_t> at = findIn(module, space.base, value);
  if (!at) return std::nullopt;
  auto n = static_cast<uint64_t>(std::max<int64_t>(space.n, 1));
  if (space.kind == Space::Reverse) return sizeOf(module, space.base) - 1 - *at;
  if (space.kind == Space::EveryNth)
    return *at % n == 0 ? std::optional<uint64_t>(*at / n) : std::nullopt;
  auto from = static_cast<uint64_t>(std::max<int64_t>(space.lo, 0));
  if (space.hi < 0 || *at < from || *at > static_cast<uint64_t>(space.hi)) return std::nullopt;
  return *at - from;
}

std::optional<uint64_t> findIn(const Module& module, SpaceId id, const Value& value) {
  const Space& space = module[id];
  switch (space.kind) {
    case Space::Range:
      return findInRange(space.lo, space.n, rangeSize(space), value);
    case Space::Repeat:
      return findInRange(1, 1, sizeOf(module, id), value);
    case Space::Cycle:
      return findWindow(space, value);
    case Space::Product:
      return findInProduct(module, id, value);
    case Space::EveryNth:
    case Space::Reverse:
    case Space::Slice:
      return findDerived(module, space, value);
    case Space::Groups:
      return findInGroups(module, space, value);
    default:
      return search(module, id, value);
  }
}

}  // namespace wfc::ir
