// What an editor writes into the text that nobody wrote there: sizes of families, what can be done
// with a flow, and its picture.
#include "fmt/format.h"

#include "compiler/lsp/meaning.h"

namespace wfc::lsp {

namespace {

/// `72 instances · 104 node-hours`; empty for what runs once and says no time.
std::string hintOf(const Bound& bound) {
  std::string size = sizeText(bound), hours = hoursText(bound);
  size = StringRef(size).split(", for each").first.str();
  if (!size.empty() && !hours.empty()) return size + " · " + hours;
  return size.empty() ? hours : size;
}

json::Object lensOf(const json::Value& range, std::string title, std::string command,
                    json::Array arguments) {
  return json::Object{{"range", range},
                      {"command", json::Object{{"title", std::move(title)},
                                               {"command", std::move(command)},
                                               {"arguments", std::move(arguments)}}}};
}

}  // namespace

Reply inlayHint(Session& session, In params) {
  auto snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  uint32_t begin = session.offsetOf(snapshot->text, params["range"]["start"]);
  uint32_t end = session.offsetOf(snapshot->text, params["range"]["end"]);
  json::Array hints;
  for (const Symbol& symbol : snapshot->outline()) {
    bool isWanted =
        symbol.kind == Kind::Family && symbol.nameAt.end >= begin && symbol.nameAt.begin <= end;
    Bound bound = isWanted ? familyAt(*snapshot, symbol.nameAt) : Bound{};
    std::string text = bound ? hintOf(bound) : "";
    if (text.empty()) continue;
    hints.push_back(
        json::Object{{"position", session.positionOf(snapshot->text, symbol.nameAt.end)},
                     {"label", clean(text)},
                     {"paddingLeft", true}});
  }
  return hints;
}

Reply codeLens(Session& session, In params) {
  auto snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  Document* open = session.workspace.find(snapshot->path);
  std::string uri = open ? open->uri : uriOf(snapshot->path);
  std::string last = session.services.lastRun ? session.services.lastRun(snapshot->path) : "";
  json::Array lenses;
  for (const Symbol& symbol : snapshot->outline()) {
    if (symbol.kind != Kind::Flow) continue;
    json::Value range = session.rangeOf(*snapshot, symbol.nameAt);
    for (const std::string& action : session.services.actions)
      lenses.push_back(
          lensOf(range, action, "wfc." + action, json::Array{uri, clean(symbol.name)}));
    if (!last.empty())
      lenses.push_back(lensOf(range, "last run: " + clean(last), "wfc.status", json::Array{uri}));
    last.clear();
  }
  return lenses;
}

Reply graph(Session& session, In params) {
  auto snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return Refusal{kInvalidParams, "there is no such file"};
  for (const diag::Diagnostic& report : snapshot->reports)
    if (report.severity == diag::Severity::Error)
      return Refusal{kRequestFailed, "the flow has mistakes: " + clean(report.text)};
  if (snapshot->modules.empty() || snapshot->modules[0].flow.empty())
    return Refusal{kRequestFailed, "there is no flow in this file"};
  json::Array families;
  for (const Fact& fact : snapshot->index().all()) {
    Bound bound = fact.family.valid() && fact.flow == 0 ? familyAt(*snapshot, fact.at) : Bound{};
    if (bound)
      families.push_back(json::Object{{"name", clean(bound.family->name)},
                                      {"range", session.rangeOf(*snapshot, fact.at)}});
  }
  return json::Object{{"svg", clean(session.services.picture(snapshot->modules[0]))},
                      {"families", std::move(families)}};
}

}  // namespace wfc::lsp
