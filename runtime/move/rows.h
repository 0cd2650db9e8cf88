// Tables put together by a key: the rows of one whose key the other does not have are appended. A
// row that both have must be the same; merging twice changes nothing.
#pragma once

#include <cstdint>
#include <string>

namespace wfc::move {

/// What came of one pair of tables.
struct Appended {
  uint64_t rows = 0;
  /// Why nothing was appended; empty: all is well.
  std::string wrong, fix;
};

/// Whether a file begins as a database of SQLite, which a GeoPackage is.
bool isDatabase(int fd);

/// Appends to the GeoPackage at `to`, which nobody else uses, what the one at `from` has more.
/// Spatial index, extents and counts follow. `to` may be left half changed where something is
/// wrong.
Appended appendFeatures(const std::string& from, const std::string& to, const std::string& key);

/// The same for tables as text with commas, headed by names, in memory.
Appended appendRecords(const std::string& from, std::string& to, const std::string& key);

}  // namespace wfc::move
