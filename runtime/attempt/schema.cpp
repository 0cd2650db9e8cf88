// See schema.h. The first misfit is the answer: one is enough to end an attempt.
#include "runtime/attempt/schema.h"

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSwitch.h>
#include <llvm/Support/JSON.h>

namespace wfc::run {

namespace {

namespace json = llvm::json;

bool isForPeople(llvm::StringRef word) {
  return llvm::StringSwitch<bool>(word)
      .Cases("$schema", "$id", "$comment", "title", "description", "default", "examples", true)
      .Default(false);
}

bool isCarried(llvm::StringRef word) {
  return llvm::StringSwitch<bool>(word)
      .Cases("type", "required", "properties", "additionalProperties", "items", "enum", "const",
             true)
      .Cases("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", true)
      .Cases("minItems", "maxItems", "minLength", "maxLength", true)
      .Default(false);
}

bool isOfType(const json::Value& value, llvm::StringRef type) {
  std::optional<double> number = value.getAsNumber();
  if (type == "integer")
    return number && *number == static_cast<double>(static_cast<int64_t>(*number));
  return llvm::StringSwitch<bool>(type)
      .Case("object", value.kind() == json::Value::Object)
      .Case("array", value.kind() == json::Value::Array)
      .Case("string", value.kind() == json::Value::String)
      .Case("number", number.has_value())
      .Case("boolean", value.kind() == json::Value::Boolean)
      .Case("null", value.kind() == json::Value::Null)
      .Default(false);
}

std::string typeMisfit(const json::Value& type, const json::Value& value, const std::string& at) {
  llvm::SmallVector<llvm::StringRef> names;
  if (std::optional<llvm::StringRef> one = type.getAsString()) names.push_back(*one);
  if (const json::Array* several = type.getAsArray())
    for (const json::Value& each : *several) names.push_back(each.getAsString().value_or(""));
  for (llvm::StringRef name : names) {
    if (isOfType(value, name)) return {};
  }
  return fmt::format("{} is not of type {}", at, llvm::join(names, " or "));
}

std::string sizeMisfit(const json::Object& schema, const json::Value& value,
                       const std::string& at) {
  auto isOutside = [&](llvm::StringRef least, llvm::StringRef most, double size, bool isOpen) {
    std::optional<double> low = schema.getNumber(least), high = schema.getNumber(most);
    return (low && (isOpen ? size <= *low : size < *low)) ||
           (high && (isOpen ? size >= *high : size > *high));
  };
  if (std::optional<double> number = value.getAsNumber()) {
    if (isOutside("minimum", "maximum", *number, false) ||
        isOutside("exclusiveMinimum", "exclusiveMaximum", *number, true))
      return at + " is out of bounds";
  }
  if (std::optional<llvm::StringRef> text = value.getAsString()) {
    size_t length = 0;
    for (char c : *text) length += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (isOutside("minLength", "maxLength", static_cast<double>(length), false))
      return at + " is too short or too long";
  }
  const json::Array* array = value.getAsArray();
  if (array != nullptr &&
      isOutside("minItems", "maxItems", static_cast<double>(array->size()), false))
    return at + " has too few or too many elements";
  return {};
}

std::string misfitAt(const json::Value& schema, const json::Value& value, const std::string& at);

std::string fieldMisfit(const json::Object& schema, const json::Object& object,
                        const std::string& at) {
  if (const json::Array* required = schema.getArray("required")) {
    for (const json::Value& name : *required) {
      llvm::StringRef field = name.getAsString().value_or("");
      if (object.get(field) == nullptr) return fmt::format("{} has no `{}`", at, field.str());
    }
  }
  const json::Object* properties = schema.getObject("properties");
  const json::Value* others = schema.get("additionalProperties");
  for (const auto& [key, value] : object) {
    llvm::StringRef name(key);
    const json::Value* own = properties == nullptr ? nullptr : properties->get(name);
    const json::Value* meant = own != nullptr ? own : others;
    if (meant == nullptr) continue;
    std::string why = misfitAt(*meant, value, at + "." + name.str());
    if (!why.empty()) return why;
  }
  return {};
}

std::string misfitAt(const json::Value& schema, const json::Value& value, const std::string& at) {
  if (std::optional<bool> all = schema.getAsBoolean())
    return *all ? "" : at + " is not meant to be there";
  const json::Object* words = schema.getAsObject();
  if (words == nullptr) return "the schema of " + at + " is no object";
  for (const auto& [key, ignored] : *words) {
    llvm::StringRef word(key);
    if (!isCarried(word) && !isForPeople(word))
      return fmt::format("the schema says `{}`, which is not carried", word.str());
  }
  if (const json::Value* type = words->get("type")) {
    std::string why = typeMisfit(*type, value, at);
    if (!why.empty()) return why;
  }
  if (const json::Value* only = words->get("const"); only != nullptr && !(*only == value))
    return at + " is not the value it must be";
  const json::Array* choice = words->getArray("enum");
  if (choice != nullptr && llvm::find(*choice, value) == choice->end())
    return at + " is none of the values it may be";
  std::string why = sizeMisfit(*words, value, at);
  if (!why.empty()) return why;
  if (const json::Object* object = value.getAsObject()) return fieldMisfit(*words, *object, at);
  const json::Array* array = value.getAsArray();
  const json::Value* items = words->get("items");
  for (size_t n = 0; array != nullptr && items != nullptr && n < array->size(); ++n) {
    why = misfitAt(*items, (*array)[n], fmt::format("{}[{}]", at, n));
    if (!why.empty()) return why;
  }
  return {};
}

}  // namespace

std::string misfit(llvm::StringRef schema, llvm::StringRef document) {
  llvm::Expected<json::Value> wanted = json::parse(schema);
  if (!wanted) return "the schema is not JSON: " + llvm::toString(wanted.takeError());
  llvm::Expected<json::Value> value = json::parse(document);
  if (!value) return "it is not JSON: " + llvm::toString(value.takeError());
  return misfitAt(*wanted, *value, "$");
}

}  // namespace wfc::run
