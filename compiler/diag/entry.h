// One entry of the catalogue as a value: for `wfc explain`, the rules of SARIF, and the
// documentation.
//
// The table itself is generated; compiler/diag/catalog.h declares it.
#pragma once

#include <span>
#include <string_view>

#include "compiler/diag/diagnostic.h"

namespace wfc::diag {

/// Who reports it, in the order of the work; from the name of the catalogue's file.
enum class Stage { Syntax, Check, Site, Plan, Target, Driver, Runtime, Audit };

struct Entry {
  std::string_view id;
  std::string_view name;
  Severity severity = Severity::Error;
  Stage stage = Stage::Syntax;
  /// With {placeholders}.
  std::string_view text;
  std::string_view explain;
  /// Examples; several files are separated by lines "//--- name".
  std::string_view bad;
  std::string_view good;
  /// Former ids, never used again.
  std::span<const std::string_view> was;
};

/// All entries, by id.
std::span<const Entry> entries();

/// The entry with this id, name or former id; null when there is none.
const Entry* findEntry(std::string_view idOrName);

}  // namespace wfc::diag
