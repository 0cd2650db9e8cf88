// Layers of a GeoPackage put together by a key. SQLite does the work; the spatial index of a layer
// is kept by its own triggers, for which SQLite is given the functions they call.
#include <algorithm>
#include <cstring>
#include <memory>
#include <sqlite3.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/base/words.h"

#include "runtime/move/geometry.h"
#include "runtime/move/rows.h"

namespace wfc::move {

namespace {

std::string quoted(llvm::StringRef name, char mark = '"') {
  std::string text(1, mark);
  for (char c : name) text += c == mark ? std::string(2, mark) : std::string(1, c);
  return text + mark;
}

/// A path as SQLite's addresses have it: any byte, and no flag of ours taken for part of it.
std::string address(const std::string& path, const char* flags) {
  std::string text = "file:";
  for (char c : path) {
    bool isPlain = llvm::isAlnum(c) || llvm::StringRef("/._-").contains(c);
    text += isPlain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return text + flags;
}

enum Side : intptr_t { MinX, MaxX, MinY, MaxY };

void extentFunction(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* bytes = static_cast<const uint8_t*>(sqlite3_value_blob(values[0]));
  size_t size = static_cast<size_t>(sqlite3_value_bytes(values[0]));
  std::optional<Extent> extent = extentOf({bytes, size});
  if (!extent) {
    sqlite3_result_null(context);
    return;
  }
  auto side = static_cast<Side>(reinterpret_cast<intptr_t>(sqlite3_user_data(context)));
  sqlite3_result_double(context, side == MinX   ? extent->minX
                                 : side == MaxX ? extent->maxX
                                 : side == MinY ? extent->minY
                                                : extent->maxY);
}

void emptyFunction(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* bytes = static_cast<const uint8_t*>(sqlite3_value_blob(values[0]));
  size_t size = static_cast<size_t>(sqlite3_value_bytes(values[0]));
  sqlite3_result_int(context, extentOf({bytes, size}) ? 0 : 1);
}

class Database {
 public:
  explicit Database(const std::string& path) {
    isOpen_ = sqlite3_open_v2(address(path, "").c_str(), &db_,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, nullptr) == SQLITE_OK;
    for (auto [name, side] : {std::pair("ST_MinX", MinX), std::pair("ST_MaxX", MaxX),
                              std::pair("ST_MinY", MinY), std::pair("ST_MaxY", MaxY)})
      sqlite3_create_function(db_, name, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                              reinterpret_cast<void*>(side), extentFunction, nullptr, nullptr);
    sqlite3_create_function(db_, "ST_IsEmpty", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                            emptyFunction, nullptr, nullptr);
  }
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  bool isOpen() const { return isOpen_; }
  std::string error() const { return sqlite3_errmsg(db_); }
  bool run(const std::string& sql) {
    return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  /// All rows, as text; false on an error.
  bool rows(const std::string& sql, std::vector<std::vector<std::string>>& found) {
    sqlite3_stmt* query = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &query, nullptr) != SQLITE_OK) return false;
    int step = 0;
    while ((step = sqlite3_step(query)) == SQLITE_ROW) {
      std::vector<std::string>& row = found.emplace_back();
      for (int n = 0; n < sqlite3_column_count(query); ++n) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(query, n));
        row.emplace_back(text == nullptr ? "" : text,
                         static_cast<size_t>(sqlite3_column_bytes(query, n)));
      }
    }
    sqlite3_finalize(query);
    return step == SQLITE_DONE;
  }
  uint64_t changes() const { return static_cast<uint64_t>(sqlite3_changes64(db_)); }

 private:
  sqlite3* db_ = nullptr;
  bool isOpen_ = false;
};

class Merge {
 public:
  Merge(Database& to, const std::string& key) : to_(to), key_(key) {}

  Appended run(const std::string& from) {
    if (::access((from + "-wal").c_str(), F_OK) == 0 ||
        ::access((from + "-journal").c_str(), F_OK) == 0)
      return {0, "is in use: its journal lies beside it",
              "close it first, or open it once so that it is put right"};
    // Rollback is of no use for a file that is thrown away when something goes wrong.
    bool isReady =
        to_.isOpen() && to_.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF") &&
        to_.run("ATTACH " + quoted(address(from, "?mode=ro&immutable=1"), '\'') + " AS more") &&
        to_.run("BEGIN");
    if (!isReady) return broken();
    std::vector<std::vector<std::string>> layers, known;
    const char* list =
        "SELECT table_name FROM {}.gpkg_contents WHERE data_type IN "
        "('features', 'attributes') ORDER BY 1";
    if (!to_.rows(fmt::format(fmt::runtime(list), "more"), layers) ||
        !to_.rows(fmt::format(fmt::runtime(list), "main"), known))
      return {0, "is no GeoPackage, and databases are not merged otherwise", {}};
    Appended appended;
    for (const std::vector<std::string>& layer : layers) {
      if (std::find(known.begin(), known.end(), layer) == known.end())
        return {0, fmt::format("has a layer `{}`, which the destination has not", layer[0]),
                "layers are merged that both have"};
      Appended one = merge(layer[0]);
      if (!one.wrong.empty()) return one;
      appended.rows += one.rows;
    }
    return to_.run("COMMIT") ? appended : broken();
  }

 private:
  Appended broken() { return {0, "cannot be merged: " + to_.error(), {}}; }

  /// All columns but the number of the row.
  bool columns(const std::string& schema, const std::string& layer,
               std::vector<std::string>& names) {
    std::vector<std::vector<std::string>> rows;
    if (!to_.rows(
            fmt::format("SELECT name FROM pragma_table_info({}, {}) WHERE NOT pk ORDER BY name",
                        quoted(layer, '\''), quoted(schema, '\'')),
            rows))
      return false;
    for (const std::vector<std::string>& row : rows) names.push_back(row[0]);
    return true;
  }

  Appended merge(const std::string& layer) {
    std::vector<std::string> names, others;
    if (!columns("main", layer, names) || !columns("more", layer, others)) return broken();
    if (names != others)
      return {0, fmt::format("layer `{}` has other columns than at the destination", layer), {}};
    if (std::find(names.begin(), names.end(), key_) == names.end())
      return {
          0,
          fmt::format("layer `{}` has no column `{}`{}", layer, key_, base::nearestOf(key_, names)),
          {}};
    Appended conflict = conflictIn(layer, names);
    if (!conflict.wrong.empty()) return conflict;
    std::string list, table = quoted(layer), key = quoted(key_);
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quoted(name);
    if (!to_.run(fmt::format("INSERT INTO main.{0} ({1}) SELECT {1} FROM more.{0} WHERE {2} NOT IN "
                             "(SELECT {2} FROM main.{0} WHERE {2} IS NOT NULL) ORDER BY rowid",
                             table, list, key)))
      return broken();
    Appended appended{to_.changes(), {}, {}};
    if (appended.rows > 0 && !widen(layer)) return broken();
    return appended;
  }

  /// Rows without a key, and rows that both have and that are not the same.
  Appended conflictIn(const std::string& layer, const std::vector<std::string>& names) {
    std::string same, table = quoted(layer), key = quoted(key_);
    for (const std::string& name : names)
      same += fmt::format("{0}a.{1} IS b.{1}", same.empty() ? "" : " AND ", quoted(name));
    std::vector<std::vector<std::string>> empty, found;
    if (!to_.rows(fmt::format("SELECT count(*) FROM more.{} WHERE {} IS NULL", table, key),
                  empty) ||
        !to_.rows(fmt::format("SELECT b.{1} FROM more.{0} b JOIN main.{0} a ON a.{1} = b.{1} WHERE "
                              "NOT ({2}) ORDER BY 1",
                              table, key, same),
                  found))
      return broken();
    if (empty[0][0] != "0")
      return {0, fmt::format("layer `{}` has {} rows without `{}`", layer, empty[0][0], key_),
              "give every row its key"};
    if (!found.empty())
      return {0,
              fmt::format("layer `{}` has {} rows with a {} that the destination has with another "
                          "content, the first with {}",
                          layer, found.size(), key_, found[0][0]),
              "decide which are right, and take the others out"};
    return {};
  }

  /// The layer reaches as far as both did, and changed when the later one did.
  bool widen(const std::string& layer) {
    std::string name = quoted(layer, '\'');
    return to_.run(fmt::format(
        "UPDATE main.gpkg_contents AS a SET (min_x, min_y, max_x, max_y, last_change) = (SELECT "
        "min(ifnull(a.min_x, b.min_x), ifnull(b.min_x, a.min_x)), min(ifnull(a.min_y, b.min_y), "
        "ifnull(b.min_y, a.min_y)), max(ifnull(a.max_x, b.max_x), ifnull(b.max_x, a.max_x)), "
        "max(ifnull(a.max_y, b.max_y), ifnull(b.max_y, a.max_y)), max(a.last_change, "
        "b.last_change) "
        "FROM more.gpkg_contents AS b WHERE b.table_name = {0}) WHERE table_name = {0}",
        name));
  }

  Database& to_;
  const std::string& key_;
};

}  // namespace

bool isDatabase(int fd) {
  char head[16];
  return ::pread(fd, head, sizeof head, 0) == sizeof head &&
         std::memcmp(head, "SQLite format 3", 16) == 0;
}

Appended appendFeatures(const std::string& from, const std::string& to, const std::string& key) {
  Database database(to);
  return Merge(database, key).run(from);
}

}  // namespace wfc::move
