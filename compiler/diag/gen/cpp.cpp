// From entries to C++: one header a stage with the structs, one source with their rendering and the
// table of all entries.
//
// Everything is spelled out, so that an error in the emitting code names a field of the catalogue.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/base/writer.h"
#include "compiler/diag/gen/catalog.h"

namespace wfc::diag::gen {

namespace {

using base::Writer;

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += static_cast<char>(c);
    } else if (c == '\n') {
      result += "\\n";
    } else if (c < 0x20) {
      result += fmt::format("\\{:03o}", c);
    } else {
      result += static_cast<char>(c);
    }
  }
  return result + "\"";
}

std::string severityOf(const EntryDef& entry) { return "Severity::" + pascalCase(entry.severity); }

/// An expression of type std::string.
std::string expression(const Template& pieces) {
  if (pieces.empty()) return "{}";
  std::string result;
  for (const Piece& piece : pieces) {
    if (!result.empty()) result += ", ";
    result += piece.isField ? piece.text : quoted(piece.text);
  }
  return "joined({" + result + "})";
}

void writeStruct(Writer& out, const EntryDef& entry) {
  out.line("/// {}, {}: {}", entry.id, entry.severity, entry.rawText);
  out.line("struct {} {{", entry.structName);
  {
    auto inside = out.indent();
    for (const std::string& field : entry.fields) out.line("std::string {};", field);
    for (const LabelDef& label : entry.labels) out.line("source::Range {}At;", label.name);
    if (entry.hasFix) out.line("std::optional<Fix> fix = std::nullopt;");
    out.line("Diagnostic build(source::Range at) &&;");
  }
  out.raw("};");
  out.line();
}

void writeBuild(Writer& out, const EntryDef& entry) {
  out.line("Diagnostic {}::build(source::Range at) && {{", entry.structName);
  {
    auto inside = out.indent();
    out.line("Diagnostic d;");
    out.line("d.id = {};", quoted(entry.id));
    out.line("d.name = {};", quoted(entry.name));
    out.line("d.severity = {};", severityOf(entry));
    out.line("d.at = at;");
    out.line("d.text = {};", expression(entry.text));
    if (!entry.label.empty()) out.line("d.label = {};", expression(entry.label));
    for (const LabelDef& label : entry.labels) {
      out.line("if ({0}At.valid()) d.labels.push_back({{{0}At, {1}}});", label.name,
               expression(label.text));
    }
    if (!entry.note.empty()) out.line("d.note = {};", expression(entry.note));
    if (!entry.help.empty()) out.line("d.help = {};", expression(entry.help));
    if (entry.hasFix) out.line("d.fix = std::move(fix);");
    out.line("return d;");
  }
  out.raw("}");
  out.line();
}

void writeTable(Writer& out, const std::vector<EntryDef>& entries) {
  out.raw("namespace {");
  for (const EntryDef& entry : entries) {
    if (entry.was.empty()) continue;
    std::vector<std::string> ids;
    for (const std::string& id : entry.was) ids.push_back(quoted(id));
    out.line("constexpr std::string_view kWas{}[] = {{{}}};", entry.structName,
             fmt::join(ids, ", "));
  }
  out.raw("const Entry kEntries[] = {");
  {
    auto inside = out.indent();
    for (const EntryDef& entry : entries) {
      out.line("{{{}, {}, {}, Stage::{}, {},", quoted(entry.id), quoted(entry.name),
               severityOf(entry), pascalCase(entry.stage), quoted(entry.rawText));
      out.line(" {},", quoted(entry.explain));
      out.line(" {},", quoted(entry.bad));
      out.line(" {}, {}}},", quoted(entry.good),
               entry.was.empty() ? "{}" : "kWas" + entry.structName);
    }
  }
  out.raw("};");
  out.raw("}  // namespace");
  out.line();
  out.raw("std::span<const Entry> entries() { return kEntries; }");
}

std::string stageHeader(const std::vector<EntryDef>& entries, const std::string& stage) {
  Writer out;
  out.line("// Generated from compiler/diag/catalog/{}.toml.", stage);
  out.raw("#pragma once");
  out.line();
  for (auto header : {"optional", "string"}) out.line("#include <{}>", header);
  out.line();
  out.raw("#include \"compiler/diag/diagnostic.h\"");
  out.line();
  out.raw("namespace wfc::diag {");
  out.line();
  for (const EntryDef& entry : entries) {
    if (entry.stage == stage) writeStruct(out, entry);
  }
  out.raw("}  // namespace wfc::diag");
  return out.take();
}

std::string catalogHeader(const std::vector<std::string>& stages) {
  Writer out;
  out.raw("// Generated: the structs of all stages.");
  out.raw("#pragma once");
  out.line();
  for (const std::string& stage : stages) {
    out.line("#include \"compiler/diag/catalog/{}.h\"", stage);
  }
  out.raw("#include \"compiler/diag/entry.h\"");
  return out.take();
}

std::string catalogSource(const std::vector<EntryDef>& entries) {
  Writer out;
  out.raw("// Generated: how each entry renders, and the table of all.");
  out.raw("#include \"compiler/diag/catalog.h\"");
  out.line();
  for (auto header : {"initializer_list", "string_view", "utility"}) {
    out.line("#include <{}>", header);
  }
  out.line();
  out.raw("namespace wfc::diag {");
  out.line();
  out.raw("namespace {");
  out.raw("[[maybe_unused]] std::string joined(std::initializer_list<std::string_view> pieces) {");
  out.raw("  std::string result;");
  out.raw("  for (std::string_view piece : pieces) result += piece;");
  out.raw("  return result;");
  out.raw("}");
  out.raw("}  // namespace");
  out.line();
  for (const EntryDef& entry : entries) writeBuild(out, entry);
  writeTable(out, entries);
  out.line();
  out.raw("}  // namespace wfc::diag");
  return out.take();
}

}  // namespace

std::vector<Output> writeCpp(const std::vector<EntryDef>& entries,
                             const std::vector<std::string>& stages) {
  std::vector<Output> outputs;
  for (const std::string& stage : stages) {
    outputs.push_back({"catalog/" + stage + ".h", stageHeader(entries, stage)});
  }
  outputs.push_back({"catalog.h", catalogHeader(stages)});
  outputs.push_back({"catalog.cpp", catalogSource(entries)});
  return outputs;
}

}  // namespace wfc::diag::gen
