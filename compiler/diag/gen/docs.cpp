// The reference of diagnostics, docs/diagnostics.md: a section an entry, from the catalogue alone.
#include <fmt/format.h>

#include "compiler/base/writer.h"
#include "compiler/diag/gen/catalog.h"

namespace wfc::diag::gen {

namespace {

void writeExample(base::Writer& out, std::string_view title, std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  out.raw(title);
  out.line();
  // Four backticks, so that an example may hold three.
  out.raw("````");
  out.raw(text);
  out.raw("````");
  out.line();
}

}  // namespace

std::string writeDocs(const std::vector<EntryDef>& entries) {
  base::Writer out;
  out.raw("# Diagnostics");
  out.line();
  out.raw(
      "Generated from `compiler/diag/catalog/` by `./dev regen`. `wfc explain ID` prints a "
      "section.");
  out.line();
  out.raw("| id | name | severity | text |");
  out.raw("|---|---|---|---|");
  for (const EntryDef& entry : entries) {
    std::string cell;
    for (char c : entry.rawText) cell += c == '|' ? std::string("\\|") : std::string(1, c);
    out.line("| [{0}](#{1}) | {1} | {2} | {3} |", entry.id, entry.name, entry.severity, cell);
  }
  for (const EntryDef& entry : entries) {
    out.line();
    out.line("## {}", entry.name);
    out.line();
    out.line("{}, {}: {}", entry.id, entry.severity, entry.rawText);
    out.line();
    out.raw(entry.explain);
    out.line();
    writeExample(out, "Reported for:", entry.bad);
    writeExample(out, "Silent for:", entry.good);
  }
  std::string text = out.take();
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace wfc::diag::gen
