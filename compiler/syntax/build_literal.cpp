// Numbers, quantities, dates. Units are checked here, because a unit that is none is a slip of the
// pen; what dimension is wanted where is for check/.
#include <array>
#include <optional>
#include <utility>

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/builder.h"

namespace wfc::syntax {
namespace {

/// Those of compiler/ir/units.cpp.
constexpr std::string_view units[] = {"B",     "kB",  "KB",  "MB",  "GB",    "TB",     "PB",
                                      "KiB",   "MiB", "GiB", "TiB", "PiB",   "ms",     "s",
                                      "min",   "h",   "d",   "w",   "month", "months", "year",
                                      "years", "um",  "mm",  "cm",  "m",     "km"};

/// What is written in words elsewhere.
constexpr std::pair<std::string_view, std::string_view> longUnits[] = {
    {"sec", "s"},      {"secs", "s"},      {"second", "s"}, {"seconds", "s"}, {"mins", "min"},
    {"minute", "min"}, {"minutes", "min"}, {"hr", "h"},     {"hrs", "h"},     {"hour", "h"},
    {"hours", "h"},    {"day", "d"},       {"days", "d"},   {"week", "w"},    {"weeks", "w"},
    {"yr", "year"},    {"K", "KiB"},       {"M", "MiB"},    {"G", "GiB"},     {"T", "TiB"}};

std::optional<std::string_view> nearestUnit(std::string_view unit) {
  for (auto [written, meant] : longUnits)
    if (unit == written) return meant;
  return base::suggest(unit, units);
}

bool isUnit(StringRef unit) {
  for (std::string_view known : units)
    if (unit == StringRef(known)) return true;
  return false;
}

int twoDigits(StringRef text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

bool isLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

bool isDay(StringRef date) {
  int year = twoDigits(date) * 100 + twoDigits(date.substr(2));
  int month = twoDigits(date.substr(5));
  int day = twoDigits(date.substr(8));
  constexpr std::array<int, 13> days = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return false;
  return day >= 1 && day <= days[month] + (month == 2 && isLeap(year));
}

/// `06:00Z`, `06:00:30Z`.
bool isTimeOfDay(StringRef time) {
  if (!time.consume_back("Z")) {
    // `+05:30`: UTC is so much less.
    StringRef offset = time.take_back(6);
    if (time.size() < 11 || (offset[0] != '+' && offset[0] != '-')) return false;
    if (twoDigits(offset.substr(1)) > 14 || twoDigits(offset.substr(4)) > 59) return false;
    time = time.drop_back(6);
  }
  if (time.size() != 5 && time.size() != 8) return false;
  for (size_t i = 0; i < time.size(); ++i)
    if (i % 3 == 2 ? time[i] != ':' : time[i] < '0' || time[i] > '9') return false;
  return twoDigits(time) < 24 && twoDigits(time.substr(3)) < 60 &&
         (time.size() == 5 || twoDigits(time.substr(6)) < 60);
}

}  // namespace

Expr* Builder::literal(uint32_t token) {
  switch (tokens_[token].kind) {
    case Tok::Int:
      return number(token, ExprKind::Int);
    case Tok::Float:
      return number(token, ExprKind::Float);
    case Tok::Quantity:
      return quantity(token);
    case Tok::Date:
      return instant(token, ExprKind::Date);
    case Tok::Instant:
      return instant(token, ExprKind::Instant);
    case Tok::KwNone:
      return make(ExprKind::None, rangeOf(token));
    case Tok::KwTrue:
    case Tok::KwFalse: {
      Expr* expr = make(ExprKind::Bool, rangeOf(token));
      expr->text = textOf(token);
      return expr;
    }
    default:
      return make(ExprKind::Hole, rangeOf(token));
  }
}

Expr* Builder::number(uint32_t token, ExprKind kind) {
  Expr* expr = make(kind, rangeOf(token));
  expr->text = textOf(token);
  return expr;
}

/// The number goes as far as leaves a unit that is one: `1e6s` has an exponent, `1e6` had none.
Expr* Builder::quantity(uint32_t token) {
  StringRef text = textOf(token);
  size_t split = text.find_first_not_of("0123456789_.");
  if (text[split] == 'e' || text[split] == 'E') {
    size_t digits = text.find_first_not_of("+-", split + 1);
    size_t unit = text.find_first_not_of("0123456789", digits);
    if (unit != StringRef::npos && unit != digits) split = unit;
  }
  Range range = rangeOf(token);
  Range unitAt = {range.file, range.begin + static_cast<uint32_t>(split), range.end};
  Expr* expr = make(ExprKind::Quantity, range);
  expr->text = text.take_front(split);
  expr->name = {text.substr(split), unitAt};
  if (isUnit(expr->name.text)) return expr;
  std::string_view unit(expr->name.text.data(), expr->name.text.size());
  diag::UnknownUnit report{.unit = std::string(unit), .note = ""};
  if (auto nearest = nearestUnit(unit)) {
    report.note = "the nearest one is `" + std::string(*nearest) + "`";
    report.fix = diag::Fix{unitAt, std::string(*nearest)};
  } else {
    report.note =
        "durations: ms s min h d w month year; bytes: B kB MB GB TB KiB MiB GiB TiB; "
        "lengths: mm cm m km";
  }
  emitter_.report(unitAt, std::move(report));
  expr->kind = ExprKind::Hole;
  return expr;
}

Expr* Builder::instant(uint32_t token, ExprKind kind) {
  Expr* expr = make(kind, rangeOf(token));
  expr->text = textOf(token);
  bool isRight = isDay(expr->text.take_front(10)) &&
                 (kind == ExprKind::Date || isTimeOfDay(expr->text.drop_front(11)));
  if (isRight) return expr;
  emitter_.report(expr->range, diag::NoSuchDate{.date = expr->text.str()});
  expr->kind = ExprKind::Hole;
  return expr;
}

}  // namespace wfc::syntax
