// Reports for editors and scripts: one JSON object a line, keys in a fixed order.
//
// Lines and columns are 1-based, columns in code points; `end` is one past the last. Texts that are
// not UTF-8 are mended, since JSON cannot hold them.
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/diag/sink.h"

namespace wfc::diag {

namespace {

namespace json = llvm::json;

void writeRange(json::OStream& out, const source::Sources& sources, source::Range range) {
  if (!range.valid()) return;
  source::Span span = sources.span(range);
  out.attribute("file", json::fixUTF8(sources.path(range.file)));
  out.attribute("line", span.begin.line);
  out.attribute("column", span.begin.column);
  out.attribute("end_line", span.end.line);
  out.attribute("end_column", span.end.column);
}

void writeOptional(json::OStream& out, llvm::StringRef key, std::string_view text) {
  if (!text.empty()) out.attribute(key, json::fixUTF8(text));
}

void writeLabels(json::OStream& out, const source::Sources& sources,
                 const std::vector<Label>& labels) {
  for (const Label& label : labels) {
    out.object([&] {
      writeRange(out, sources, label.range);
      out.attribute("text", json::fixUTF8(label.text));
    });
  }
}

void writeDiagnostic(json::OStream& out, const source::Sources& sources, const Diagnostic& d) {
  out.attribute("id", json::fixUTF8(d.id));
  out.attribute("name", json::fixUTF8(d.name));
  out.attribute("severity", json::fixUTF8(toString(d.severity)));
  writeRange(out, sources, d.at);
  out.attribute("text", json::fixUTF8(d.text));
  writeOptional(out, "label", d.label);
  if (!d.labels.empty()) {
    out.attributeArray("labels", [&] { writeLabels(out, sources, d.labels); });
  }
  writeOptional(out, "note", d.note);
  writeOptional(out, "help", d.help);
  if (d.fix) {
    out.attributeObject("fix", [&] {
      writeRange(out, sources, d.fix->range);
      out.attribute("text", json::fixUTF8(d.fix->text));
    });
  }
}

}  // namespace

std::string renderJson(const source::Sources& sources, const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const Diagnostic& diagnostic : diagnostics) {
    json::OStream out(stream);
    out.object([&] { writeDiagnostic(out, sources, diagnostic); });
    stream << '\n';
  }
  return text;
}

}  // namespace wfc::diag
