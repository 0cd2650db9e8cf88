// Evaluation of expressions, the same at compile time (constant folding, tables) and at run time
// (arguments, guards, paths). Total: an error is a value of the result, never an exception; integer
// overflow and division by zero are errors.
#pragma once

#include <functional>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/ir/module.h"

namespace wfc::ir {

/// What an expression can see. Unset functions mean "not available here": evaluating such a node is
/// an error.
struct Scope {
  std::function<const Value*(LoopId)> loopVar;
  std::function<std::optional<std::pair<uint64_t, uint64_t>>(LoopId)>
      loopPosition;  ///< position and size (UINT64_MAX: open)
  std::function<const Value*(uint32_t)> input;
  std::function<std::optional<Value>(uint32_t)> output;
  std::function<std::optional<Value>(llvm::StringRef)> need;
  std::function<std::optional<Value>(llvm::StringRef)> special;
  std::function<std::optional<Value>(RefId)> ref;
};

/// A value, or why there is none (lower case, one line) and where.
struct Result {
  std::optional<Value> value;
  std::string error;
  Loc at;
  explicit operator bool() const { return value.has_value(); }
};

inline Result ok(Value value) { return {std::move(value), {}, {}}; }
inline Result fail(std::string error) { return {{}, std::move(error), {}}; }

Result evaluate(const Module& module, ExprId expr, const Scope& scope);

/// A field of a value, as Op::Field reads it: `first_day` of a span, a record's field, a file's key
/// …
Result fieldOf(const Module& module, const Value& value, llvm::StringRef field);
/// A binary operator (Add … Ge, In) on two values.
Result applyBinary(const Module& module, Op op, const Value& a, const Value& b);
/// The type that an expression has by its parts; the text form writes types only where they differ
/// from it. Interns in `types`. Error where it cannot be told. `task`: whose inputs and outputs are
/// meant, may be null.
TypeId inferType(const Module& module, Types& types, const Task* task, ExprId expr);

/// True if the expression uses nothing but constants.
bool isConstant(const Module& module, ExprId expr);
/// Every RefId used in the expression, in order of appearance.
void collectRefs(const Module& module, ExprId expr, std::vector<RefId>& refs);
/// The references that the members of a space come from, and of what they are named by.
void collectRefs(const Module& module, SpaceId space, std::vector<RefId>& refs);
/// Those of all that a wait names.
void collectRefs(const Module& module, const Family::WaitFor& wait, std::vector<RefId>& refs);
/// Calls `visit` for the expression and all below it, parents first.
void walk(const Module& module, ExprId expr, const std::function<void(const Expr&)>& visit);

/// A builtin function of the language, for the checker, completion and docs.
struct Builtin {
  llvm::StringRef name;
  llvm::StringRef signature;  ///< `len([T]) -> Int`, read by check/: T is a type variable; several
                              ///< overloads are several rows
  llvm::StringRef doc;
};
/// len sum min max sorted reversed unique flatten zip first last join split contains starts_with
/// ends_with replace upper lower abs round floor ceil range keys values name parent stem extension
/// date instant days_between str int float …
llvm::ArrayRef<Builtin> builtins();

// ---- text of values (format.cpp)

/// Canonical text: integers in decimal, floats as Python's repr, ISO dates, `2025-01-01T06:00:00Z`,
/// durations `8h` / `1h30min`, bytes in the largest exact binary unit, lengths in m, enumerators by
/// their text or else name, paths as they are.
std::string toText(const Module& module, const Value& value);
/// With a format: strftime for dates and instants (`%Y%m%d`), printf-like for numbers (`04d`,
/// `.3f`), a unit for quantities
/// (`MiB`, `min`: exact or an error; `H:MM:SS` and `D-HH:MM:SS` for durations).
Result formatValue(const Module& module, const Value& value, llvm::StringRef format);
/// The static check of a format against a type: empty if fine, else what is wrong.
std::string checkFormat(const Types& types, TypeId type, llvm::StringRef format);
/// As an index in ids and paths (semantics §12 "As text"): percent-encoded outside [A-Za-z0-9._+-].
/// A record is its key fields joined by `,` or, without any, the first 12 hex digits of SHA-256 of
/// its canonical JSON. `hashDigits` is raised by who finds two equal ones in a family.
std::string keyText(const Module& module, const Value& value, unsigned hashDigits = 12);
/// RFC 8785 canonical JSON with typed values as their text.
std::string toJson(const Module& module, const Value& value);
/// Reads a small output: JSON text to a value of the type.
Result fromJson(const Module& module, TypeId type, llvm::StringRef json);
/// Unit literals: `8`,`h` -> Duration …; nullopt if the unit is unknown. `unitNames()` for
/// suggestions.
std::optional<Value> quantity(llvm::StringRef number, llvm::StringRef unit);
llvm::ArrayRef<llvm::StringRef> unitNames();
/// Canonical text of a quantity back to its value: `1h30min` Duration, `176GiB` Bytes, `0.5m`
/// Length.
std::optional<Value> parseQuantity(llvm::StringRef text);
/// A Float as Python's repr: `1.0`, `1e-05`.
std::string floatText(double value);

// ---- calendar (calendar.cpp): proleptic Gregorian, UTC

std::optional<int64_t> parseDate(llvm::StringRef iso);     ///< days
std::optional<int64_t> parseInstant(llvm::StringRef iso);  ///< seconds
std::string dateText(int64_t days);
std::string instantText(int64_t seconds);
/// Adds a Duration (months first, the day clamped to the month's end, then milliseconds).
int64_t addToInstant(int64_t seconds, const Value& duration);

}  // namespace wfc::ir
