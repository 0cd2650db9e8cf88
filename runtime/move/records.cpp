// Tables as text (RFC 4180): records are kept byte by byte; only the column of the key is read.
#include <optional>

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/base/words.h"

#include "runtime/move/rows.h"

namespace wfc::move {

namespace {

/// Takes the next record off `text`, without the end of its line. A line may end inside of quotes.
llvm::StringRef takeRecord(llvm::StringRef& text) {
  bool isQuoted = false;
  size_t end = 0;
  for (; end < text.size() && (isQuoted || text[end] != '\n'); ++end) {
    if (text[end] == '"') isQuoted = !isQuoted;
  }
  llvm::StringRef record = text.take_front(end);
  text = text.drop_front(std::min(end + 1, text.size()));
  record.consume_back("\r");
  return record;
}

/// Field `n` of a record, without its quotes; nothing if there are fewer.
std::optional<std::string> field(llvm::StringRef record, size_t n) {
  std::string value;
  size_t at = 0, number = 0;
  bool isQuoted = false;
  for (; at < record.size(); ++at) {
    char c = record[at];
    if (c == '"') {
      // Two of them inside of quotes are one.
      if (isQuoted && at + 1 < record.size() && record[at + 1] == '"' && number == n) value += c;
      if (isQuoted && at + 1 < record.size() && record[at + 1] == '"')
        ++at;
      else
        isQuoted = !isQuoted;
    } else if (c == ',' && !isQuoted) {
      if (number++ == n) return value;
    } else if (number == n) {
      value += c;
    }
  }
  return number == n ? std::optional(value) : std::nullopt;
}

std::optional<size_t> columnOf(llvm::StringRef head, const std::string& key,
                               std::vector<std::string>& names) {
  for (size_t n = 0;; ++n) {
    std::optional<std::string> name = field(head, n);
    if (!name) return {};
    if (*name == key) return n;
    names.push_back(*name);
  }
}

}  // namespace

Appended appendRecords(const std::string& from, std::string& to, const std::string& key) {
  llvm::StringRef more(from), there(to);
  more.consume_front("\xef\xbb\xbf");
  there.consume_front("\xef\xbb\xbf");
  llvm::StringRef head = takeRecord(there);
  if (takeRecord(more) != head)
    return {0, "has other columns than the table it is merged into",
            "tables are merged that have the same first line"};
  std::vector<std::string> names;
  std::optional<size_t> column = columnOf(head, key, names);
  if (!column)
    return {0, fmt::format("has no column `{}`{}", key, base::nearestOf(key, names)), {}};
  llvm::StringMap<llvm::StringRef> known;
  while (!there.empty()) {
    llvm::StringRef record = takeRecord(there);
    std::optional<std::string> value = field(record, *column);
    if (value) known.try_emplace(*value, record);
  }
  Appended appended;
  std::string added;
  for (uint64_t line = 2; !more.empty(); ++line) {
    llvm::StringRef record = takeRecord(more);
    if (record.empty()) continue;
    std::optional<std::string> value = field(record, *column);
    if (!value || value->empty())
      return {0, fmt::format("record {} has no `{}`", line, key), "give every record its key"};
    auto [place, isNew] = known.try_emplace(*value, record);
    if (isNew) {
      added += record.str() + "\n";
      ++appended.rows;
    } else if (place->second != record) {
      return {0,
              fmt::format("record {}: the destination has another record with the {} {}", line, key,
                          *value),
              "decide which one is right, and take the other out"};
    }
  }
  // The references into it end here.
  known.clear();
  if (!added.empty() && !llvm::StringRef(to).ends_with("\n")) to += "\n";
  to += added;
  return appended;
}

}  // namespace wfc::move
