// Values: what an expression of a flow evaluates to, at compile time and at run time alike. One
// small tagged struct; composite values share their items. Units are normalised when a value is
// made: a Duration is milliseconds and calendar months, Bytes are bytes, a Length is micrometres, a
// Date is days and an Instant seconds since 1970-01-01 UTC.
//
// What it does not do: know types beyond its own kind (types.h), or evaluate (eval.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/ids.h"

namespace wfc::ir {

struct TypeTag;
using TypeId = base::Id<TypeTag>;

struct Value {
  enum Kind : uint8_t {
    None,
    Bool,      ///< i: 0 or 1
    Int,       ///< i
    Float,     ///< f
    String,    ///< s
    Path,      ///< s: as written by the user, relative to the project unless absolute
    Date,      ///< i: days since 1970-01-01
    Instant,   ///< i: seconds since 1970-01-01T00:00Z
    Duration,  ///< i: milliseconds, j: calendar months
    Bytes,     ///< i: bytes
    Length,    ///< i: micrometres
    Enum,      ///< i: ordinal in `type`
    Span,    ///< one window of a cycle: [i, j) in seconds; `type` tells whether its ends are dates
    Record,  ///< items in the order of the fields of `type`
    List,    ///< items
    Map,     ///< items: key, value, key, value …
    File,    ///< an artifact: s is its path, relative to the run's folder unless absolute
           ///< (to the project's folder when j is 1: given from outside); items: its key fields, if
           ///< any
    Set,  ///< a set read at run time: items are File values in key order
  };
  Kind kind = None;
  TypeId type{};  ///< of Enum, Span, Record, File; else default
  int64_t i = 0, j = 0;
  double f = 0;
  std::string s;
  std::shared_ptr<const std::vector<Value>> items;

  static Value none() { return {}; }
  static Value boolean(bool b) {
    Value v;
    v.kind = Bool;
    v.i = b;
    return v;
  }
  static Value integer(int64_t n) {
    Value v;
    v.kind = Int;
    v.i = n;
    return v;
  }
  static Value real(double d) {
    Value v;
    v.kind = Float;
    v.f = d;
    return v;
  }
  static Value text(std::string t, Kind kind = String) {
    Value v;
    v.kind = kind;
    v.s = std::move(t);
    return v;
  }
  static Value scalar(Kind kind, int64_t i, int64_t j = 0) {
    Value v;
    v.kind = kind;
    v.i = i;
    v.j = j;
    return v;
  }
  static Value composite(Kind kind, std::vector<Value> items, TypeId type = {}) {
    Value v;
    v.kind = kind;
    v.type = type;
    v.items = std::make_shared<const std::vector<Value>>(std::move(items));
    return v;
  }
  bool isNone() const { return kind == None; }
  bool truth() const { return i != 0; }
  size_t size() const { return items ? items->size() : 0; }
  const Value& at(size_t n) const { return (*items)[n]; }
};

/// Deep equality; values of different kinds differ (Int 1 and Float 1.0 too: check/ inserts
/// conversions).
bool operator==(const Value& a, const Value& b);
/// The total order of keys: numbers and times by size, strings by UTF-8 bytes, enumerators by
/// ordinal, composites by item.
bool operator<(const Value& a, const Value& b);

}  // namespace wfc::ir
