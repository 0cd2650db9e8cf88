// Reports as bytes for somebody: a person, an editor, a code scanner, a CI log.
//
// Each form has a file of its own. All of them take the reports as present() leaves them and put
// out the same bytes for the same reports; whether the receiver is a terminal is the driver's to
// know.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/sources.h"

namespace wfc::diag {

/// text: for people. json: one object a line. sarif: SARIF 2.1.0. github: workflow commands.
enum class Format { Text, Json, Sarif, Github };

/// The format of this name, as in `--format sarif`.
std::optional<Format> parseFormat(std::string_view name);

/// The names parseFormat knows.
std::vector<std::string_view> formatNames();

struct RenderOptions {
  Format format = Format::Text;
  /// Terminal colours; concerns text only.
  bool colour = false;
};

/// All reports in one form. Without reports: nothing, except for SARIF, whose log is then empty.
std::string render(const source::Sources& sources, const std::vector<Diagnostic>& diagnostics,
                   const RenderOptions& options);

/// The forms one by one.
std::string renderText(const source::Sources& sources, const std::vector<Diagnostic>& diagnostics,
                       bool colour);
std::string renderJson(const source::Sources& sources, const std::vector<Diagnostic>& diagnostics);
std::string renderSarif(const source::Sources& sources, const std::vector<Diagnostic>& diagnostics);
std::string renderGithub(const source::Sources& sources,
                         const std::vector<Diagnostic>& diagnostics);

}  // namespace wfc::diag
