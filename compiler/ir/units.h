// The table of units and what is written with it, for the other files of ir/; the public part is in
// eval.h.
#pragma once

#include "compiler/ir/eval.h"

namespace wfc::ir {

/// One unit: its size in base units of the value's kind, or minus its number of calendar months.
struct Unit {
  llvm::StringLiteral name;
  Value::Kind kind;
  int64_t size;
  constexpr bool isMonths() const { return size < 0; }
};

/// Null if there is none.
const Unit* unitNamed(llvm::StringRef name);
/// Canonical text of a Duration, Bytes or Length.
std::string quantityText(const Value& value);
/// The quantity in a unit, exactly, or a duration as a clock.
Result formatQuantity(const Value& value, llvm::StringRef format);
/// `H:MM:SS`, `HH:MM:SS` or `D-HH:MM:SS`.
bool isClockFormat(llvm::StringRef format);

}  // namespace wfc::ir
