// Rocoto's substitutions, one after the other, and Ruby's strftime.
//
//   % -> %%        @x, @^x -> %x, %^x (x: neither blank nor @)        @@ -> @
//   then %n, %o, %O by days of the month and its name, then strftime
#include "targets/rocoto/foreign/cyclestr.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/calendar.h"

namespace wfc::targets::rocoto::foreign {

namespace {

constexpr std::array kMonths = {"January",   "February", "March",    "April",
                                "May",       "June",     "July",     "August",
                                "September", "October",  "November", "December"};
constexpr std::array kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                              "Thursday", "Friday", "Saturday"};

struct Moment {
  ir::Civil date;
  int hour, minute, second, weekday, yearday;
};

Moment momentOf(int64_t time) {
  int64_t days = ir::floorDiv(time, kDay), rest = ir::floorMod(time, kDay);
  ir::Civil date = ir::civilOf(days);
  return {date,
          static_cast<int>(rest / 3600),
          static_cast<int>(rest / 60 % 60),
          static_cast<int>(rest % 60),
          static_cast<int>(ir::floorMod(days + 4, 7)),
          static_cast<int>(days - ir::daysOf({date.year, 1, 1})) + 1};
}

int64_t isoYear(const Moment& m, int& week) {
  int weekday = m.weekday == 0 ? 7 : m.weekday;
  week = (m.yearday - weekday + 10) / 7;
  auto weeksOf = [](int64_t year) {
    int64_t first = ir::floorMod(ir::daysOf({year, 1, 1}) + 4, 7);
    bool isLeap = ir::daysInMonth(year, 2) == 29;
    return first == 4 || (isLeap && first == 3) ? 53 : 52;
  };
  if (week < 1) {
    week = weeksOf(m.date.year - 1);
    return m.date.year - 1;
  }
  if (week > weeksOf(m.date.year)) {
    week = 1;
    return m.date.year + 1;
  }
  return m.date.year;
}

struct Field {
  std::string text;
  char fill = 0;  ///< 0: no number
  size_t width = 0;
};

Field number(int64_t value, size_t width, char fill = '0') {
  return {std::to_string(value), fill, width};
}

std::string strftime(llvm::StringRef format, int64_t time);

/// What tells a day.
std::optional<Field> dateField(char flag, const Moment& m) {
  int week = 0;
  int64_t year = isoYear(m, week);
  switch (flag) {
    case 'Y':
      return number(m.date.year, m.date.year < 0 ? 5 : 4);
    case 'C':
      return number(m.date.year / 100, 2);
    case 'y':
      return number(m.date.year % 100, 2);
    case 'm':
      return number(m.date.month, 2);
    case 'd':
      return number(m.date.day, 2);
    case 'e':
      return number(m.date.day, 2, ' ');
    case 'j':
      return number(m.yearday, 3);
    case 'u':
      return number(m.weekday == 0 ? 7 : m.weekday, 1);
    case 'w':
      return number(m.weekday, 1);
    case 'G':
      return number(year, 4);
    case 'g':
      return number(year % 100, 2);
    case 'V':
      return number(week, 2);
    case 'U':
      return number((m.yearday + 6 - m.weekday) / 7, 2);
    case 'W':
      return number((m.yearday + 6 - (m.weekday + 6) % 7) / 7, 2);
    case 'B':
      return Field{kMonths[static_cast<size_t>(m.date.month - 1)]};
    case 'b':
    case 'h':
      return Field{std::string(kMonths[static_cast<size_t>(m.date.month - 1)]).substr(0, 3)};
    case 'A':
      return Field{kDays[static_cast<size_t>(m.weekday)]};
    case 'a':
      return Field{std::string(kDays[static_cast<size_t>(m.weekday)]).substr(0, 3)};
    default:
      return std::nullopt;
  }
}

/// What tells a time of the day.
std::optional<Field> timeField(char flag, const Moment& m, int64_t time) {
  switch (flag) {
    case 'H':
      return number(m.hour, 2);
    case 'k':
      return number(m.hour, 2, ' ');
    case 'I':
      return number((m.hour + 11) % 12 + 1, 2);
    case 'l':
      return number((m.hour + 11) % 12 + 1, 2, ' ');
    case 'M':
      return number(m.minute, 2);
    case 'S':
      return number(m.second, 2);
    case 'L':
      return Field{"000", 0, 0};
    case 'N':
      return Field{"000000000", 0, 0};
    case 's':
      return number(time, 1);
    case 'p':
      return Field{m.hour < 12 ? "AM" : "PM"};
    case 'P':
      return Field{m.hour < 12 ? "am" : "pm"};
    case 'z':
      return Field{"+0000"};
    case 'Z':
      return Field{"UTC"};
    default:
      return std::nullopt;
  }
}

std::optional<Field> fieldOf(char flag, const Moment& m, int64_t time) {
  if (std::optional<Field> field = dateField(flag, m)) return field;
  if (std::optional<Field> field = timeField(flag, m, time)) return field;
  switch (flag) {
    case 't':
      return Field{"\t"};
    case '%':
      return Field{"%"};
    case 'c':
      return Field{strftime("%a %b %e %H:%M:%S %Y", time)};
    case 'D':
    case 'x':
      return Field{strftime("%m/%d/%y", time)};
    case 'F':
      return Field{strftime("%Y-%m-%d", time)};
    case 'T':
    case 'X':
      return Field{strftime("%H:%M:%S", time)};
    case 'R':
      return Field{strftime("%H:%M", time)};
    case 'r':
      return Field{strftime("%I:%M:%S %p", time)};
    case 'v':
      return Field{llvm::StringRef(strftime("%e-%b-%Y", time)).upper()};
    default:
      return std::nullopt;
  }
}

/// Flags, width and letter behind a percent sign; how many characters they take, or 0.
size_t directive(llvm::StringRef rest, int64_t time, std::string& out) {
  size_t at = 0;
  char fill = 0;
  bool isBare = false, isUpper = false, isSwapped = false;
  for (; at < rest.size() && llvm::StringRef("-0^#_:").contains(rest[at]); ++at) {
    if (rest[at] == '-') isBare = true;
    if (rest[at] == '0') fill = '0';
    if (rest[at] == '_') fill = ' ';
    if (rest[at] == '^') isUpper = true;
    if (rest[at] == '#') isSwapped = true;
  }
  size_t width = 0;
  bool hasWidth = false;
  for (; at < rest.size() && llvm::isDigit(rest[at]) && width < 1000; ++at, hasWidth = true)
    width = width * 10 + static_cast<size_t>(rest[at] - '0');
  if (at + 1 < rest.size() && rest[at] == 'E' && llvm::StringRef("cCxXyY").contains(rest[at + 1]))
    ++at;
  if (at >= rest.size()) return 0;
  std::optional<Field> field = fieldOf(rest[at], momentOf(time), time);
  if (!field) return 0;
  std::string text = field->text;
  if (isUpper || (isSwapped && rest[at] != 'p')) text = llvm::StringRef(text).upper();
  if (isSwapped && rest[at] == 'p') text = llvm::StringRef(text).lower();
  if (!hasWidth) width = field->width;
  char with = fill != 0 ? fill : field->fill != 0 ? field->fill : ' ';
  if (!isBare && text.size() < width) text.insert(0, width - text.size(), with);
  out += text;
  return at + 1;
}

std::string strftime(llvm::StringRef format, int64_t time) {
  std::string out;
  for (size_t at = 0; at < format.size();) {
    size_t taken = format[at] == '%' ? directive(format.substr(at + 1), time, out) : 0;
    if (taken == 0) out += format[at];
    at += 1 + taken;
  }
  return out;
}

std::string replaced(std::string text, llvm::StringRef what, llvm::StringRef by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

bool isFlagEnd(char c) { return c == '@' || std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::vector<Token> tokensOf(llvm::StringRef text) {
  std::vector<Token> found;
  auto add = [&](Token::Kind kind, size_t begin, size_t end) {
    if (kind == Token::Literal && !found.empty() && found.back().kind == kind) {
      found.back().end = end;
      return;
    }
    found.push_back({kind, begin, end});
  };
  for (size_t at = 0; at < text.size();) {
    size_t letter = at + 1;
    if (text[at] == '%' && letter < text.size() && llvm::StringRef("noO").contains(text[letter])) {
      add(Token::Mangled, at, letter + 1);
      at = letter + 1;
      continue;
    }
    if (text[at] != '@') {
      add(Token::Literal, at, at + 1);
      ++at;
      continue;
    }
    if (letter + 1 < text.size() && text[letter] == '^' && !isFlagEnd(text[letter + 1])) ++letter;
    if (letter >= text.size() || isFlagEnd(text[letter])) {
      bool isPair = at + 1 < text.size() && text[at + 1] == '@' &&
                    (at + 2 >= text.size() || isFlagEnd(text[at + 2]));
      add(Token::At, at, at + (isPair ? 2 : 1));
      at += isPair ? 2 : 1;
      continue;
    }
    std::string out;
    llvm::StringRef rest = text.substr(at + 1);
    bool isOwn = llvm::StringRef("noO").contains(rest[0]);
    size_t taken = isOwn ? 1 : directive(rest, 0, out);
    add(taken > 0 ? Token::Flag : Token::Unknown, at, taken > 0 ? at + 1 + taken : letter + 1);
    at = found.back().end;
  }
  return found;
}

std::optional<std::string> flagText(llvm::StringRef flag, int64_t time) {
  std::string text = rendered("@" + flag.str(), time);
  if (llvm::StringRef(text).starts_with("%")) return std::nullopt;
  return text;
}

std::string rendered(llvm::StringRef text, int64_t time) {
  std::string format = replaced(text.str(), "%", "%%"), flagged;
  for (size_t at = 0; at < format.size(); ++at) {
    size_t letter = at + 1;
    bool isCaret = letter < format.size() && format[letter] == '^' && letter + 1 < format.size() &&
                   !isFlagEnd(format[letter + 1]);
    if (format[at] != '@' || letter >= format.size() || isFlagEnd(format[letter])) {
      flagged += format[at];
      continue;
    }
    flagged += '%';
    if (isCaret) flagged += format[letter++];
    flagged += format[letter];
    at = letter;
  }
  flagged = replaced(std::move(flagged), "@@", "@");
  Moment m = momentOf(time);
  std::string month = llvm::StringRef(kMonths[static_cast<size_t>(m.date.month - 1)]).lower();
  flagged = replaced(std::move(flagged), "%n",
                     std::to_string(ir::daysInMonth(m.date.year, m.date.month)));
  flagged = replaced(std::move(flagged), "%o", month.substr(0, 3));
  flagged = replaced(std::move(flagged), "%O", month);
  return strftime(flagged, time);
}

std::optional<int64_t> secondsOf(llvm::StringRef text) {
  text = text.trim();
  bool isNegative = text.consume_front("-");
  llvm::SmallVector<llvm::StringRef> fields;
  text.split(fields, ':');
  if (text.empty() || fields.size() > 4) return std::nullopt;
  static constexpr int64_t kUnits[] = {1, 60, 3600, kDay};
  int64_t seconds = 0;
  for (size_t n = 0; n < fields.size(); ++n) {
    int64_t value = 0;
    llvm::StringRef field = fields[fields.size() - 1 - n];
    if (field.empty() || field.size() > 9 || field.getAsInteger(10, value)) return std::nullopt;
    seconds += value * kUnits[n];
  }
  return isNegative ? -seconds : seconds;
}

std::optional<int64_t> instantOf(llvm::StringRef text) {
  if (text.size() != 12 || !llvm::all_of(text, llvm::isDigit)) return std::nullopt;
  auto part = [&](size_t at, size_t length) { return std::stoi(text.substr(at, length).str()); };
  ir::Civil date{part(0, 4), part(4, 2), part(6, 2)};
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31 || part(8, 2) > 23 ||
      part(10, 2) > 59)
    return std::nullopt;
  // Time.gm takes the 31st of a shorter month as a day of the next one; so does daysOf.
  return ir::daysOf({date.year, date.month, 1}) * kDay + (date.day - 1) * kDay + part(8, 2) * 3600 +
         part(10, 2) * 60;
}

std::string stampOf(int64_t time) {
  Moment m = momentOf(time);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}", m.date.year, m.date.month, m.date.day, m.hour,
                     m.minute);
}

std::string TimeString::render(int64_t time) const {
  std::string text;
  for (const Part& part : parts)
    text += part.isCycle ? rendered(part.text.str(), time + part.offset) : part.text.str();
  return llvm::StringRef(text).trim().str();
}

bool TimeString::isConstant() const {
  for (const Part& part : parts)
    if (part.isCycle)
      for (const Token& token : tokensOf(part.text.str()))
        if (token.kind == Token::Flag || token.kind == Token::Mangled) return false;
  return true;
}

std::string TimeString::written() const {
  std::string text;
  for (const Part& part : parts) text += part.text.str();
  return llvm::StringRef(text).trim().str();
}

TimeString timeStringOf(const Node& element) {
  TimeString result;
  result.at = element.all;
  result.isThere = true;
  for (const Node& child : element.children) {
    TimeString::Part part{child.isElement() ? child.content() : child.text, child.isElement(), 0,
                          child.isElement() ? child.at : child.text.at()};
    if (part.isCycle) part.offset = secondsOf(child.value("offset")).value_or(0);
    result.parts.push_back(std::move(part));
  }
  return result;
}

}  // namespace wfc::targets::rocoto::foreign
