// Tables read by the compiler: `rows("areas.csv") as Area`, `records("tests.toml") as Test`. Beside
// the source, hashed into the module. Every row becomes a complete record or an error at the row's
// line.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"

#include "compiler/base/suggest.h"
#include "compiler/check/session.h"
#include "compiler/check/toml_records.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

static std::optional<ir::Value> parseQuantity(StringRef text, ir::Value::Kind kind) {
  size_t split = text.find_if_not(
      [](char c) { return std::isdigit(static_cast<unsigned char>(c)) || c == '.' || c == '-'; });
  if (split == StringRef::npos) return std::nullopt;
  auto value = ir::quantity(text.take_front(split), text.drop_front(split).ltrim());
  if (!value || value->kind != kind) return std::nullopt;
  return value;
}

/// Scalars by their text form; the reason where it does not fit.
static std::optional<ir::Value> parseScalar(Session& s, StringRef text, const ir::Type& type,
                                            std::string& why) {
  int64_t n = 0;
  switch (type.kind) {
    case TK::String:
      return ir::Value::text(text.str());
    case TK::Path:
      return ir::Value::text(text.str(), ir::Value::Path);
    case TK::Bool:
      if (text == "true" || text == "false") return ir::Value::boolean(text == "true");
      break;
    case TK::Int:
      if (!text.getAsInteger(10, n)) return ir::Value::integer(n);
      break;
    case TK::Float: {
      std::string copy = text.str();
      char* end = nullptr;
      double d = std::strtod(copy.c_str(), &end);
      if (!copy.empty() && end == copy.c_str() + copy.size() && std::isfinite(d))
        return ir::Value::real(d);
      break;
    }
    case TK::Date:
      if (auto days = ir::parseDate(text)) return ir::Value::scalar(ir::Value::Date, *days);
      break;
    case TK::Instant:
      if (auto seconds = ir::parseInstant(text))
        return ir::Value::scalar(ir::Value::Instant, *seconds);
      break;
    case TK::Duration:
      if (auto value = parseQuantity(text, ir::Value::Duration)) return value;
      why = "a duration has a unit, as in `8h`";
      return std::nullopt;
    case TK::Bytes:
      if (auto value = parseQuantity(text, ir::Value::Bytes)) return value;
      why = "a size has a unit, as in `4GiB`";
      return std::nullopt;
    case TK::Length:
      if (auto value = parseQuantity(text, ir::Value::Length)) return value;
      why = "a length has a unit, as in `10m`";
      return std::nullopt;
    default:
      break;
  }
  (void)s;
  why = "";
  return std::nullopt;
}

std::optional<ir::Value> parseAs(Session& s, StringRef text, ir::TypeId id, std::string& why) {
  const ir::Type type = s.module.types[id];
  if (type.kind == TK::Option) {
    if (text.empty()) return ir::Value::none();
    return parseAs(s, text, type.element, why);
  }
  if (type.kind == TK::Artifact) {
    ir::Value value = ir::Value::text(text.str(), ir::Value::File);
    value.type = id;
    value.j = 1;
    return value;
  }
  if (type.kind == TK::Enum) {
    std::vector<std::string> names;
    for (size_t i = 0; i < type.fields.size(); ++i) {
      names.push_back(type.fields[i].name);
      if (type.fields[i].name != text) continue;
      ir::Value value = ir::Value::scalar(ir::Value::Enum, static_cast<int64_t>(i));
      value.type = id;
      return value;
    }
    auto best = base::suggest(std::string_view(text), names);
    why = best ? "did you mean `" + std::string(*best) + "`" : "one of " + llvm::join(names, ", ");
    return std::nullopt;
  }
  if (type.kind == TK::List) {
    std::vector<ir::Value> items;
    llvm::SmallVector<StringRef, 8> parts;
    if (!text.empty()) text.split(parts, ',');
    for (StringRef part : parts) {
      auto item = parseAs(s, part.trim(), type.element, why);
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    }
    return ir::Value::composite(ir::Value::List, std::move(items));
  }
  auto value = parseScalar(s, text, type, why);
  if (!value && why.empty())
    why = "not " + std::string(type.kind == TK::Int ? "an " : "a ") + typeText(s, id);
  return value;
}

namespace {

/// RFC 4180: quotes, doubled quotes, newlines inside quotes; CRLF accepted.
struct CsvReader {
  StringRef text;
  size_t at = 0;
  uint32_t line = 1;
  bool isOpen = false;  ///< the last row ended inside of quotes
  bool atEnd() const { return at >= text.size(); }

  std::vector<std::string> row() {
    std::vector<std::string> cells;
    std::string cell;
    bool& quoted = isOpen;
    for (; at < text.size(); ++at) {
      char c = text[at];
      if (quoted) {
        if (c == '"' && at + 1 < text.size() && text[at + 1] == '"')
          cell += text[++at];
        else if (c == '"')
          quoted = false;
        else {
          line += c == '\n';
          cell += c;
        }
      } else if (c == '"' && cell.empty())
        quoted = true;
      else if (c == ',')
        cells.push_back(std::move(cell)), cell.clear();
      else if (c == '\n') {
        ++at;
        ++line;
        break;
      } else if (c != '\r')
        cell += c;
    }
    cells.push_back(std::move(cell));
    return cells;
  }
};

}  // namespace

/// What is wrong with a row as a whole; empty if nothing is.
static std::string wrongRow(const CsvReader& reader, const std::vector<std::string>& cells,
                            const std::vector<std::string>& header) {
  if (reader.isOpen) return "has a quote that is never closed";
  if (cells.size() == header.size()) return {};
  return "has " + std::to_string(cells.size()) + " cells, and the header " +
         std::to_string(header.size());
}

static std::optional<std::vector<ir::Value>> readCsv(Session& s, StringRef text,
                                                     const std::string& path, ir::TypeId id,
                                                     Range at) {
  const ir::Type record = s.module.types[id];
  text.consume_front("\xEF\xBB\xBF");  // as spreadsheets write it
  CsvReader reader{text};
  std::vector<std::string> header = reader.row();
  for (std::string& name : header) name = StringRef(name).trim().str();
  std::vector<int> column(record.fields.size(), -1);
  bool ok = true;
  for (size_t c = 0; c < header.size(); ++c) {
    if (llvm::is_contained(llvm::ArrayRef(header).take_front(c), header[c])) {
      s.report(at,
               diag::TableRow{.path = path, .line = "1", .why = "names `" + header[c] + "` twice"});
      return std::nullopt;
    }
    auto field = std::find_if(record.fields.begin(), record.fields.end(),
                              [&](const ir::Field& f) { return f.name == header[c]; });
    if (field == record.fields.end()) {
      s.report(at, diag::TableColumn{.path = path, .column = header[c], .type = record.name});
      ok = false;
    } else
      column[static_cast<size_t>(field - record.fields.begin())] = static_cast<int>(c);
  }
  for (size_t f = 0; f < record.fields.size(); ++f)
    if (column[f] < 0 && !record.fields[f].value &&
        s.module.types[record.fields[f].type].kind != TK::Option) {
      s.report(at,
               diag::TableField{.path = path, .field = record.fields[f].name, .type = record.name});
      ok = false;
    }
  std::vector<ir::Value> values;
  while (ok && !reader.atEnd()) {
    uint32_t line = reader.line;
    std::vector<std::string> cells = reader.row();
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (std::string why = wrongRow(reader, cells, header); !why.empty()) {
      s.report(at, diag::TableRow{.path = path, .line = std::to_string(line), .why = why});
      ok = false;
      continue;
    }
    std::vector<ir::Value> items;
    for (size_t f = 0; f < record.fields.size(); ++f) {
      const ir::Field& field = record.fields[f];
      if (column[f] < 0) {
        items.push_back(field.value ? *field.value : ir::Value::none());
        continue;
      }
      std::string cell = StringRef(cells[static_cast<size_t>(column[f])]).trim().str();
      std::string why;
      auto value = parseAs(s, cell, field.type, why);
      if (!value)
        s.report(at, diag::TableCell{.path = path,
                                     .line = std::to_string(line),
                                     .field = field.name,
                                     .text = cell,
                                     .why = why});
      items.push_back(value ? *value : ir::Value::none());
    }
    values.push_back(ir::Value::composite(ir::Value::Record, std::move(items), id));
  }
  return ok ? std::optional(std::move(values)) : std::nullopt;
}

std::optional<std::vector<ir::Value>> readTable(Session& s, const syntax::Expr& call, Place& place,
                                                ir::TypeId record) {
  if (call.args.size() != 1 || !call.args[0].value) {
    s.report(call.range, diag::RowsNeedType{.function = call.a->name.text.str()});
    return std::nullopt;
  }
  if (s.module.types[record].kind != TK::Record) {
    s.report(call.range, diag::TypeMismatch{.what = "the type of a row",
                                            .expected = "a record",
                                            .found = typeText(s, record),
                                            .hint = "",
                                            .declaredAt = {}});
    return std::nullopt;
  }
  auto name =
      checkConstant(s, *call.args[0].value, place, basic(TK::String), "the file of a table");
  if (!name) return std::nullopt;
  std::string path = place.unit->folder.empty() ? name->s : place.unit->folder + "/" + name->s;
  auto text = s.request.files.read(path);
  if (!text) {
    s.report(call.args[0].value->range, diag::CannotReadTable{.path = name->s});
    return std::nullopt;
  }
  auto digest = llvm::BLAKE3::hash(
      llvm::ArrayRef(reinterpret_cast<const uint8_t*>(text->data()), text->size()));
  std::string hash = llvm::toHex(digest, true);
  if (std::none_of(s.module.made_from.begin(), s.module.made_from.end(),
                   [&](const ir::FileHash& f) { return f.path == name->s; }))
    s.module.made_from.push_back({name->s, hash});
  if (call.a->name.text == "records")
    return readTomlRecords(s, *text, name->s, record, call.args[0].value->range);
  return readCsv(s, *text, name->s, record, call.args[0].value->range);
}

}  // namespace wfc::check
