// See calendar.h.
#include "runtime/torch/calendar.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringSwitch.h>

namespace wfc::learn {

namespace {

namespace chrono = std::chrono;

/// `12:30`, `06:00:00.0`, with a `Z` or without.
std::optional<Seconds> timeOfDay(llvm::StringRef text) {
  if (!text.consume_back("Z")) text.consume_back("UTC");
  text = text.trim();
  if (text.empty()) return 0;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ':');
  if (parts.size() > 3) return {};
  double seconds = 0, unit = 3600;
  for (llvm::StringRef part : parts) {
    double number = 0;
    if (part.getAsDouble(number) || number < 0 || number >= 61) return {};
    seconds += number * unit;
    unit /= 60;
  }
  return std::llround(seconds);
}

}  // namespace

std::optional<Seconds> dayOf(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, '-');
  int year = 0;
  unsigned month = 0, day = 0;
  if (parts.size() != 3 || parts[0].getAsInteger(10, year) || parts[1].getAsInteger(10, month) ||
      parts[2].getAsInteger(10, day))
    return {};
  chrono::year_month_day date{chrono::year(year), chrono::month(month), chrono::day(day)};
  if (!date.ok()) return {};
  return chrono::sys_days(date).time_since_epoch().count() * kDay;
}

std::string textOf(Seconds time) {
  Seconds day = time >= 0 ? time / kDay : (time - kDay + 1) / kDay, rest = time - day * kDay;
  chrono::year_month_day date{chrono::sys_days(chrono::days(day))};
  std::string text =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (rest != 0) text += fmt::format("T{:02}:{:02}", rest / 3600, rest / 60 % 60);
  if (rest % 60 != 0) text += fmt::format(":{:02}", rest % 60);
  return text;
}

std::string spanOf(Seconds span) {
  auto say = [](Seconds count, const char* unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  if (span % kDay == 0) return say(span / kDay, "day");
  if (span % 3600 == 0) return say(span / 3600, "hour");
  return span % 60 == 0 ? say(span / 60, "minute") : say(span, "second");
}

Seconds TimeUnits::of(double value) const { return origin + std::llround(value * seconds); }

std::optional<TimeUnits> timeUnitsOf(llvm::StringRef text) {
  auto [unit, since] = text.trim().split(" since ");
  double seconds = llvm::StringSwitch<double>(unit.trim().lower())
                       .Cases("second", "seconds", "sec", "s", 1)
                       .Cases("minute", "minutes", "min", 60)
                       .Cases("hour", "hours", "hr", "h", 3600)
                       .Cases("day", "days", "d", kDay)
                       .Default(0);
  since = since.trim();
  size_t end = since.find_first_of(" T");
  std::optional<Seconds> day = dayOf(since.take_front(end));
  std::optional<Seconds> rest =
      timeOfDay(end == llvm::StringRef::npos ? "" : since.drop_front(end + 1));
  if (seconds == 0 || !day || !rest) return {};
  return TimeUnits{*day + *rest, seconds};
}

}  // namespace wfc::learn
