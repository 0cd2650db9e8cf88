// Which times a cycledef holds.
#include "compiler/ir/calendar.h"

#include "targets/rocoto/foreign/document.h"

namespace wfc::targets::rocoto::foreign {

namespace {

// A cron of every year is looked at from here, and nowhere further than so many days.
constexpr int kUsualYear = 2025;
constexpr int64_t kMostDays = 366 * 30;

bool holdsDay(const std::vector<std::set<int>>& fields, int64_t days) {
  ir::Civil date = ir::civilOf(days);
  int weekday = static_cast<int>(ir::floorMod(days + 4, 7));
  bool isDay = fields[2].contains(date.day), isWeekday = fields[5].contains(weekday);
  bool ofDay = fields[2].size() == 31  ? isWeekday
               : fields[5].size() == 7 ? isDay
                                       : isDay || isWeekday;
  return ofDay && fields[3].contains(date.month) && fields[4].contains(static_cast<int>(date.year));
}

}  // namespace

bool CycleDef::holds(int64_t time) const {
  if (!problem.empty()) return isCron || time >= start;
  if (!isCron) return time >= start && time <= finish && (time - start) % step == 0;
  int64_t days = ir::floorDiv(time, kDay), rest = ir::floorMod(time, kDay);
  return rest % 60 == 0 && holdsDay(fields, days) &&
         fields[1].contains(static_cast<int>(rest / 3600)) &&
         fields[0].contains(static_cast<int>(rest / 60 % 60));
}

std::vector<int64_t> CycleDef::first(size_t most) const {
  std::vector<int64_t> found;
  if (!isCron) {
    for (int64_t time = start; time <= finish && found.size() < most; time += step) {
      found.push_back(time);
      if (step <= 0) break;
    }
    return found;
  }
  if (!problem.empty()) return found;
  int year = fields[4].size() > 100 ? kUsualYear : *fields[4].begin();
  int64_t day = ir::daysOf({year, 1, 1});
  for (int64_t last = day + kMostDays; day < last && found.size() < most; ++day) {
    if (!holdsDay(fields, day)) continue;
    for (int hour : fields[1])
      for (int minute : fields[0])
        if (found.size() < most) found.push_back(day * kDay + hour * 3600 + minute * 60);
  }
  return found;
}

}  // namespace wfc::targets::rocoto::foreign
