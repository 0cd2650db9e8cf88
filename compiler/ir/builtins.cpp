// The builtin functions: one row each with its name, signature, documentation and code.
//
// `kinds` has a letter for each argument, checked before the call: L list or set, M map, S string
// or path, I int, F float, N either, Q number or quantity, D date, T instant, E enum, * anything.
// Rows of one name are overloads and the first that fits is called.
#include "compiler/ir/builtins.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/calendar.h"

namespace wfc::ir {

using Args = llvm::ArrayRef<Value>;

static Result list(std::vector<Value> items) {
  return ok(Value::composite(Value::List, std::move(items)));
}
static std::vector<Value> itemsOf(const Value& value) {
  return value.items ? *value.items : std::vector<Value>();
}
static Result text(std::string s) { return ok(Value::text(std::move(s))); }

// ---- lists and maps

static Result lenOf(const Module&, Args a) {
  size_t size = a[0].kind == Value::String ? a[0].s.size() : a[0].size();
  return ok(Value::integer(static_cast<int64_t>(a[0].kind == Value::Map ? size / 2 : size)));
}

static Result sumOf(const Module& module, Args a) {
  if (a[0].size() == 0) return ok(Value::integer(0));
  Result total = ok(a[0].at(0));
  for (size_t n = 1; n < a[0].size() && total; ++n)
    total = applyBinary(module, Op::Add, *total.value, a[0].at(n));
  return total;
}

static Result edgeOf(Args a, bool greatest) {
  std::vector<Value> items = a.size() == 1 ? itemsOf(a[0]) : a.vec();
  if (items.empty()) return fail("an empty list has no least or greatest");
  for (const Value& item : items)
    if (item.kind != items[0].kind) return fail("values of different types have no order");
  return ok(greatest ? *llvm::max_element(items) : *llvm::min_element(items));
}
static Result minOf(const Module&, Args a) { return edgeOf(a, false); }
static Result maxOf(const Module&, Args a) { return edgeOf(a, true); }

static Result sortedOf(const Module&, Args a) {
  std::vector<Value> items = itemsOf(a[0]);
  llvm::stable_sort(items);
  return list(std::move(items));
}

static Result reversedOf(const Module&, Args a) {
  std::vector<Value> items = itemsOf(a[0]);
  std::reverse(items.begin(), items.end());
  return list(std::move(items));
}

static Result uniqueOf(const Module&, Args a) {
  std::vector<Value> items;
  auto less = [](const Value* x, const Value* y) { return *x < *y; };
  std::set<const Value*, decltype(less)> seen(less);
  for (size_t n = 0; n < a[0].size(); ++n)
    if (seen.insert(&a[0].at(n)).second) items.push_back(a[0].at(n));
  return list(std::move(items));
}

static Result flattenOf(const Module&, Args a) {
  std::vector<Value> items;
  for (size_t n = 0; n < a[0].size(); ++n) {
    const Value& inner = a[0].at(n);
    if (inner.kind != Value::List && inner.kind != Value::Set)
      return fail("an element is not a list");
    llvm::append_range(items, itemsOf(inner));
  }
  return list(std::move(items));
}

static Result zipOf(const Module&, Args a) {
  if (a[0].size() != a[1].size())
    return fail(fmt::format("lists of {} and {} cannot be paired", a[0].size(), a[1].size()));
  std::vector<Value> pairs;
  for (size_t n = 0; n < a[0].size(); ++n)
    pairs.push_back(Value::composite(Value::List, {a[0].at(n), a[1].at(n)}));
  return list(std::move(pairs));
}

static Result firstOf(const Module& module, Args a) { return fieldOf(module, a[0], "first"); }
static Result lastOf(const Module& module, Args a) { return fieldOf(module, a[0], "last"); }

static Result everyOther(const Value& map, size_t from) {
  std::vector<Value> items;
  for (size_t n = from; n < map.size(); n += 2) items.push_back(map.at(n));
  return list(std::move(items));
}
static Result keysOf(const Module&, Args a) { return everyOther(a[0], 0); }
static Result valuesOf(const Module&, Args a) { return everyOther(a[0], 1); }

static Result rangeOf(const Module&, Args a) {
  constexpr int64_t kMost = 1000000;
  int64_t size;
  if (__builtin_sub_overflow(a[1].i, a[0].i, &size) || size >= kMost)
    return fail("a list of more than a million; use `a .. b` as a space");
  std::vector<Value> items;
  for (int64_t n = 0; n <= size; ++n) items.push_back(Value::integer(a[0].i + n));
  return list(std::move(items));
}

// ---- strings

static Result joinOf(const Module& module, Args a) {
  std::string joined;
  for (size_t n = 0; n < a[0].size(); ++n) {
    if (n > 0) joined += a[1].s;
    joined += toText(module, a[0].at(n));
  }
  return text(std::move(joined));
}

static Result splitOf(const Module&, Args a) {
  if (a[1].s.empty()) return fail("an empty separator splits nothing");
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef(a[0].s).split(parts, a[1].s);
  std::vector<Value> items;
  for (llvm::StringRef part : parts) items.push_back(Value::text(part.str()));
  return list(std::move(items));
}

static Result containsOf(const Module& module, Args a) {
  return applyBinary(module, Op::In, a[1], a[0]);
}
static Result startsWith(const Module&, Args a) {
  return ok(Value::boolean(llvm::StringRef(a[0].s).starts_with(a[1].s)));
}
static Result endsWith(const Module&, Args a) {
  return ok(Value::boolean(llvm::StringRef(a[0].s).ends_with(a[1].s)));
}

static Result replaceOf(const Module&, Args a) {
  if (a[1].s.empty()) return fail("an empty text cannot be replaced");
  std::string result;
  llvm::StringRef rest = a[0].s;
  for (size_t at = rest.find(a[1].s); at != llvm::StringRef::npos; at = rest.find(a[1].s)) {
    result += rest.take_front(at).str() + a[2].s;
    rest = rest.drop_front(at + a[1].s.size());
  }
  return text(result + rest.str());
}

static Result upperOf(const Module&, Args a) { return text(llvm::StringRef(a[0].s).upper()); }
static Result lowerOf(const Module&, Args a) { return text(llvm::StringRef(a[0].s).lower()); }
static Result strOf(const Module& module, Args a) { return text(toText(module, a[0])); }

// ---- paths

static std::pair<llvm::StringRef, llvm::StringRef> splitPath(llvm::StringRef path) {
  path = path.size() > 1 ? path.rtrim('/') : path;
  size_t slash = path.rfind('/');
  if (slash == llvm::StringRef::npos) return {".", path};
  return {slash == 0 ? path.take_front(1) : path.take_front(slash), path.drop_front(slash + 1)};
}

// The dot of a hidden file begins no extension.
static size_t dotOf(llvm::StringRef name) {
  size_t dot = name.rfind('.');
  return dot == 0 || dot == llvm::StringRef::npos ? name.size() : dot;
}

static Result nameOf(const Module&, Args a) { return text(splitPath(a[0].s).second.str()); }
static Result parentOf(const Module&, Args a) {
  return ok(Value::text(splitPath(a[0].s).first.str(), Value::Path));
}
static Result stemOf(const Module&, Args a) {
  llvm::StringRef name = splitPath(a[0].s).second;
  return text(name.take_front(dotOf(name)).str());
}
static Result extensionOf(const Module&, Args a) {
  llvm::StringRef name = splitPath(a[0].s).second;
  return text(name.drop_front(dotOf(name)).ltrim('.').str());
}
static Result pathOf(const Module&, Args a) { return ok(Value::text(a[0].s, Value::Path)); }

// ---- numbers

static Result absOf(const Module& module, Args a) {
  if (a[0].kind == Value::Float) return ok(Value::real(std::fabs(a[0].f)));
  bool negative = a[0].i < 0 || (a[0].i == 0 && a[0].j < 0);
  return negative ? applyBinary(module, Op::Mul, a[0], Value::integer(-1)) : ok(a[0]);
}

static Result wholeOf(double d) {
  if (!(std::fabs(d) < 9.2e18)) return fail("the result is too large");
  return ok(Value::integer(static_cast<int64_t>(d)));
}
static Result roundOf(const Module&, Args a) { return wholeOf(std::nearbyint(a[0].f)); }
static Result floorOf(const Module&, Args a) { return wholeOf(std::floor(a[0].f)); }
static Result ceilOf(const Module&, Args a) { return wholeOf(std::ceil(a[0].f)); }
static Result truncated(const Module&, Args a) { return wholeOf(std::trunc(a[0].f)); }
static Result same(const Module&, Args a) { return ok(a[0]); }

static Result intOf(const Module&, Args a) {
  int64_t n;
  if (llvm::StringRef(a[0].s).getAsInteger(10, n))
    return fail(fmt::format("`{}` is not a whole number", a[0].s));
  return ok(Value::integer(n));
}
static Result floatOf(const Module&, Args a) {
  if (a[0].kind == Value::Float) return ok(a[0]);
  if (a[0].kind == Value::Int) return ok(Value::real(static_cast<double>(a[0].i)));
  double d;
  if (llvm::StringRef(a[0].s).getAsDouble(d))
    return fail(fmt::format("`{}` is not a number", a[0].s));
  return ok(Value::real(d));
}

// ---- times

static Result dateOf(const Module&, Args a) {
  if (std::optional<int64_t> days = parseDate(a[0].s)) return ok(Value::scalar(Value::Date, *days));
  return fail(fmt::format("`{}` is not a date", a[0].s));
}
static Result dateOfParts(const Module&, Args a) {
  std::string iso = fmt::format("{:04}-{:02}-{:02}", a[0].i, a[1].i, a[2].i);
  if (std::optional<int64_t> days = parseDate(iso)) return ok(Value::scalar(Value::Date, *days));
  return fail(fmt::format("`{}` is not a date", iso));
}
static Result dateOfInstant(const Module&, Args a) {
  return ok(Value::scalar(Value::Date, floorDiv(a[0].i, 86400)));
}
static Result instantOf(const Module&, Args a) {
  if (std::optional<int64_t> at = parseInstant(a[0].s))
    return ok(Value::scalar(Value::Instant, *at));
  return fail(fmt::format("`{}` is not a time", a[0].s));
}
static Result instantOfDate(const Module&, Args a) {
  return ok(Value::scalar(Value::Instant, a[0].i * 86400));
}
static Result daysBetween(const Module&, Args a) { return ok(Value::integer(a[1].i - a[0].i)); }

namespace {

struct Row {
  Builtin shown;
  llvm::StringLiteral kinds;
  Result (*code)(const Module&, Args);
};

}  // namespace

static constexpr Row kRows[] = {
    {{"len", "len([T]) -> Int", "how many elements a list has"}, "L", lenOf},
    {{"len", "len([K: V]) -> Int", "how many keys a map has"}, "M", lenOf},
    {{"len", "len(String) -> Int", "how many bytes a text has"}, "S", lenOf},
    {{"sum", "sum([T]) -> T", "all elements added; 0 of an empty list"}, "L", sumOf},
    {{"min", "min([T]) -> T", "the least element"}, "L", minOf},
    {{"min", "min(T, T) -> T", "the lesser"}, "**", minOf},
    {{"max", "max([T]) -> T", "the greatest element"}, "L", maxOf},
    {{"max", "max(T, T) -> T", "the greater"}, "**", maxOf},
    {{"sorted", "sorted([T]) -> [T]", "in ascending order"}, "L", sortedOf},
    {{"reversed", "reversed([T]) -> [T]", "from last to first"}, "L", reversedOf},
    {{"unique", "unique([T]) -> [T]", "each value once, where it first stands"}, "L", uniqueOf},
    {{"flatten", "flatten([[T]]) -> [T]", "the elements of the elements"}, "L", flattenOf},
    {{"zip", "zip([T], [T]) -> [[T]]", "pairs of elements at equal positions"}, "LL", zipOf},
    {{"first", "first([T]) -> T", "the first element"}, "L", firstOf},
    {{"last", "last([T]) -> T", "the last element"}, "L", lastOf},
    {{"keys", "keys([K: V]) -> [K]", "the keys of a map, in order"}, "M", keysOf},
    {{"values", "values([K: V]) -> [V]", "the values of a map, in order"}, "M", valuesOf},
    {{"range", "range(Int, Int) -> [Int]", "from the first to the second, both included"},
     "II",
     rangeOf},
    {{"join", "join([T], String) -> String", "the elements as one text, with a separator"},
     "LS",
     joinOf},
    {{"split", "split(String, String) -> [String]", "the parts between separators"}, "SS", splitOf},
    {{"contains", "contains([T], T) -> Bool", "whether an element is there"}, "L*", containsOf},
    {{"contains", "contains(String, String) -> Bool", "whether a text holds another"},
     "SS",
     containsOf},
    {{"starts_with", "starts_with(String, String) -> Bool", "whether a text begins so"},
     "SS",
     startsWith},
    {{"ends_with", "ends_with(String, String) -> Bool", "whether a text ends so"}, "SS", endsWith},
    {{"replace", "replace(String, String, String) -> String",
      "every occurrence of the second by the third"},
     "SSS",
     replaceOf},
    {{"upper", "upper(String) -> String", "ASCII letters as capitals"}, "S", upperOf},
    {{"lower", "lower(String) -> String", "ASCII letters as small ones"}, "S", lowerOf},
    {{"str", "str(T) -> String", "the canonical text of a value"}, "*", strOf},
    {{"name", "name(Path) -> String", "the last component"}, "S", nameOf},
    {{"parent", "parent(Path) -> Path", "all but the last component"}, "S", parentOf},
    {{"stem", "stem(Path) -> String", "the last component without extension"}, "S", stemOf},
    {{"extension", "extension(Path) -> String", "what follows the last dot of the name"},
     "S",
     extensionOf},
    {{"path", "path(String) -> Path", "a text as a path"}, "S", pathOf},
    {{"abs", "abs(Int) -> Int", "without its sign"}, "Q", absOf},
    {{"abs", "abs(Float) -> Float", "without its sign"}, "Q", absOf},
    {{"abs", "abs(Duration) -> Duration", "without its sign"}, "Q", absOf},
    {{"round", "round(Float) -> Int", "to the nearest, halves to the even one"}, "F", roundOf},
    {{"floor", "floor(Float) -> Int", "the next whole number below"}, "F", floorOf},
    {{"ceil", "ceil(Float) -> Int", "the next whole number above"}, "F", ceilOf},
    {{"int", "int(String) -> Int", "a text of digits as a number"}, "S", intOf},
    {{"int", "int(Float) -> Int", "the fraction cut off"}, "F", truncated},
    {{"int", "int(Int) -> Int", "itself"}, "I", same},
    {{"float", "float(String) -> Float", "a text as a number"}, "S", floatOf},
    {{"float", "float(Int) -> Float", "a whole number as a Float"}, "N", floatOf},
    {{"date", "date(String) -> Date", "from `2025-01-31`"}, "S", dateOf},
    {{"date", "date(Int, Int, Int) -> Date", "from year, month and day"}, "III", dateOfParts},
    {{"date", "date(Time) -> Date", "the day of a time, in UTC"}, "T", dateOfInstant},
    {{"instant", "instant(String) -> Time", "from `2025-01-31T06:00:00Z`"}, "S", instantOf},
    {{"instant", "instant(Date) -> Time", "midnight at the beginning of a day"},
     "D",
     instantOfDate},
    {{"days_between", "days_between(Date, Date) -> Int", "days from the first to the second"},
     "DD",
     daysBetween},
};

llvm::ArrayRef<Builtin> builtins() {
  static constexpr auto kShown = [] {
    std::array<Builtin, std::size(kRows)> shown;
    for (size_t n = 0; n < std::size(kRows); ++n) shown[n] = kRows[n].shown;
    return shown;
  }();
  return kShown;
}

static bool fits(char letter, const Value& value) {
  bool number = value.kind == Value::Int || value.kind == Value::Float;
  switch (letter) {
    case 'L':
      return value.kind == Value::List || value.kind == Value::Set;
    case 'M':
      return value.kind == Value::Map;
    case 'S':
      return value.kind == Value::String || value.kind == Value::Path || value.kind == Value::File;
    case 'I':
      return value.kind == Value::Int;
    case 'F':
      return value.kind == Value::Float;
    case 'N':
      return number;
    case 'Q':
      return number || value.kind == Value::Duration || value.kind == Value::Bytes ||
             value.kind == Value::Length;
    case 'D':
      return value.kind == Value::Date;
    case 'T':
      return value.kind == Value::Instant;
    default:
      return true;
  }
}

Result callBuiltin(const Module& module, llvm::StringRef name, llvm::ArrayRef<Value> args) {
  bool known = false;
  for (const Row& row : kRows) {
    if (row.shown.name != name) continue;
    known = true;
    if (row.kinds.size() != args.size()) continue;
    bool all = true;
    for (size_t n = 0; n < args.size(); ++n) all = all && fits(row.kinds[n], args[n]);
    if (all) return row.code(module, args);
  }
  if (known) return fail(fmt::format("`{}` does not take these values", name.str()));
  return fail(fmt::format("there is no function `{}`", name.str()));
}

}  // namespace wfc::ir
