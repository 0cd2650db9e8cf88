// Reports as workflow commands of GitHub Actions, which show them beside the changed lines.
//
//   ::error file=a.wf,line=3,endLine=3,col=5,endColumn=8,title=WF0203 unbound-input::input `x` …
#include <iterator>

#include <fmt/format.h>

#include "compiler/diag/sink.h"

namespace wfc::diag {

namespace {

/// Properties end at a comma or a colon, messages at the end of the line.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (char c : text) {
    if (special.find(c) != std::string_view::npos) {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
}

std::string property(std::string_view text) { return escaped(text, "%\r\n:,"); }

std::string message(const Diagnostic& d) {
  std::string text = d.text;
  if (!d.label.empty()) text += ": " + d.label;
  if (!d.note.empty()) text += "\n" + d.note;
  if (!d.help.empty()) text += "\n" + d.help;
  if (d.fix) text += "\nfix: " + d.fix->text;
  return escaped(text, "%\r\n");
}

}  // namespace

std::string renderGithub(const source::Sources& sources,
                         const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    std::string_view command = d.severity == Severity::Note ? "notice" : toString(d.severity);
    fmt::format_to(std::back_inserter(out), "::{} ", command);
    if (d.at.valid()) {
      source::Span span = sources.span(d.at);
      fmt::format_to(std::back_inserter(out), "file={},line={},endLine={},",
                     property(sources.path(d.at.file)), span.begin.line, span.end.line);
      // Columns are shown only where the place is within one line.
      if (span.begin.line == span.end.line) {
        fmt::format_to(std::back_inserter(out), "col={},endColumn={},", span.begin.column,
                       span.end.column);
      }
    }
    fmt::format_to(std::back_inserter(out), "title={} {}::{}\n", d.id, property(d.name),
                   message(d));
  }
  return out;
}

}  // namespace wfc::diag
