// Text of values: canonical, and by a format.
//
// Formats of numbers are printf's without length modifiers; of dates, the part of strftime that
// does not depend on a locale. What cannot be written exactly is an error, never rounded silently,
// but for the precision that a format of a Float states.
#include <cmath>

#include <fmt/format.h>

#include "compiler/ir/calendar.h"
#include "compiler/ir/units.h"

namespace wfc::ir {

std::string floatText(double value) {
  if (value != value) return "nan";
  // fmt chooses between fixed and exponent as Python does, but leaves out `.0`.
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".ein") == std::string::npos) text += ".0";
  return text;
}

static std::string enumText(const Module& module, const Value& value) {
  if (!value.type.valid() || value.type.index() >= module.types.size()) return "";
  const Type& type = module.types[value.type];
  if (value.i < 0 || static_cast<size_t>(value.i) >= type.fields.size()) return "";
  const Field& field = type.fields[static_cast<size_t>(value.i)];
  return field.value ? field.value->s : field.name;
}

static std::string listText(const Module& module, const Value& value) {
  std::string text = "[";
  for (size_t n = 0; n < value.size(); ++n) {
    if (n > 0) text += value.kind == Value::Map && n % 2 == 1 ? ": " : ", ";
    text += toText(module, value.at(n));
  }
  return text + "]";
}

std::string toText(const Module& module, const Value& value) {
  switch (value.kind) {
    case Value::None:
      return "none";
    case Value::Bool:
      return value.truth() ? "true" : "false";
    case Value::Int:
      return std::to_string(value.i);
    case Value::Float:
      return floatText(value.f);
    case Value::String:
    case Value::Path:
    case Value::File:
      return value.s;
    case Value::Date:
      return dateText(value.i);
    case Value::Instant:
      return instantText(value.i);
    case Value::Duration:
    case Value::Bytes:
    case Value::Length:
      return quantityText(value);
    case Value::Enum:
      return enumText(module, value);
    case Value::Span:
    case Value::Record:
      return keyText(module, value);
    case Value::List:
    case Value::Map:
    case Value::Set:
      return listText(module, value);
  }
  return "";
}

namespace {

/// A printf-like format, read.
struct NumberFormat {
  bool left = false, plus = false, blank = false, zero = false;
  unsigned width = 0;
  int precision = -1;
  char conversion = 'd';
};

}  // namespace

static std::optional<NumberFormat> readNumberFormat(llvm::StringRef text) {
  NumberFormat format;
  text.consume_front("%");
  for (; !text.empty() && llvm::StringRef("-+ 0").contains(text.front()); text = text.drop_front())
    switch (text.front()) {
      case '-':
        format.left = true;
        break;
      case '+':
        format.plus = true;
        break;
      case ' ':
        format.blank = true;
        break;
      default:
        format.zero = true;
    }
  llvm::StringRef width = text.take_while([](char c) { return c >= '0' && c <= '9'; });
  if (!width.empty() && (width.getAsInteger(10, format.width) || format.width > 1000)) return {};
  text = text.drop_front(width.size());
  if (text.consume_front(".")) {
    llvm::StringRef precision = text.take_while([](char c) { return c >= '0' && c <= '9'; });
    if (precision.getAsInteger(10, format.precision) || format.precision > 100) return {};
    text = text.drop_front(precision.size());
  }
  if (text.size() != 1 || !llvm::StringRef("dxXoeEfFgGs").contains(text.front())) return {};
  format.conversion = text.front();
  return format;
}

static bool isForInts(char conversion) { return llvm::StringRef("dxXo").contains(conversion); }
static bool isForFloats(char conversion) { return llvm::StringRef("eEfFgG").contains(conversion); }

// Digits of the magnitude; the sign and padding come from `pad`.
static std::string digitsOf(const Value& value, const NumberFormat& format) {
  if (isForInts(format.conversion)) {
    uint64_t size =
        value.i < 0 ? uint64_t{0} - static_cast<uint64_t>(value.i) : static_cast<uint64_t>(value.i);
    switch (format.conversion) {
      case 'x':
        return fmt::format("{:x}", size);
      case 'X':
        return fmt::format("{:X}", size);
      case 'o':
        return fmt::format("{:o}", size);
      default:
        return fmt::format("{}", size);
    }
  }
  double size = value.kind == Value::Int ? static_cast<double>(value.i) : value.f;
  size = std::signbit(size) ? -size : size;
  std::string pattern =
      fmt::format("{{:.{}{}}}", format.precision < 0 ? 6 : format.precision, format.conversion);
  return fmt::format(fmt::runtime(pattern), size);
}

static std::string pad(const std::string& digits, const std::string& sign,
                       const NumberFormat& format) {
  size_t length = digits.size() + sign.size();
  size_t missing = format.width > length ? format.width - length : 0;
  if (format.left) return sign + digits + std::string(missing, ' ');
  if (format.zero) return sign + std::string(missing, '0') + digits;
  return std::string(missing, ' ') + sign + digits;
}

static Result formatNumber(const Module& module, const Value& value, llvm::StringRef text) {
  std::optional<NumberFormat> format = readNumberFormat(text);
  if (!format) return {{}, fmt::format("`{}` is no format of a number", text.str()), {}};
  if (format->conversion == 's') {
    format->zero = false;
    return {Value::text(pad(toText(module, value), "", *format)), {}, {}};
  }
  if (value.kind == Value::String || (value.kind == Value::Float && isForInts(format->conversion)))
    return {{}, fmt::format("`{}` does not format `{}`", text.str(), toText(module, value)), {}};
  bool negative = value.kind == Value::Int ? value.i < 0 : std::signbit(value.f);
  std::string sign = negative ? "-" : format->plus ? "+" : format->blank ? " " : "";
  return {Value::text(pad(digitsOf(value, *format), sign, *format)), {}, {}};
}

static constexpr llvm::StringLiteral kMonths[] = {"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
static constexpr llvm::StringLiteral kWeekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
static constexpr llvm::StringLiteral kDateConversions = "YmdyjbBaAFu%";
static constexpr llvm::StringLiteral kClockConversions = "HMSTs";

static std::string dateConversion(char conversion, int64_t days) {
  Civil date = civilOf(days);
  auto weekday = static_cast<size_t>(floorMod(days + 4, 7));
  auto month = static_cast<size_t>(date.month - 1);
  switch (conversion) {
    case 'Y':
      return fmt::format("{:04}", date.year);
    case 'm':
      return fmt::format("{:02}", date.month);
    case 'd':
      return fmt::format("{:02}", date.day);
    case 'y':
      return fmt::format("{:02}", floorMod(date.year, 100));
    case 'j':
      return fmt::format("{:03}", days - daysOf({date.year, 1, 1}) + 1);
    case 'b':
      return kMonths[month].substr(0, 3).str();
    case 'B':
      return kMonths[month].str();
    case 'a':
      return kWeekdays[weekday].substr(0, 3).str();
    case 'A':
      return kWeekdays[weekday].str();
    case 'F':
      return dateText(days);
    case 'u':
      return std::to_string(weekday == 0 ? 7 : weekday);
    default:
      return "%";
  }
}

static std::string clockConversion(char conversion, int64_t seconds) {
  int64_t clock = floorMod(seconds, 86400);
  switch (conversion) {
    case 'H':
      return fmt::format("{:02}", clock / 3600);
    case 'M':
      return fmt::format("{:02}", clock / 60 % 60);
    case 'S':
      return fmt::format("{:02}", clock % 60);
    case 'T':
      return instantText(seconds).substr(11, 8);
    default:
      return std::to_string(seconds);
  }
}

// Empty if fine. A date has no clock, but midnight may be written.
static std::string checkTimeFormat(llvm::StringRef format) {
  for (size_t n = 0; n < format.size(); ++n) {
    if (format[n] != '%') continue;
    if (++n == format.size()) return "a format ends in `%`";
    if (!kDateConversions.contains(format[n]) && !kClockConversions.contains(format[n]))
      return fmt::format("`%{}` is no part of a date", format[n]);
  }
  return "";
}

static Result formatTime(int64_t seconds, llvm::StringRef format) {
  if (std::string wrong = checkTimeFormat(format); !wrong.empty()) return {{}, wrong, {}};
  std::string text;
  for (size_t n = 0; n < format.size(); ++n) {
    if (format[n] != '%')
      text += format[n];
    else if (kDateConversions.contains(format[++n]))
      text += dateConversion(format[n], floorDiv(seconds, 86400));
    else
      text += clockConversion(format[n], seconds);
  }
  return {Value::text(std::move(text)), {}, {}};
}

Result formatValue(const Module& module, const Value& value, llvm::StringRef format) {
  if (format.empty()) return {Value::text(toText(module, value)), {}, {}};
  switch (value.kind) {
    case Value::Date:
      return formatTime(value.i * 86400, format);
    case Value::Instant:
    case Value::Span:
      return formatTime(value.i, format);
    case Value::Int:
    case Value::Float:
    case Value::String:
      return formatNumber(module, value, format);
    case Value::Duration:
    case Value::Bytes:
    case Value::Length:
      return formatQuantity(value, format);
    default:
      return {{}, fmt::format("`{}` takes no format", toText(module, value)), {}};
  }
}

static std::string checkUnit(llvm::StringRef format, Value::Kind kind, llvm::StringRef what) {
  if (kind == Value::Duration && isClockFormat(format)) return "";
  const Unit* unit = unitNamed(format);
  if (unit && unit->kind == kind) return "";
  return fmt::format("`{}` is no unit of a {}", format.str(), what.str());
}

static std::string checkNumber(llvm::StringRef text, Type::Kind kind) {
  std::optional<NumberFormat> format = readNumberFormat(text);
  if (!format) return fmt::format("`{}` is no format of a number", text.str());
  bool fits = format->conversion == 's' || (kind == Type::Int) ||
              (kind == Type::Float && isForFloats(format->conversion));
  return fits ? "" : fmt::format("`{}` does not format this type", text.str());
}

std::string checkFormat(const Types& types, TypeId type, llvm::StringRef format) {
  if (format.empty()) return "";
  Type::Kind kind = types[type].kind;
  switch (kind) {
    case Type::Error:
      return "";
    case Type::Date:
    case Type::Instant:
    case Type::Span:
      return checkTimeFormat(format);
    case Type::Int:
    case Type::Float:
    case Type::String:
      return checkNumber(format, kind);
    case Type::Duration:
      return checkUnit(format, Value::Duration, "duration");
    case Type::Bytes:
      return checkUnit(format, Value::Bytes, "size");
    case Type::Length:
      return checkUnit(format, Value::Length, "length");
    default:
      return "values of this type take no format";
  }
}

}  // namespace wfc::ir
