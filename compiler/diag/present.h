// What of the reports the user is shown: comments that silence, and the limit on their number.
//
// `// wfc: allow(name, other)` silences warnings and notes on its own line and on the next one.
// Errors cannot be silenced. The comment is found in the text itself, so that it works in every
// stage and in site files too (`# wfc: allow(name)`); it is therefore also found inside a string.
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/entry.h"
#include "compiler/source/sources.h"

namespace wfc::diag {

struct PresentOptions {
  /// Reports beyond this number become one line that counts them; 0 shows all.
  size_t cap = 50;
  /// The last stage that has run. An allow for what a later one reports is not yet unneeded.
  Stage reached = Stage::Check;
};

/// Drops what the sources allow, and adds a report for each allow that is unknown, unneeded or
/// names an error. Takes and returns sorted reports.
std::vector<Diagnostic> applyAllows(const source::Sources& sources,
                                    std::vector<Diagnostic> diagnostics, Stage reached);

/// applyAllows, then the limit: errors stay before warnings, and warnings before notes.
std::vector<Diagnostic> present(const source::Sources& sources, std::vector<Diagnostic> diagnostics,
                                const PresentOptions& options);

}  // namespace wfc::diag
