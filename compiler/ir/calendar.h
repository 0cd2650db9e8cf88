// Civil dates, for what formats and computes with them inside ir/. The calendar's public functions
// are in eval.h.
#pragma once

#include <cstdint>

namespace wfc::ir {

/// A day of the proleptic Gregorian calendar.
struct Civil {
  int64_t year = 1970;
  int month = 1;  ///< 1 … 12
  int day = 1;    ///< 1 … 31
};

Civil civilOf(int64_t days);
int64_t daysOf(Civil date);
int daysInMonth(int64_t year, int month);
/// True for days of the years 1 to 9999, the only ones that have a text.
bool inCalendar(int64_t days);

/// Division toward negative infinity, and its remainder (of the divisor's sign). The divisor is not
/// 0.
int64_t floorDiv(int64_t a, int64_t b);
int64_t floorMod(int64_t a, int64_t b);

}  // namespace wfc::ir
