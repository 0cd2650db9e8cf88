// Sizes and times of site files.
#include "compiler/site/quantity.h"

#include "fmt/format.h"
#include "llvm/ADT/ArrayRef.h"

namespace wfc::site {

namespace {

struct Unit {
  llvm::StringRef name;
  int64_t factor;
};

constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

// Larger units first: the texts are made from these tables too.
constexpr Unit kBinary[] = {
    {"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10}};
constexpr Unit kDecimal[] = {{"PB", 1000000000000000},
                             {"TB", 1000000000000},
                             {"GB", 1000000000},
                             {"MB", 1000000},
                             {"KB", 1000},
                             {"kB", 1000},
                             {"B", 1}};
constexpr Unit kTime[] = {{"w", 7 * kDay},  {"d", kDay},    {"h", kHour},
                          {"min", kMinute}, {"s", kSecond}, {"ms", 1}};

template <size_t N>
std::optional<int64_t> scaled(int64_t number, llvm::StringRef unit, const Unit (&units)[N]) {
  for (const Unit& known : units) {
    int64_t result = 0;
    if (known.name == unit && !__builtin_mul_overflow(number, known.factor, &result)) return result;
  }
  return std::nullopt;
}

/// Takes the digits off the front.
std::optional<int64_t> number(llvm::StringRef& text) {
  llvm::StringRef digits = text.take_while([](char c) { return c >= '0' && c <= '9'; });
  int64_t value = 0;
  if (digits.empty() || digits.getAsInteger(10, value)) return std::nullopt;
  text = text.drop_front(digits.size()).ltrim(' ');
  return value;
}

}  // namespace

std::optional<int64_t> bytesOf(llvm::StringRef text) {
  auto value = number(text);
  if (!value) return std::nullopt;
  if (auto bytes = scaled(*value, text, kBinary)) return bytes;
  return scaled(*value, text, kDecimal);
}

std::optional<int64_t> millisecondsOf(llvm::StringRef text) {
  int64_t sum = 0;
  do {
    auto value = number(text);
    if (!value) return std::nullopt;
    llvm::StringRef unit = text.take_while([](char c) { return c >= 'a' && c <= 'z'; });
    auto part = scaled(*value, unit, kTime);
    if (!part || __builtin_add_overflow(sum, *part, &sum)) return std::nullopt;
    text = text.drop_front(unit.size()).ltrim(' ');
  } while (!text.empty());
  return sum;
}

std::string bytesText(int64_t bytes) {
  // Whichever was probably written: 256GB, not 250000000KiB.
  std::string text = "0B";
  int64_t least = INT64_MAX;
  for (llvm::ArrayRef<Unit> units : {llvm::ArrayRef(kBinary), llvm::ArrayRef(kDecimal)})
    for (const Unit& unit : units)
      if (bytes >= unit.factor && bytes % unit.factor == 0 && bytes / unit.factor < least) {
        least = bytes / unit.factor;
        text = fmt::format("{}{}", least, unit.name.str());
      }
  return text;
}

std::string timeText(int64_t milliseconds) {
  if (milliseconds == 0) return "0s";
  std::string text;
  for (const Unit& unit : kTime) {
    // Weeks are for reading only, and days begin where hours stop being said.
    bool isCoarse = unit.factor > kHour;
    if (isCoarse &&
        (milliseconds % unit.factor != 0 || milliseconds < 3 * kDay || unit.factor > kDay))
      continue;
    if (milliseconds < unit.factor) continue;
    text += fmt::format("{}{}", milliseconds / unit.factor, unit.name.str());
    milliseconds %= unit.factor;
  }
  return text;
}

}  // namespace wfc::site
