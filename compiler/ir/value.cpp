// Equality and order of values.
//
// Both look at values alone: types matter only where the same ordinal of two enums would be mixed
// up.
#include "compiler/ir/value.h"

namespace wfc::ir {

namespace {

// A calendar month has no size of its own; the mean one orders durations that mix both.
constexpr double kMeanMonthMs = 2629746000.0;

double sizeOfDuration(const Value& v) {
  return static_cast<double>(v.i) + kMeanMonthMs * static_cast<double>(v.j);
}

int sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

template <class T>
int compareNumbers(T a, T b) {
  return sign(a < b, b < a);
}

int compare(const Value& a, const Value& b);

int compareItems(const Value& a, const Value& b) {
  size_t common = std::min(a.size(), b.size());
  for (size_t n = 0; n < common; ++n)
    if (int c = compare(a.at(n), b.at(n))) return c;
  return compareNumbers(a.size(), b.size());
}

int compareDurations(const Value& a, const Value& b) {
  if (int c = compareNumbers(sizeOfDuration(a), sizeOfDuration(b))) return c;
  if (int c = compareNumbers(a.j, b.j)) return c;
  return compareNumbers(a.i, b.i);
}

// NaN comes first and equals itself, so that the order stays total.
int compareFloats(double a, double b) {
  bool aNan = a != a, bNan = b != b;
  if (aNan || bNan) return compareNumbers<int>(!aNan, !bNan);
  return compareNumbers(a, b);
}

int compare(const Value& a, const Value& b) {
  if (a.kind != b.kind) return compareNumbers<int>(a.kind, b.kind);
  switch (a.kind) {
    case Value::None:
      return 0;
    case Value::Float:
      return compareFloats(a.f, b.f);
    case Value::String:
    case Value::Path:
      return a.s.compare(b.s);
    case Value::Duration:
      return compareDurations(a, b);
    case Value::Enum:
      if (a.type != b.type) return compareNumbers(a.type.index(), b.type.index());
      return compareNumbers(a.i, b.i);
    case Value::Span:
      if (int c = compareNumbers(a.i, b.i)) return c;
      return compareNumbers(a.j, b.j);
    case Value::Record:
      if (a.type != b.type) return compareNumbers(a.type.index(), b.type.index());
      return compareItems(a, b);
    case Value::List:
    case Value::Map:
      return compareItems(a, b);
    case Value::File:
    case Value::Set:
      if (int c = compareItems(a, b)) return c;
      return a.s.compare(b.s);
    default:
      return compareNumbers(a.i, b.i);
  }
}

}  // namespace

bool operator==(const Value& a, const Value& b) { return compare(a, b) == 0; }
bool operator<(const Value& a, const Value& b) { return compare(a, b) < 0; }

}  // namespace wfc::ir
