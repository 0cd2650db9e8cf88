// The proleptic Gregorian calendar in UTC: days and seconds since 1970-01-01 to and from ISO text.
//
// Years are 1 to 9999; there are no time zones and no leap seconds. Day arithmetic follows the
// usual eras of 400 years, with the year beginning in March so that the leap day comes last.
#include "compiler/ir/calendar.h"

#include <fmt/format.h>

#include "compiler/ir/eval.h"

namespace wfc::ir {

int64_t floorDiv(int64_t a, int64_t b) {
  int64_t q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

int64_t floorMod(int64_t a, int64_t b) {
  int64_t r = a % b;
  return (r != 0 && (r < 0) != (b < 0)) ? r + b : r;
}

Civil civilOf(int64_t days) {
  int64_t shifted = days + 719468;
  int64_t era = floorDiv(shifted, 146097);
  int64_t dayOfEra = floorMod(shifted, 146097);
  int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  int64_t marchMonth = (5 * dayOfYear + 2) / 153;
  int64_t day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
  int64_t month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {yearOfEra + era * 400 + (month <= 2), static_cast<int>(month), static_cast<int>(day)};
}

int64_t daysOf(Civil date) {
  int64_t year = date.year - (date.month <= 2);
  int64_t era = floorDiv(year, 400);
  int64_t yearOfEra = floorMod(year, 400);
  int64_t dayOfYear = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

static bool isLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int daysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && isLeap(year) ? 29 : kDays[month - 1];
}

bool inCalendar(int64_t days) {
  // 0001-01-01 to 9999-12-31
  return days >= -719162 && days <= 2932896;
}

// The decimal number in text[at, at + width), or -1.
static int digits(llvm::StringRef text, size_t at, size_t width) {
  int n = 0;
  for (char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return -1;
    n = n * 10 + (c - '0');
  }
  return text.size() >= at + width ? n : -1;
}

std::optional<int64_t> parseDate(llvm::StringRef iso) {
  if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') return std::nullopt;
  int year = digits(iso, 0, 4), month = digits(iso, 5, 2), day = digits(iso, 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    return std::nullopt;
  return daysOf({year, month, day});
}

// Accepts `2025-01-01T06Z`, `…T06:00Z`, `…T06:00:00Z`.
std::optional<int64_t> parseInstant(llvm::StringRef iso) {
  if (iso.size() < 14 || iso[10] != 'T') return std::nullopt;
  int64_t offset = 0;
  if (char sign = iso[iso.size() - 6]; !iso.ends_with("Z")) {
    int hours = digits(iso, iso.size() - 5, 2), minutes = digits(iso, iso.size() - 2, 2);
    if ((sign != '+' && sign != '-') || iso[iso.size() - 3] != ':') return std::nullopt;
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
    offset = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    iso = iso.drop_back(5);
  }
  std::optional<int64_t> days = parseDate(iso.take_front(10));
  llvm::StringRef clock = iso.slice(11, iso.size() - 1);
  if (!days || (clock.size() != 2 && clock.size() != 5 && clock.size() != 8)) return std::nullopt;
  int parts[3] = {0, 0, 0};
  for (size_t n = 0; n * 3 < clock.size(); ++n) {
    if (n > 0 && clock[n * 3 - 1] != ':') return std::nullopt;
    parts[n] = digits(clock, n * 3, 2);
    if (parts[n] < 0) return std::nullopt;
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return *days * 86400 + parts[0] * 3600 + parts[1] * 60 + parts[2] - offset;
}

std::string dateText(int64_t days) {
  Civil date = civilOf(days);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string instantText(int64_t seconds) {
  int64_t clock = floorMod(seconds, 86400);
  return fmt::format("{}T{:02}:{:02}:{:02}Z", dateText(floorDiv(seconds, 86400)), clock / 3600,
                     clock / 60 % 60, clock % 60);
}

static int64_t saturatedAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

int64_t addToInstant(int64_t seconds, const Value& duration) {
  if (duration.j != 0) {
    Civil date = civilOf(floorDiv(seconds, 86400));
    int64_t months = saturatedAdd(date.year * 12 + date.month - 1, duration.j);
    int64_t year = floorDiv(months, 12);
    // Far outside the calendar: keep the direction, and let the caller see that it is outside.
    if (year < -1000000 || year > 1000000) return duration.j < 0 ? INT64_MIN : INT64_MAX;
    int month = static_cast<int>(floorMod(months, 12)) + 1;
    int day = std::min(date.day, daysInMonth(year, month));
    seconds = daysOf({year, month, day}) * 86400 + floorMod(seconds, 86400);
  }
  return saturatedAdd(seconds, floorDiv(duration.i, 1000));
}

}  // namespace wfc::ir
