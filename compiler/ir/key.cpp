// Values as keys of instances and as canonical JSON (RFC 8785), and the way back from JSON.
//
// Keys end up in ids and file names, so what they look like is part of the language: semantics §12.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/ConvertUTF.h>
#include <llvm/Support/SHA256.h>

#include "compiler/ir/calendar.h"
#include "compiler/ir/units.h"

namespace wfc::ir {

/// Never what a path would read as no name of its own: nothing, `.` or `..`.
static std::string percentEncoded(llvm::StringRef text) {
  if (text.empty()) return "%";
  const bool isDots = text == "." || text == "..";
  std::string encoded;
  for (char c : text)
    if (llvm::isAlnum(c) || llvm::StringRef(isDots ? "" : "._+-").contains(c))
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

static std::string hashText(llvm::StringRef text, unsigned digits) {
  auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(hash, /*LowerCase=*/true).substr(0, digits);
}

static const Type* typeOf(const Module& module, const Value& value) {
  bool known = value.type.valid() && value.type.index() < module.types.size();
  return known ? &module.types[value.type] : nullptr;
}

static std::string recordKey(const Module& module, const Value& value, unsigned hashDigits) {
  std::string key;
  bool hasKey = false;
  if (const Type* type = typeOf(module, value))
    for (size_t n = 0; n < std::min(type->fields.size(), value.size()); ++n) {
      if (!type->fields[n].key) continue;
      if (hasKey) key += ',';
      hasKey = true;
      key += keyText(module, value.at(n), hashDigits);
    }
  return hasKey ? key : hashText(toJson(module, value), hashDigits);
}

static std::string fileKey(const Module& module, const Value& value, unsigned hashDigits) {
  if (value.size() == 0) return percentEncoded(value.s);
  std::string key;
  for (size_t n = 0; n < value.size(); ++n)
    key += (n > 0 ? "," : "") + keyText(module, value.at(n), hashDigits);
  return key;
}

std::string keyText(const Module& module, const Value& value, unsigned hashDigits) {
  switch (value.kind) {
    case Value::String:
    case Value::Path:
      return percentEncoded(value.s);
    case Value::Enum: {
      const Type* type = typeOf(module, value);
      bool known = type && value.i >= 0 && static_cast<size_t>(value.i) < type->fields.size();
      return known ? type->fields[static_cast<size_t>(value.i)].name : "";
    }
    case Value::Span: {
      const Type* type = typeOf(module, value);
      bool dates = type && type->dates;
      return dates ? dateText(floorDiv(value.i, 86400)) : instantText(value.i);
    }
    case Value::Record:
      return recordKey(module, value, hashDigits);
    case Value::File:
      return fileKey(module, value, hashDigits);
    case Value::List:
    case Value::Map:
    case Value::Set:
      return hashText(toJson(module, value), hashDigits);
    default:
      return toText(module, value);
  }
}

// ---- canonical JSON

// Strings of RFC 8785: the seven short escapes, \u00xx for other controls, all else as it is.
static std::string jsonString(llvm::StringRef text) {
  std::string quoted = "\"";
  for (char c : text) switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\b':
        quoted += "\\b";
        break;
      case '\f':
        quoted += "\\f";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
          quoted += c;
    }
  return quoted + '"';
}

// ECMAScript's Number::toString, which RFC 8785 asks for: exponents only below 1e-6 and from 1e21
// on.
static std::string jsonNumber(double value) {
  if (value == 0) return "0";
  std::string sign = value < 0 ? "-" : "";
  std::string shortest = fmt::format("{}", value < 0 ? -value : value);
  auto [mantissa, exponentText] = llvm::StringRef(shortest).split('e');
  auto [whole, fraction] = mantissa.split('.');
  int exponent = 0;
  exponentText.consume_front("+");
  if (!exponentText.empty()) (void)exponentText.getAsInteger(10, exponent);
  std::string digits = (whole + fraction).str();
  // The value is 0.DIGITS * 10^point.
  int point = static_cast<int>(whole.size()) + exponent;
  size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, zeros);
  point -= static_cast<int>(zeros);
  digits.erase(digits.find_last_not_of('0') + 1);
  int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21)
    return sign + digits + std::string(static_cast<size_t>(point - count), '0');
  if (0 < point && point <= 21)
    return sign + digits.substr(0, static_cast<size_t>(point)) + "." +
           digits.substr(static_cast<size_t>(point));
  if (-6 < point && point <= 0)
    return sign + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  return fmt::format("{}{}{}{}e{}{}", sign, digits[0], count > 1 ? "." : "", digits.substr(1),
                     point - 1 < 0 ? "-" : "+", std::abs(point - 1));
}

// UTF-16 code units of a name, by which RFC 8785 sorts.
static std::vector<llvm::UTF16> sortKey(llvm::StringRef name) {
  llvm::SmallVector<llvm::UTF16> units;
  if (!llvm::convertUTF8ToUTF16String(name, units))
    units.assign(name.bytes_begin(), name.bytes_end());
  return {units.begin(), units.end()};
}

static std::string jsonObject(std::vector<std::pair<std::string, std::string>> members) {
  llvm::stable_sort(
      members, [](const auto& a, const auto& b) { return sortKey(a.first) < sortKey(b.first); });
  std::string text = "{";
  for (const auto& [name, value] : members)
    text += (text.size() > 1 ? "," : "") + jsonString(name) + ":" + value;
  return text + "}";
}

static std::string jsonRecord(const Module& module, const Value& value) {
  std::vector<std::pair<std::string, std::string>> members;
  const Type* type = typeOf(module, value);
  for (size_t n = 0; n < value.size(); ++n)
    members.emplace_back(type && n < type->fields.size() ? type->fields[n].name : std::to_string(n),
                         toJson(module, value.at(n)));
  return jsonObject(std::move(members));
}

static std::string jsonMap(const Module& module, const Value& value) {
  std::vector<std::pair<std::string, std::string>> members;
  for (size_t n = 0; n + 1 < value.size(); n += 2)
    members.emplace_back(toText(module, value.at(n)), toJson(module, value.at(n + 1)));
  return jsonObject(std::move(members));
}

static std::string jsonList(const Module& module, const Value& value) {
  std::string text = "[";
  for (size_t n = 0; n < value.size(); ++n)
    text += (n > 0 ? "," : "") + toJson(module, value.at(n));
  return text + "]";
}

static std::string jsonSpan(const Module& module, const Value& value) {
  const Type* type = typeOf(module, value);
  bool dates = type && type->dates;
  auto end = [&](int64_t seconds) {
    return jsonString(dates ? dateText(floorDiv(seconds, 86400)) : instantText(seconds));
  };
  return jsonObject({{"start", end(value.i)}, {"end", end(value.j)}});
}

std::string toJson(const Module& module, const Value& value) {
  switch (value.kind) {
    case Value::None:
      return "null";
    case Value::Bool:
    case Value::Int:
      return toText(module, value);
    case Value::Float:
      return std::isfinite(value.f) ? jsonNumber(value.f) : jsonString(floatText(value.f));
    case Value::Record:
      return jsonRecord(module, value);
    case Value::Map:
      return jsonMap(module, value);
    case Value::List:
    case Value::Set:
      return jsonList(module, value);
    case Value::Span:
      return jsonSpan(module, value);
    default:
      return jsonString(toText(module, value));
  }
}

}  // namespace wfc::ir
