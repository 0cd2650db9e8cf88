// Reports as a SARIF 2.1.0 log, for code scanners and editors.
//
// The log holds the rules that were broken and the results, and nothing of the machine or the time.
// Paths are as they were given, as relative URI references.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/diag/entry.h"
#include "compiler/diag/sink.h"

namespace wfc::diag {

namespace {

namespace json = llvm::json;

std::string uriOf(std::string_view path) {
  std::string uri;
  for (unsigned char c : path) {
    bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view("-._~/").find(static_cast<char>(c)) != std::string_view::npos;
    uri += isPlain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return uri;
}

void writeMessage(json::OStream& out, llvm::StringRef key, std::string_view text) {
  out.attributeObject(key, [&] { out.attribute("text", json::fixUTF8(text)); });
}

void writeRegion(json::OStream& out, llvm::StringRef key, const source::Sources& sources,
                 source::Range range) {
  source::Span span = sources.span(range);
  out.attributeObject(key, [&] {
    out.attribute("startLine", span.begin.line);
    out.attribute("startColumn", span.begin.column);
    out.attribute("endLine", span.end.line);
    out.attribute("endColumn", span.end.column);
  });
}

void writeArtifact(json::OStream& out, const source::Sources& sources, source::FileId file) {
  out.attributeObject("artifactLocation", [&] { out.attribute("uri", uriOf(sources.path(file))); });
}

void writeLocation(json::OStream& out, const source::Sources& sources, source::Range range,
                   std::string_view text) {
  out.object([&] {
    out.attributeObject("physicalLocation", [&] {
      writeArtifact(out, sources, range.file);
      writeRegion(out, "region", sources, range);
    });
    if (!text.empty()) writeMessage(out, "message", text);
  });
}

void writeReplacement(json::OStream& out, const source::Sources& sources, const Fix& fix) {
  out.object([&] {
    writeRegion(out, "deletedRegion", sources, fix.range);
    writeMessage(out, "insertedContent", fix.text);
  });
}

void writeChange(json::OStream& out, const source::Sources& sources, const Fix& fix) {
  out.object([&] {
    writeArtifact(out, sources, fix.range.file);
    out.attributeArray("replacements", [&] { writeReplacement(out, sources, fix); });
  });
}

void writeFix(json::OStream& out, const source::Sources& sources, const Fix& fix) {
  out.object(
      [&] { out.attributeArray("artifactChanges", [&] { writeChange(out, sources, fix); }); });
}

void writeResult(json::OStream& out, const source::Sources& sources, const Diagnostic& d) {
  out.attribute("ruleId", json::fixUTF8(d.id));
  out.attribute("level", json::fixUTF8(toString(d.severity)));
  std::string text = d.text;
  if (!d.note.empty()) text += "\n" + d.note;
  if (!d.help.empty()) text += "\n" + d.help;
  writeMessage(out, "message", text);
  if (d.at.valid()) {
    out.attributeArray("locations", [&] { writeLocation(out, sources, d.at, d.label); });
  }
  bool hasRelated = std::any_of(d.labels.begin(), d.labels.end(),
                                [](const Label& label) { return label.range.valid(); });
  if (hasRelated) {
    out.attributeArray("relatedLocations", [&] {
      for (const Label& label : d.labels) {
        if (label.range.valid()) writeLocation(out, sources, label.range, label.text);
      }
    });
  }
  if (d.fix && d.fix->range.valid()) {
    out.attributeArray("fixes", [&] { writeFix(out, sources, *d.fix); });
  }
}

void writeRules(json::OStream& out, const std::vector<Diagnostic>& diagnostics) {
  for (const Entry& entry : entries()) {
    bool isUsed = std::any_of(diagnostics.begin(), diagnostics.end(),
                              [&](const Diagnostic& d) { return d.id == entry.id; });
    if (!isUsed) continue;
    out.object([&] {
      out.attribute("id", json::fixUTF8(entry.id));
      out.attribute("name", json::fixUTF8(entry.name));
      writeMessage(out, "shortDescription", entry.text);
      writeMessage(out, "fullDescription", entry.explain);
    });
  }
}

void writeTool(json::OStream& out, const std::vector<Diagnostic>& diagnostics) {
  out.attributeObject("driver", [&] {
    out.attribute("name", "wfc");
    out.attributeArray("rules", [&] { writeRules(out, diagnostics); });
  });
}

void writeRun(json::OStream& out, const source::Sources& sources,
              const std::vector<Diagnostic>& diagnostics) {
  out.attributeObject("tool", [&] { writeTool(out, diagnostics); });
  out.attribute("columnKind", "unicodeCodePoints");
  out.attributeArray("results", [&] {
    for (const Diagnostic& diagnostic : diagnostics) {
      out.object([&] { writeResult(out, sources, diagnostic); });
    }
  });
}

}  // namespace

std::string renderSarif(const source::Sources& sources,
                        const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  json::OStream out(stream, 2);
  out.object([&] {
    out.attribute("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    out.attribute("version", "2.1.0");
    out.attributeArray("runs", [&] { out.object([&] { writeRun(out, sources, diagnostics); }); });
  });
  stream << '\n';
  return text;
}

}  // namespace wfc::diag
