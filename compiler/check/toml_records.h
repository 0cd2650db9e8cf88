// `records("x.toml")`: an array of tables, or tables by name, as records. The only place of check/
// that knows toml++.
#pragma once

#include "compiler/check/session.h"

namespace wfc::check {

/// Elements of the file's only top-level array of tables, or, when the file is tables by name, one
/// record per table whose key field is the table's name. Reports at `at` with the line of the file.
std::optional<std::vector<ir::Value>> readTomlRecords(Session& s, StringRef text,
                                                      const std::string& path, ir::TypeId record,
                                                      Range at);

}  // namespace wfc::check
