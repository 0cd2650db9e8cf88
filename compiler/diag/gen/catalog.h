// The catalogue as the generator sees it, and what it makes of it.
//
// Reading validates everything that can be: a mistake in an entry ends the build with file, line
// and what was expected, because the next place to notice it would be a user's terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wfc::diag::gen {

/// Literal text, or the name of a field.
struct Piece {
  bool isField = false;
  std::string text;
};
using Template = std::vector<Piece>;

struct LabelDef {
  std::string name;
  Template text;
};

struct EntryDef {
  std::string id;
  std::string name;
  /// PascalCase of the name.
  std::string structName;
  std::string severity;
  /// The name of the file: "check".
  std::string stage;
  std::string rawText;
  Template text, label, note, help;
  std::vector<LabelDef> labels;
  bool hasFix = false;
  std::string explain, bad, good;
  std::vector<std::string> was;
  /// Names of the string fields in the order of first appearance.
  std::vector<std::string> fields;
};

/// One catalogue file, already read.
struct CatalogFile {
  std::string path;
  std::string text;
};

/// All entries sorted by id. Mistakes are appended to `errors`, each "path:line:column: what".
std::vector<EntryDef> readCatalogs(const std::vector<CatalogFile>& files,
                                   std::vector<std::string>& errors);

/// A file to write, relative to the output folder.
struct Output {
  std::string path;
  std::string text;
};

/// catalog.h, catalog.cpp and catalog/STAGE.h for each stage named.
std::vector<Output> writeCpp(const std::vector<EntryDef>& entries,
                             const std::vector<std::string>& stages);

/// The reference, docs/diagnostics.md.
std::string writeDocs(const std::vector<EntryDef>& entries);

/// "unbound-input" to "UnboundInput".
std::string pascalCase(std::string_view kebab);

}  // namespace wfc::diag::gen
