// From TOML to entries, with every rule of the catalogue.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "compiler/diag/gen/catalog.h"

namespace wfc::diag::gen {

namespace {

// A stage with more to say than a hundred ids hold has further ranges, named in its file.
constexpr std::array kStages = {
    std::pair{"syntax", "WF01"}, std::pair{"check", "WF02, WF06 or WF07"},
    std::pair{"site", "WF03"},   std::pair{"plan", "WF04"},
    std::pair{"target", "WF05"}, std::pair{"runtime", "WF08"},
    std::pair{"driver", "WF09"}, std::pair{"audit", "WF10, WF11 or WF12"},
};
constexpr std::array kKeys = {"name", "severity", "text",  "fields", "label",   "labels",
                              "note", "help",     "fix",   "was",    "explain", "bad",
                              "good", "args",     "shell", "runtime"};
// Words that say nothing, or blame.
constexpr std::array kUnwanted = {"you", "your", "invalid", "illegal", "please", "sorry"};

std::string stem(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);
  return std::string(path.substr(0, path.find('.')));
}

bool isKebab(std::string_view name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
         });
}

bool isFieldName(std::string_view name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// Reads one file; knows where to point when something is wrong.
class Reader {
 public:
  Reader(const CatalogFile& file, std::vector<std::string>& errors)
      : file_(file), errors_(errors), stage_(stem(file.path)) {}

  void read(std::vector<EntryDef>& entries) {
    toml::parse_result result =
        toml::parse(std::string_view(file_.text), std::string_view(file_.path));
    if (!result) {
      complain(result.error().source(), std::string(result.error().description()));
      return;
    }
    for (auto&& [key, node] : result.table()) {
      if (const toml::table* table = node.as_table()) {
        entries.push_back(readEntry(std::string(key.str()), *table));
      } else {
        complain(key.source(), fmt::format("`{}` is not a table", key.str()));
      }
    }
  }

 private:
  void complain(const toml::source_region& at, const std::string& what) {
    errors_.push_back(
        fmt::format("{}:{}:{}: {}", file_.path, at.begin.line, at.begin.column, what));
  }

  EntryDef readEntry(std::string id, const toml::table& table) {
    EntryDef entry;
    entry.id = std::move(id);
    entry.stage = stage_;
    where_ = &table;
    checkId(entry.id);
    for (auto&& [key, node] : table) {
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end()) {
        complain(key.source(), fmt::format("{}: unknown key `{}`", entry.id, key.str()));
      }
    }
    entry.name = text(entry, "name", true);
    if (!isKebab(entry.name)) complain(source("name"), entry.id + ": name is not kebab-case");
    entry.structName = pascalCase(entry.name);
    entry.severity = text(entry, "severity", true);
    if (entry.severity != "error" && entry.severity != "warning" && entry.severity != "note") {
      complain(source("severity"), entry.id + ": severity is error, warning or note");
    }
    readTexts(entry);
    entry.hasFix = table["fix"].value_or(false);
    entry.explain = text(entry, "explain", true);
    entry.bad = text(entry, "bad", true);
    entry.good = text(entry, "good", true);
    if (const toml::array* was = table["was"].as_array()) {
      for (auto&& former : *was) entry.was.push_back(former.value_or(std::string()));
    }
    checkFields(entry, table);
    return entry;
  }

  void checkId(const std::string& id) {
    bool isShaped =
        id.size() == 6 && id.starts_with("WF") &&
        std::all_of(id.begin() + 2, id.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!isShaped) return complain(where_->source(), "`" + id + "` is not of the form WF0000");
    for (auto [stage, prefix] : kStages) {
      if (stage_ == stage &&
          std::string_view(prefix).find(id.substr(0, 4)) == std::string_view::npos) {
        complain(where_->source(), fmt::format("ids of {}.toml begin with {}", stage, prefix));
      }
    }
  }

  toml::source_region source(std::string_view key) const {
    const toml::node* node = where_->get(key);
    return node == nullptr ? where_->source() : node->source();
  }

  std::string text(const EntryDef& entry, std::string_view key, bool isNeeded) {
    const toml::node* node = where_->get(key);
    if (node == nullptr) {
      if (isNeeded) complain(where_->source(), fmt::format("{}: `{}` is missing", entry.id, key));
      return {};
    }
    if (!node->is_string()) {
      complain(node->source(), fmt::format("{}: `{}` is not a string", entry.id, key));
    } else if (isNeeded && node->as_string()->get().empty()) {
      complain(node->source(), fmt::format("{}: `{}` is empty", entry.id, key));
    }
    return node->value_or(std::string());
  }

  void readTexts(EntryDef& entry) {
    entry.rawText = text(entry, "text", true);
    checkStyle(entry, "text", entry.rawText);
    if (entry.rawText.find('\n') != std::string::npos) {
      complain(source("text"), entry.id + ": `text` has more than one line");
    }
    entry.text = pieces(entry, entry.rawText, source("text"));
    for (auto [key, target] : {std::pair{"label", &entry.label}, std::pair{"note", &entry.note},
                               std::pair{"help", &entry.help}}) {
      std::string value = text(entry, key, false);
      checkStyle(entry, key, value);
      if (std::string_view(key) == "label") {
        *target = pieces(entry, value, source(key));
        readLabels(entry);
      } else {
        *target = pieces(entry, value, source(key));
      }
    }
  }

  void readLabels(EntryDef& entry) {
    const toml::table* labels = (*where_)["labels"].as_table();
    if (labels == nullptr) return;
    for (auto&& [key, node] : *labels) {
      std::string name(key.str());
      std::string value = node.value_or(std::string());
      if (!isFieldName(name)) complain(key.source(), entry.id + ": label name is not camelCase");
      if (value.empty()) complain(key.source(), entry.id + ": label without text");
      checkStyle(entry, "labels", value);
      entry.labels.push_back({name, pieces(entry, value, node.source())});
    }
  }

  void checkStyle(const EntryDef& entry, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    if (value.back() == '.' && !value.ends_with("…")) {
      complain(source(key), fmt::format("{}: `{}` ends with a full stop", entry.id, key));
    }
    bool startsUpper = std::isupper(static_cast<unsigned char>(value[0])) != 0;
    bool isAcronym = value.size() > 1 && std::isupper(static_cast<unsigned char>(value[1])) != 0;
    if (startsUpper && !isAcronym) {
      complain(source(key), fmt::format("{}: `{}` begins with a capital", entry.id, key));
    }
    std::string word;
    for (char c : std::string(value) + " ") {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
        word += c;
        continue;
      }
      if (std::find(kUnwanted.begin(), kUnwanted.end(), word) != kUnwanted.end()) {
        complain(source(key), fmt::format("{}: `{}` says \"{}\"", entry.id, key, word));
      }
      word.clear();
    }
  }

  Template pieces(EntryDef& entry, std::string_view value, const toml::source_region& at) {
    Template result;
    std::string literal;
    for (size_t i = 0; i < value.size(); ++i) {
      char c = value[i];
      if ((c == '{' || c == '}') && i + 1 < value.size() && value[i + 1] == c) {
        literal += c;
        ++i;
      } else if (c == '{') {
        size_t end = value.find('}', i);
        std::string field(value.substr(i + 1, end == value.npos ? end : end - i - 1));
        if (end == value.npos || !isFieldName(field)) {
          complain(at, fmt::format("{}: {{{} is not a placeholder, a brace is {{{{{{{{", entry.id,
                                   field));
          return result;
        }
        if (!literal.empty()) result.push_back({false, std::exchange(literal, {})});
        addField(entry, field);
        result.push_back({true, std::move(field)});
        i = end;
      } else if (c == '}') {
        complain(at, entry.id + ": lone }, a brace is }}");
      } else {
        literal += c;
      }
    }
    if (!literal.empty()) result.push_back({false, std::move(literal)});
    return result;
  }

  static void addField(EntryDef& entry, const std::string& field) {
    auto& fields = entry.fields;
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
  }

  /// `fields` may be written down, as a table or a list; then it must be exactly what is used.
  void checkFields(const EntryDef& entry, const toml::table& table) {
    std::set<std::string> declared;
    if (const toml::table* fields = table["fields"].as_table()) {
      for (auto&& [key, node] : *fields) declared.insert(std::string(key.str()));
    } else if (const toml::array* list = table["fields"].as_array()) {
      for (auto&& node : *list) declared.insert(node.value_or(std::string()));
    } else {
      return;
    }
    for (const std::string& field : entry.fields) {
      if (!declared.contains(field)) {
        complain(source("fields"), fmt::format("{}: {{{}}} is not in fields", entry.id, field));
      }
    }
    for (const std::string& field : declared) {
      if (std::find(entry.fields.begin(), entry.fields.end(), field) == entry.fields.end()) {
        complain(source("fields"), fmt::format("{}: field `{}` is not used", entry.id, field));
      }
    }
  }

  const CatalogFile& file_;
  std::vector<std::string>& errors_;
  std::string stage_;
  /// The entry being read.
  const toml::table* where_ = nullptr;
};

void checkUnique(const std::vector<EntryDef>& entries, std::vector<std::string>& errors) {
  std::map<std::string, std::string> taken;
  auto take = [&](const std::string& what, const EntryDef& entry) {
    auto [it, isNew] = taken.insert({what, entry.id});
    if (!isNew) {
      errors.push_back(fmt::format("{}.toml: {}: `{}` is already taken by {}", entry.stage,
                                   entry.id, what, it->second));
    }
  };
  for (const EntryDef& entry : entries) {
    take(entry.id, entry);
    take(entry.name, entry);
    for (const std::string& former : entry.was) take(former, entry);
  }
}

}  // namespace

std::string pascalCase(std::string_view kebab) {
  std::string result;
  bool isStart = true;
  for (char c : kebab) {
    if (c == '-') {
      isStart = true;
      continue;
    }
    result += isStart ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    isStart = false;
  }
  return result;
}

std::vector<EntryDef> readCatalogs(const std::vector<CatalogFile>& files,
                                   std::vector<std::string>& errors) {
  std::vector<EntryDef> entries;
  for (const CatalogFile& file : files) Reader(file, errors).read(entries);
  std::sort(entries.begin(), entries.end(),
            [](const EntryDef& a, const EntryDef& b) { return a.id < b.id; });
  checkUnique(entries, errors);
  return entries;
}

}  // namespace wfc::diag::gen
