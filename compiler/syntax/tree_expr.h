// The values and types of the Tree: names, expressions, strings, types as written.
//
// Plain structs in the tree's arena; which fields of an Expr are used is said at ExprKind. What
// they mean is check/'s business. Included by tree.h, which says what a tree is.
#pragma once

#include <cstdint>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include "compiler/source/range.h"

namespace wfc::syntax {

using llvm::ArrayRef;
using llvm::StringRef;
using source::Range;

/// An identifier where it stands. Empty text: absent (range invalid) or missing in the source
/// (range valid).
struct Name {
  StringRef text;
  Range range;
  explicit operator bool() const { return !text.empty(); }
};

struct Expr;

/// One argument. `name` empty: positional. `value` null: shorthand, the bare name stands for `name:
/// name`.
struct Arg {
  Name name;
  Expr* value = nullptr;
};

/// A piece of a string or script: literal text, or a hole `@{expr:format}` / `@raw{expr}`. A text
/// of three quotes has a piece for every line, so that `range` says where each character came from.
struct StringPart {
  StringRef text;        ///< literal text with escapes resolved (when `hole` is null)
  Expr* hole = nullptr;  ///< the interpolated expression
  StringRef format;      ///< text after the colon, or empty
  bool raw = false;      ///< `@raw{…}`: inserted without quoting
  Range range;
};

/// A type as written.
struct TypeRef {
  enum Kind : uint8_t {
    Hole,
    Named,     ///< `Int`, `geo.Raster`, `file`, `dir`, `Map(fim)`: name (dotted text) and args
    Optional,  ///< `T?`
    Some,      ///< `T...`: a list of one or more
    Many,      ///< `T*`: a list of any number
    List,      ///< `[T]`
    Map,       ///< `[K: V]`
    Set,       ///< `set of T at "<z>/<x>.gpkg"`: known only at run time
  };
  Kind kind = Hole;
  Range range;
  Name name;
  ArrayRef<Expr*> args;
  TypeRef* element = nullptr;  ///< T (V for Map)
  TypeRef* key = nullptr;      ///< K of Map
  Expr* pattern = nullptr;     ///< string after `at` of Set, may be null
};

enum class ExprKind : uint8_t {
  Hole,      ///< something unreadable stood here
  None,      ///< `none`
  Bool,      ///< `true` `false`; text
  Int,       ///< text: digits
  Float,     ///< text
  Quantity,  ///< number with unit: text is the number, `name` the unit (`176GiB`, `8h`, `10m`,
             ///< `2d`, `1month`)
  Date,      ///< `2025-01-31`; text
  Instant,   ///< `2025-01-31T06:00Z`; text
  String,    ///< `"…@{x}…"` or `"""…"""` (dedented): parts
  Name,      ///< name
  Field,     ///< a.name
  Call,      ///< a(args); a is a Name or Field
  Index,     ///< a[items]; items in `items`
  List,      ///< [items]; Map: `[k: v, …]` in `items` as k, v, k, v …
  Map,
  Not,        ///< `not a`
  Negate,     ///< `-a`
  Binary,     ///< a op b; text is the operator: + - * / % == != < <= > >= and or
  If,         ///< `if a then b else c`
  IsFirst,    ///< `a is first`
  IsLast,     ///< `a is last`
  IsIn,       ///< `a is in b`; negated: `is not in`
  Otherwise,  ///< `a otherwise b`
  IfMade,     ///< `a if made otherwise b`
  AtLeast,    ///< `at least a of b`
  FirstOf,    ///< `first a of b`
  AnyOf,      ///< `any of b`
  Stream,     ///< `stream b`
  As,         ///< `a as type`
  Range,      ///< `a .. b`, `.. b`, `a ..` (missing side null)
  DownTo,     ///< `a down to b`
  Step,       ///< `a step b`
  Cycle,      ///< `every a from b until c in zone` (c null: open end; the zone, if any, in `items`)
  Batches,    ///< `a in batches of b`
  Grouped,    ///< `a grouped by items` (joined by `and`; `parent` is a name)
  Star,       ///< `*` in brackets
  Where,      ///< `name in a if b` in brackets: members of a for which b holds
  Await,    ///< `await a, timeout 2d [is no_data]`: a is Awaited, or Binary `and` and `or` of such;
            ///< the timeout in `args`; `negated` true when it is no_data
  Awaited,  ///< `a, age 10min, size 1MiB`: clauses in `args` (names age size free)
};

/// One expression node. Which fields are used is said at ExprKind.
struct Expr {
  ExprKind kind = ExprKind::Hole;
  bool negated = false;
  Range range;
  StringRef text;
  Name name;
  Expr *a = nullptr, *b = nullptr, *c = nullptr;
  ArrayRef<Arg> args;
  ArrayRef<Expr*> items;
  ArrayRef<StringPart> parts;
  TypeRef* type = nullptr;
};

}  // namespace wfc::syntax
