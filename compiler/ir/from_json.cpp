// Small outputs: JSON text to a value of a known type.
//
// Strict: a value that does not have the type is an error that says where, and nothing is converted
// but whole numbers to Float.
#include <fmt/format.h>
#include <llvm/Support/JSON.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/text.h"

namespace wfc::ir {

namespace {

/// Reads one document; `path` says where it is, for messages.
class JsonReader {
 public:
  explicit JsonReader(const Module& module) : module_(module) {}
  Result read(TypeId type, const llvm::json::Value& json, const std::string& path);

 private:
  Result wrong(TypeId type, const std::string& path);
  Result readText(const Type& type, TypeId id, llvm::StringRef text, const std::string& path);
  Result readEnum(const Type& type, TypeId id, llvm::StringRef text, const std::string& path);
  Result readList(TypeId id, const llvm::json::Array& array, const std::string& path);
  Result readMap(TypeId id, const llvm::json::Object& object, const std::string& path);
  Result readRecord(TypeId id, const llvm::json::Object& object, const std::string& path);

  const Module& module_;
};

}  // namespace

Result JsonReader::wrong(TypeId type, const std::string& path) {
  return {{}, fmt::format("{} is not `{}`", path, typeText(module_, type)), {}};
}

Result JsonReader::readEnum(const Type& type, TypeId id, llvm::StringRef text,
                            const std::string& path) {
  for (size_t n = 0; n < type.fields.size(); ++n) {
    const Field& field = type.fields[n];
    if (field.name != text && !(field.value && field.value->s == text)) continue;
    Value value = Value::scalar(Value::Enum, static_cast<int64_t>(n));
    value.type = id;
    return {value, {}, {}};
  }
  return wrong(id, path);
}

Result JsonReader::readText(const Type& type, TypeId id, llvm::StringRef text,
                            const std::string& path) {
  auto scalar = [&](Value::Kind kind, std::optional<int64_t> n) -> Result {
    if (!n) return wrong(id, path);
    return {Value::scalar(kind, *n), {}, {}};
  };
  switch (type.kind) {
    case Type::String:
      return {Value::text(text.str()), {}, {}};
    case Type::Path:
      return {Value::text(text.str(), Value::Path), {}, {}};
    case Type::Date:
      return scalar(Value::Date, parseDate(text));
    case Type::Instant:
      return scalar(Value::Instant, parseInstant(text));
    case Type::Enum:
      return readEnum(type, id, text, path);
    case Type::Duration:
    case Type::Bytes:
    case Type::Length: {
      std::optional<Value> value = parseQuantity(text);
      auto kind = type.kind == Type::Duration ? Value::Duration
                  : type.kind == Type::Bytes  ? Value::Bytes
                                              : Value::Length;
      if (!value || value->kind != kind) return wrong(id, path);
      return {value, {}, {}};
    }
    case Type::Artifact: {
      Value value = Value::text(text.str(), Value::File);
      value.type = id;
      return {value, {}, {}};
    }
    default:
      return wrong(id, path);
  }
}

Result JsonReader::readList(TypeId id, const llvm::json::Array& array, const std::string& path) {
  std::vector<Value> items;
  for (size_t n = 0; n < array.size(); ++n) {
    Result item = read(module_.types[id].element, array[n], fmt::format("{}[{}]", path, n));
    if (!item) return item;
    items.push_back(std::move(*item.value));
  }
  return {Value::composite(Value::List, std::move(items)), {}, {}};
}

Result JsonReader::readMap(TypeId id, const llvm::json::Object& object, const std::string& path) {
  const Type& type = module_.types[id];
  std::map<std::string, const llvm::json::Value*> sorted;
  for (const auto& member : object) sorted[member.first.str()] = &member.second;
  std::vector<Value> items;
  for (const auto& [name, json] : sorted) {
    std::string at = fmt::format("{}[{}]", path, name);
    bool isText = module_.types[type.key].kind != Type::Int;
    int64_t number = 0;
    if (!isText && llvm::StringRef(name).getAsInteger(10, number)) return wrong(type.key, at);
    Result key = isText ? read(type.key, llvm::json::Value(name), at)
                        : Result{Value::integer(number), {}, {}};
    if (!key) return key;
    Result value = read(type.element, *json, at);
    if (!value) return value;
    items.push_back(std::move(*key.value));
    items.push_back(std::move(*value.value));
  }
  return {Value::composite(Value::Map, std::move(items)), {}, {}};
}

Result JsonReader::readRecord(TypeId id, const llvm::json::Object& object,
                              const std::string& path) {
  std::vector<Value> items;
  size_t used = 0;
  for (const Field& field : module_.types[id].fields) {
    std::string at = path + "." + field.name;
    const llvm::json::Value* json = object.get(field.name);
    if (!json && !field.value) return {{}, at + " is missing", {}};
    if (!json) {
      items.push_back(*field.value);
      continue;
    }
    ++used;
    Result item = read(field.type, *json, at);
    if (!item) return item;
    items.push_back(std::move(*item.value));
  }
  if (used != object.size()) return {{}, path + " has members that its record lacks", {}};
  return {Value::composite(Value::Record, std::move(items), id), {}, {}};
}

Result JsonReader::read(TypeId id, const llvm::json::Value& json, const std::string& path) {
  const Type& type = module_.types[id];
  if (type.kind == Type::Option)
    return json.getAsNull() ? Result{Value::none(), {}, {}} : read(type.element, json, path);
  if (std::optional<llvm::StringRef> text = json.getAsString())
    return readText(type, id, *text, path);
  switch (type.kind) {
    case Type::None:
      if (json.getAsNull()) return {Value::none(), {}, {}};
      break;
    case Type::Bool:
      if (std::optional<bool> b = json.getAsBoolean()) return {Value::boolean(*b), {}, {}};
      break;
    case Type::Int:
      if (std::optional<int64_t> n = json.getAsInteger()) return {Value::integer(*n), {}, {}};
      break;
    case Type::Float:
      if (std::optional<double> d = json.getAsNumber()) return {Value::real(*d), {}, {}};
      break;
    case Type::List:
      if (const auto* array = json.getAsArray()) return readList(id, *array, path);
      break;
    case Type::Map:
      if (const auto* object = json.getAsObject()) return readMap(id, *object, path);
      break;
    case Type::Record:
      if (const auto* object = json.getAsObject()) return readRecord(id, *object, path);
      break;
    default:
      break;
  }
  return wrong(id, path);
}

Result fromJson(const Module& module, TypeId type, llvm::StringRef json) {
  llvm::Expected<llvm::json::Value> document = llvm::json::parse(json);
  if (!document) return {{}, "not JSON: " + llvm::toString(document.takeError()), {}};
  return JsonReader(module).read(type, *document, "the value");
}

}  // namespace wfc::ir
