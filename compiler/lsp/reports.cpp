// Reports as diagnostics of the protocol, and their fixes as quick fixes.
#include "fmt/format.h"

#include "compiler/lsp/session.h"

namespace wfc::lsp {

namespace {

int severityOf(diag::Severity severity) {
  switch (severity) {
    case diag::Severity::Error:
      return 1;
    case diag::Severity::Warning:
      return 2;
    case diag::Severity::Note:
      return 3;
  }
  return 1;
}

/// Of a report in a file that this one imports: the import. The beginning, if nothing is nearer.
source::Range placeOf(const Snapshot& snapshot, source::Range at) {
  if (snapshot.isOwn(at)) return at;
  StringRef path = at.valid() ? StringRef(snapshot.sources.path(at.file)) : StringRef();
  for (const Symbol& symbol : snapshot.outline())
    if (symbol.kind == Kind::Module && path.ends_with(("/" + symbol.name + ".wf").str()))
      return symbol.nameAt;
  return {snapshot.file, 0, 0};
}

json::Array relatedOf(Session& session, const Snapshot& snapshot, const diag::Diagnostic& report) {
  json::Array related;
  auto add = [&](source::Range at, const std::string& text) {
    if (!at.valid()) return;
    json::Value location =
        session.locationOf({std::string(snapshot.sources.path(at.file)), at.begin, at.end});
    if (location.getAsObject())
      related.push_back(json::Object{{"location", std::move(location)}, {"message", clean(text)}});
  };
  if (!snapshot.isOwn(report.at)) add(report.at, report.text);
  for (const diag::Label& label : report.labels) add(label.range, label.text);
  return related;
}

json::Object diagnosticOf(Session& session, const Snapshot& snapshot,
                          const diag::Diagnostic& report) {
  std::string text = report.text;
  if (!report.label.empty() && report.label != report.text) text += "\n" + report.label;
  if (!report.note.empty()) text += "\n" + report.note;
  if (!report.help.empty()) text += "\nhelp: " + report.help;
  json::Object out{{"range", session.rangeOf(snapshot, placeOf(snapshot, report.at))},
                   {"severity", severityOf(report.severity)},
                   {"code", StringRef(report.id)},
                   {"source", "wfc"},
                   {"message", clean(text)}};
  if (report.name.starts_with("unused-")) out["tags"] = json::Array{1};
  json::Array related = relatedOf(session, snapshot, report);
  if (!related.empty()) out["relatedInformation"] = std::move(related);
  return out;
}

json::Object editOf(Session& session, const Snapshot& snapshot, source::Range at,
                    std::string text) {
  json::Array edits{
      json::Object{{"range", session.rangeOf(snapshot, at)}, {"newText", std::move(text)}}};
  Document* open = session.workspace.find(snapshot.path);
  json::Object changes;
  changes[open ? open->uri : uriOf(snapshot.path)] = std::move(edits);
  return json::Object{{"changes", std::move(changes)}};
}

/// A comment above the line that silences a warning there.
json::Object allowAction(Session& session, const Snapshot& snapshot,
                         const diag::Diagnostic& report) {
  uint32_t line = snapshot.text.lineOf(report.at.begin);
  uint32_t begin = snapshot.text.offsetOf({line, 0}, Unit::Utf8);
  StringRef text = snapshot.text.line(line);
  std::string indent = text.take_while([](char c) { return c == ' ' || c == '\t'; }).str();
  std::string comment = fmt::format("{}// wfc: allow({})\n", indent, report.name);
  return json::Object{
      {"title", fmt::format("Allow {} here", report.name)},
      {"kind", "quickfix"},
      {"diagnostics", json::Array{diagnosticOf(session, snapshot, report)}},
      {"edit", editOf(session, snapshot, {snapshot.file, begin, begin}, std::move(comment))}};
}

}  // namespace

json::Value reportsOf(Session& session, const Snapshot& snapshot) {
  json::Array all;
  constexpr size_t kMost = 500;
  for (const diag::Diagnostic& report : snapshot.reports)
    if (all.size() < kMost) all.push_back(diagnosticOf(session, snapshot, report));
  return all;
}

Reply codeAction(Session& session, In params) {
  std::shared_ptr<const Snapshot> snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  uint32_t begin = session.offsetOf(snapshot->text, params["range"]["start"]);
  uint32_t end = session.offsetOf(snapshot->text, params["range"]["end"]);
  json::Array actions;
  for (const diag::Diagnostic& report : snapshot->reports) {
    bool isTouched = snapshot->isOwn(report.at) && report.at.begin <= end && report.at.end >= begin;
    if (!isTouched) continue;
    if (report.fix && snapshot->isOwn(report.fix->range)) {
      std::string old(snapshot->sources.text(report.fix->range));
      std::string title = old.empty()                ? fmt::format("Insert `{}`", report.fix->text)
                          : report.fix->text.empty() ? fmt::format("Remove `{}`", old)
                                                     : fmt::format("Write `{}`", report.fix->text);
      actions.push_back(json::Object{
          {"title", clean(title)},
          {"kind", "quickfix"},
          {"isPreferred", true},
          {"diagnostics", json::Array{diagnosticOf(session, *snapshot, report)}},
          {"edit", editOf(session, *snapshot, report.fix->range, clean(report.fix->text))}});
    }
    if (report.severity != diag::Severity::Error)
      actions.push_back(allowAction(session, *snapshot, report));
  }
  return actions;
}

}  // namespace wfc::lsp
