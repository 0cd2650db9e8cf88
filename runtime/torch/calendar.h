// Time as gridded data tells it: CF's `days since 2025-01-01`, in the calendar that we live by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::learn {

/// Seconds since the beginning of 1970, UTC.
using Seconds = int64_t;
constexpr Seconds kDay = 86400;

/// `2025-01-31`, at midnight.
std::optional<Seconds> dayOf(llvm::StringRef text);

/// `2025-01-31`, and the time of day where it is not midnight.
std::string textOf(Seconds time);

/// `1 day`, `6 hours`, `10 minutes`.
std::string spanOf(Seconds span);

struct TimeUnits {
  Seconds origin = 0;
  double seconds = 1;
  Seconds of(double value) const;
};

/// `hours since 1970-01-01 00:00:00`; nothing where it is not understood.
std::optional<TimeUnits> timeUnitsOf(llvm::StringRef text);

}  // namespace wfc::learn
