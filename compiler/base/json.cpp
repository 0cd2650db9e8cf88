// See json.h.
#include "compiler/base/json.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fmt/format.h"

namespace wfc::base {

void writeNumber(llvm::json::OStream& json, double value) {
  json.rawValue(std::isfinite(value) ? fmt::format("{}", value) : "null");
}

void writeNumber(llvm::json::OStream& json, llvm::StringRef key, double value) {
  json.attributeBegin(key);
  writeNumber(json, value);
  json.attributeEnd();
}

namespace {

void write(llvm::json::OStream& json, const llvm::json::Value& value);

void writeObject(llvm::json::OStream& json, const llvm::json::Object& object) {
  std::vector<const llvm::json::Object::value_type*> fields;
  for (const auto& field : object) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* field : fields)
    json.attributeBegin(field->first), write(json, field->second), json.attributeEnd();
}

void write(llvm::json::OStream& json, const llvm::json::Value& value) {
  if (const llvm::json::Object* object = value.getAsObject())
    json.object([&] { writeObject(json, *object); });
  else if (const llvm::json::Array* array = value.getAsArray())
    json.array([&] {
      for (const llvm::json::Value& item : *array) write(json, item);
    });
  else if (std::optional<double> number = value.getAsNumber();
           number && !value.getAsInteger() && !value.getAsUINT64())
    writeNumber(json, *number);
  else
    json.value(value);
}

}  // namespace

std::string jsonText(const llvm::json::Value& value, unsigned indent) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::json::OStream json(out, indent);
  write(json, value);
  return text;
}

}  // namespace wfc::base
