// Units: literals with one, and the canonical text of durations, bytes and lengths.
//
// Numbers are decimal texts and stay exact: `0.1m` is 100000 micrometres, and a literal that is not
// a whole number of base units is no value.
#include "compiler/ir/units.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/ir/eval.h"

namespace wfc::ir {

static constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                         kDay = 24 * kHour;
static constexpr int64_t kKibi = 1024, kKilo = 1000;

// Months are marked by a size of 0 or less: -n is n months. The first of equal names is canonical.
static constexpr Unit kUnits[] = {
    {"ms", Value::Duration, 1},
    {"s", Value::Duration, kSecond},
    {"min", Value::Duration, kMinute},
    {"h", Value::Duration, kHour},
    {"d", Value::Duration, kDay},
    {"w", Value::Duration, 7 * kDay},
    {"month", Value::Duration, -1},
    {"months", Value::Duration, -1},
    {"year", Value::Duration, -12},
    {"years", Value::Duration, -12},
    {"B", Value::Bytes, 1},
    {"KiB", Value::Bytes, kKibi},
    {"MiB", Value::Bytes, kKibi* kKibi},
    {"GiB", Value::Bytes, kKibi* kKibi* kKibi},
    {"TiB", Value::Bytes, kKibi* kKibi* kKibi* kKibi},
    {"PiB", Value::Bytes, kKibi* kKibi* kKibi* kKibi* kKibi},
    {"kB", Value::Bytes, kKilo},
    {"KB", Value::Bytes, kKilo},
    {"MB", Value::Bytes, kKilo* kKilo},
    {"GB", Value::Bytes, kKilo* kKilo* kKilo},
    {"TB", Value::Bytes, kKilo* kKilo* kKilo* kKilo},
    {"PB", Value::Bytes, kKilo* kKilo* kKilo* kKilo* kKilo},
    {"um", Value::Length, 1},
    {"mm", Value::Length, 1000},
    {"cm", Value::Length, 10000},
    {"m", Value::Length, 1000000},
    {"km", Value::Length, 1000000000},
};

const Unit* unitNamed(llvm::StringRef name) {
  const auto* it = llvm::find_if(kUnits, [&](const Unit& unit) { return unit.name == name; });
  return it == std::end(kUnits) ? nullptr : it;
}

llvm::ArrayRef<llvm::StringRef> unitNames() {
  static constexpr auto kNames = [] {
    std::array<llvm::StringRef, std::size(kUnits)> names;
    for (size_t n = 0; n < std::size(kUnits); ++n) names[n] = kUnits[n].name;
    return names;
  }();
  return kNames;
}

// The product of two 64-bit numbers fits.
__extension__ typedef __int128 Wide;

// number * size, if the decimal text gives a whole number that fits.
static std::optional<int64_t> scaled(llvm::StringRef number, int64_t size) {
  auto [whole, fraction] = number.split('.');
  if (whole.empty() || (fraction.empty() && number.contains('.'))) return std::nullopt;
  Wide total = 0, denominator = 1;
  fraction = fraction.rtrim('0');
  if (whole.size() > 19 || fraction.size() > 18) return std::nullopt;
  for (char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    total = total * 10 + (c - '0');
  }
  if (total > INT64_MAX) return std::nullopt;
  total *= size;
  if (total > INT64_MAX) return std::nullopt;
  Wide rest = 0;
  for (char c : fraction) {
    if (c < '0' || c > '9') return std::nullopt;
    rest = rest * 10 + (c - '0');
    denominator *= 10;
  }
  // rest < 10^18 and size < 2^51: the product fits.
  if (rest * size % denominator != 0) return std::nullopt;
  total += rest * size / denominator;
  if (total > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(total);
}

/// `1_000` and `1.5e3` without underscores and exponent.
static std::string plainDecimal(llvm::StringRef written) {
  std::string text = written.str();
  text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
  llvm::StringRef mantissa =
      llvm::StringRef(text).take_until([](char c) { return c == 'e' || c == 'E'; });
  if (mantissa.size() == text.size()) return text;
  llvm::StringRef power = llvm::StringRef(text).drop_front(mantissa.size() + 1);
  power.consume_front("+");
  int exponent = 0;
  if (power.getAsInteger(10, exponent) || exponent < -30 || exponent > 30) return {};
  auto [whole, fraction] = mantissa.split('.');
  std::string digits = whole.str() + fraction.str();
  int point = static_cast<int>(whole.size()) + exponent;
  if (point < 1) digits.insert(0, static_cast<size_t>(1 - point), '0');
  size_t at = static_cast<size_t>(std::max(point, 1));
  if (at > digits.size()) digits.append(at - digits.size(), '0');
  return at == digits.size() ? digits : digits.substr(0, at) + "." + digits.substr(at);
}

std::optional<Value> quantity(llvm::StringRef written, llvm::StringRef unit) {
  const Unit* found = unitNamed(unit);
  if (!found) return std::nullopt;
  std::string number = plainDecimal(written);
  if (found->isMonths()) {
    std::optional<int64_t> months = scaled(number, -found->size);
    if (!months) return std::nullopt;
    return Value::scalar(Value::Duration, 0, *months);
  }
  std::optional<int64_t> base = scaled(number, found->size);
  if (!base) return std::nullopt;
  return Value::scalar(found->kind, *base);
}

// One `-1h`, `30min` … of a composed duration; `negative` persists until another sign.
static std::optional<Value> takePart(llvm::StringRef& text, bool& negative) {
  if (text.consume_front("-"))
    negative = true;
  else if (text.consume_front("+"))
    negative = false;
  llvm::StringRef number =
      text.take_while([](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  text = text.drop_front(number.size());
  llvm::StringRef unit =
      text.take_while([](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  text = text.drop_front(unit.size());
  std::optional<Value> part = quantity(number, unit);
  if (part && negative) {
    part->i = -part->i;
    part->j = -part->j;
  }
  return part;
}

std::optional<Value> parseQuantity(llvm::StringRef text) {
  bool negative = false;
  std::optional<Value> total = takePart(text, negative);
  while (total && !text.empty()) {
    std::optional<Value> part = takePart(text, negative);
    if (!part || part->kind != Value::Duration || total->kind != Value::Duration)
      return std::nullopt;
    if (__builtin_add_overflow(total->i, part->i, &total->i) ||
        __builtin_add_overflow(total->j, part->j, &total->j))
      return std::nullopt;
  }
  return total;
}

static std::string msText(uint64_t ms) {
  static constexpr std::pair<const char*, int64_t> kParts[] = {
      {"d", kDay}, {"h", kHour}, {"min", kMinute}, {"s", kSecond}, {"ms", 1}};
  std::string text;
  for (auto [name, size] : kParts) {
    if (uint64_t count = ms / static_cast<uint64_t>(size)) text += fmt::format("{}{}", count, name);
    ms %= static_cast<uint64_t>(size);
  }
  return text;
}

static uint64_t magnitude(int64_t n) {
  return n < 0 ? uint64_t{0} - static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
}

static std::string durationText(const Value& value) {
  std::string text;
  if (value.j != 0)
    text = fmt::format("{}month{}", value.j, value.j == 1 || value.j == -1 ? "" : "s");
  if (value.i == 0) return text.empty() ? "0s" : text;
  if (value.i < 0)
    text += '-';
  else if (value.j < 0)
    text += '+';
  return text + msText(magnitude(value.i));
}

static std::string bytesText(int64_t bytes) {
  static constexpr const char* kNames[][2] = {{"B", "B"},    {"KiB", "kB"}, {"MiB", "MB"},
                                              {"GiB", "GB"}, {"TiB", "TB"}, {"PiB", "PB"}};
  auto scaled = [bytes](int64_t step) {
    std::pair<int64_t, size_t> result{bytes, 0};
    while (bytes != 0 && result.first % step == 0 && result.second + 1 < std::size(kNames)) {
      result.first /= step;
      ++result.second;
    }
    return result;
  };
  auto [binary, binaryUnit] = scaled(1024);
  auto [decimal, decimalUnit] = scaled(1000);
  // Whichever was probably written: 20GB, not 19531250KiB.
  bool isDecimal = magnitude(decimal) < magnitude(binary);
  return isDecimal ? fmt::format("{}{}", decimal, kNames[decimalUnit][1])
                   : fmt::format("{}{}", binary, kNames[binaryUnit][0]);
}

static std::string lengthText(int64_t micrometres) {
  uint64_t size = magnitude(micrometres);
  std::string fraction = fmt::format("{:06}", size % 1000000);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return fmt::format("{}{}{}{}m", micrometres < 0 ? "-" : "", size / 1000000,
                     fraction.empty() ? "" : ".", fraction);
}

std::string quantityText(const Value& value) {
  if (value.kind == Value::Duration) return durationText(value);
  return value.kind == Value::Bytes ? bytesText(value.i) : lengthText(value.i);
}

// `H:MM:SS`, `HH:MM:SS`, `D-HH:MM:SS`, as schedulers write times.
static Result clockText(const Value& value, llvm::StringRef format) {
  if (value.j != 0) return {{}, "months have no fixed number of hours", {}};
  if (value.i % kSecond != 0 || value.i < 0)
    return {{}, fmt::format("`{}` is not a whole number of seconds", durationText(value)), {}};
  int64_t seconds = value.i / kSecond;
  int64_t hours = seconds / 3600;
  std::string rest = fmt::format("{:02}:{:02}", seconds / 60 % 60, seconds % 60);
  if (format.starts_with("D"))
    return {Value::text(fmt::format("{}-{:02}:{}", hours / 24, hours % 24, rest)), {}, {}};
  return {Value::text(format.starts_with("HH") ? fmt::format("{:02}:{}", hours, rest)
                                               : fmt::format("{}:{}", hours, rest)),
          {},
          {}};
}

bool isClockFormat(llvm::StringRef format) {
  return format == "H:MM:SS" || format == "HH:MM:SS" || format == "D-HH:MM:SS";
}

Result formatQuantity(const Value& value, llvm::StringRef format) {
  if (value.kind == Value::Duration && isClockFormat(format)) return clockText(value, format);
  const Unit* unit = unitNamed(format);
  if (!unit || unit->kind != value.kind)
    return {{}, fmt::format("`{}` is no unit of `{}`", format.str(), quantityText(value)), {}};
  int64_t size = unit->isMonths() ? -unit->size : unit->size;
  int64_t count = unit->isMonths() ? value.j : value.i;
  int64_t other = unit->isMonths() ? value.i : value.j;
  if (count % size != 0 || (value.kind == Value::Duration && other != 0))
    return {{},
            fmt::format("`{}` is not a whole number of `{}`", quantityText(value), format.str()),
            {}};
  return {Value::text(std::to_string(count / size)), {}, {}};
}

}  // namespace wfc::ir
