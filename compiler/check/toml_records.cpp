// `records("x.toml")`. Typed values become typed values; texts are read as the field's type, so
// that `length = "20min"` works.
#include "compiler/check/toml_records.h"

#include <toml++/toml.h>

#include "compiler/diag/catalog/check.h"

namespace wfc::check {

static std::optional<ir::Value> fromNode(Session& s, const toml::node& node, ir::TypeId id,
                                         std::string& why);

static std::optional<ir::Value> fromTable(Session& s, const toml::table& table, ir::TypeId id,
                                          std::string& why, const std::string& name) {
  const ir::Type record = s.module.types[id];
  std::vector<ir::Value> items;
  for (auto&& [key, node] : table) {
    bool known = false;
    for (const ir::Field& field : record.fields) known = known || field.name == key.str();
    if (!known) {
      why = "`" + record.name + "` has no field `" + std::string(key.str()) + "`";
      return std::nullopt;
    }
  }
  for (const ir::Field& field : record.fields) {
    const toml::node* node = table.get(field.name);
    if (!node && field.key && !name.empty()) {
      items.push_back(ir::Value::text(name));
      continue;
    }
    if (!node && (field.value || s.module.types[field.type].kind == TK::Option)) {
      items.push_back(field.value ? *field.value : ir::Value::none());
      continue;
    }
    if (!node) {
      why = "the field `" + field.name + "` is missing";
      return std::nullopt;
    }
    auto value = fromNode(s, *node, field.type, why);
    if (!value) {
      why = "`" + field.name + "`: " + why;
      return std::nullopt;
    }
    items.push_back(std::move(*value));
  }
  return ir::Value::composite(ir::Value::Record, std::move(items), id);
}

static std::optional<ir::Value> fromNode(Session& s, const toml::node& node, ir::TypeId id,
                                         std::string& why) {
  const ir::Type type = s.module.types[id];
  if (type.kind == TK::Option) return fromNode(s, node, type.element, why);
  if (auto* table = node.as_table(); table && type.kind == TK::Record)
    return fromTable(s, *table, id, why, "");
  if (auto* array = node.as_array(); array && type.kind == TK::List) {
    std::vector<ir::Value> items;
    for (const toml::node& each : *array) {
      auto value = fromNode(s, each, type.element, why);
      if (!value) return std::nullopt;
      items.push_back(std::move(*value));
    }
    return ir::Value::composite(ir::Value::List, std::move(items));
  }
  if (auto* text = node.as_string()) return parseAs(s, text->get(), id, why);
  if (auto* n = node.as_integer(); n && type.kind == TK::Int) return ir::Value::integer(n->get());
  if (auto* n = node.as_integer(); n && type.kind == TK::Float)
    return ir::Value::real(static_cast<double>(n->get()));
  if (auto* n = node.as_floating_point(); n && type.kind == TK::Float)
    return ir::Value::real(n->get());
  if (auto* b = node.as_boolean(); b && type.kind == TK::Bool) return ir::Value::boolean(b->get());
  why = "not a " + typeText(s, id);
  return std::nullopt;
}

std::optional<std::vector<ir::Value>> readTomlRecords(Session& s, StringRef text,
                                                      const std::string& path, ir::TypeId record,
                                                      Range at) {
  toml::parse_result parsed = toml::parse(std::string_view(text), std::string_view(path));
  if (!parsed) {
    s.report(at, diag::TableSyntax{.path = path,
                                   .line = std::to_string(parsed.error().source().begin.line),
                                   .why = std::string(parsed.error().description())});
    return std::nullopt;
  }
  std::vector<ir::Value> values;
  auto add = [&](const toml::node& node, const std::string& name) {
    std::string why;
    const toml::table* table = node.as_table();
    auto value = table ? fromTable(s, *table, record, why, name) : std::nullopt;
    if (!table) why = "a table is expected";
    if (value)
      values.push_back(std::move(*value));
    else
      s.report(at, diag::TableRecord{
                       .path = path, .line = std::to_string(node.source().begin.line), .why = why});
  };
  // Tables come in the order of the file, not of the map.
  std::vector<std::pair<toml::source_index, std::pair<const toml::node*, std::string>>> ordered;
  for (auto&& [key, node] : parsed.table()) {
    if (auto* array = node.as_array())
      for (const toml::node& each : *array)
        ordered.push_back({each.source().begin.line, {&each, ""}});
    else
      ordered.push_back({node.source().begin.line, {&node, std::string(key.str())}});
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [line, item] : ordered) add(*item.first, item.second);
  return values;
}

}  // namespace wfc::check
