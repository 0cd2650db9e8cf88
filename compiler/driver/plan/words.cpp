// Numbers as people read them.
#include <cmath>

#include "fmt/format.h"

#include "compiler/driver/plan/plan.h"

namespace wfc::driver::plan {

using forecast::Count;

std::string grouped(uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string countText(const Count& count) {
  switch (count.how) {
    case Count::Exactly:
      return grouped(count.n);
    case Count::AtMost:
      return "≤ " + grouped(count.n);
    case Count::FoundByRun:
      return "found by the run";
    case Count::NoEnd:
      return "no end";
  }
  return {};
}

std::string hoursText(double hours) {
  if (hours == 0) return "0";
  if (hours >= 100) return grouped(static_cast<uint64_t>(std::llround(hours)));
  std::string text = hours < 0.01 ? fmt::format("{:.1g}", hours) : fmt::format("{:.2f}", hours);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string spanText(double hours) {
  auto seconds = static_cast<uint64_t>(std::llround(hours * 3600));
  uint64_t days = seconds / 86400, left = seconds % 86400;
  if (days >= 3)
    return left / 3600 > 0 ? fmt::format("{}d {}h", grouped(days), left / 3600)
                           : grouped(days) + "d";
  uint64_t whole = seconds / 3600, minutes = seconds / 60 % 60, rest = seconds % 60;
  if (whole > 0)
    return minutes > 0 ? fmt::format("{}h {}min", whole, minutes) : fmt::format("{}h", whole);
  if (minutes > 0)
    return rest > 0 ? fmt::format("{}min {}s", minutes, rest) : fmt::format("{}min", minutes);
  return fmt::format("{}s", rest);
}

std::string bytesText(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  bool isWhole = unit == 0 || bytes >= 100 || bytes == std::floor(bytes);
  return isWhole ? fmt::format("{:.0f} {}", bytes, kUnits[unit])
                 : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string filesText(double count) {
  return grouped(static_cast<uint64_t>(count)) + " files and folders";
}

std::string pathText(const Plan& plan) {
  std::string text;
  for (const forecast::Step& step : plan.forecast.path) {
    std::string part;
    for (const auto& [family, count] : step.families) {
      if (!part.empty()) part += " + ";
      part += count == 1 ? plan.module[family].name
                         : fmt::format("{} × {}", grouped(count), plan.module[family].name);
    }
    text += (text.empty() ? "" : " → ") + part;
  }
  return text;
}

}  // namespace wfc::driver::plan
