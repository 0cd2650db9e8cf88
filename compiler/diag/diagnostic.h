// A report as plain data: what was found, where, and what to say about it.
//
// Nobody writes one by hand. The structs generated from the catalogue
// (compiler/diag/catalog/*.toml) render themselves into it; sinks turn it into text, JSON, SARIF or
// annotations.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/range.h"

namespace wfc::diag {

/// error: wrong; warning: suspicious; note: style.
enum class Severity { Error, Warning, Note };

/// "error", "warning" or "note".
std::string_view toString(Severity severity);

/// Another place that matters, with a few words.
struct Label {
  source::Range range;
  std::string text;
};

/// The text that would mend it, in place of what stands in the range.
struct Fix {
  source::Range range;
  std::string text;

  bool operator==(const Fix&) const = default;
};

struct Diagnostic {
  /// "WF0203"; views into the catalogue.
  std::string_view id;
  /// "unbound-input".
  std::string_view name;
  Severity severity = Severity::Error;
  /// Where it is. Invalid: about no text in particular.
  source::Range at;
  /// What was found, one line.
  std::string text;
  /// A few words at the place itself; may be empty.
  std::string label;
  /// Other places; those that are nowhere are left out.
  std::vector<Label> labels;
  /// The rule behind it; may be empty, may have several lines.
  std::string note;
  /// What to do; may be empty, may have several lines.
  std::string help;
  std::optional<Fix> fix;
};

/// By file and position, then by id and text. Total up to equal reports.
bool isBefore(const Diagnostic& a, const Diagnostic& b);

}  // namespace wfc::diag
