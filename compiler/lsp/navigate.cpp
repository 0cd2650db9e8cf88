// From a name to its declaration, to all its uses, and to another name.
#include <algorithm>

#include "fmt/format.h"

#include "compiler/lsp/meaning.h"
#include "compiler/syntax/lexer.h"

namespace wfc::lsp {

namespace {

/// The names of one snapshot that stand for what is declared there, in order; the declaration
/// itself is one of them.
std::vector<source::Range> usesIn(const Snapshot& snapshot, const Spot& declared) {
  std::vector<source::Range> uses;
  if (snapshot.path == declared.path) uses.push_back({snapshot.file, declared.begin, declared.end});
  for (const Fact& fact : snapshot.index().all()) {
    source::Range to = fact.declaredAt;
    bool isUse = to.valid() && to.begin == declared.begin && to.end == declared.end &&
                 snapshot.sources.path(to.file) == declared.path;
    if (isUse) uses.push_back(fact.at);
  }
  std::sort(uses.begin(), uses.end());
  uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
  return uses;
}

/// The files that may name it: those with one of its spellings in their text.
std::vector<std::shared_ptr<const Snapshot>> readersOf(Session& session, const Meaning& meaning) {
  std::string name(meaning.from->sources.text(meaning.at));
  std::string other = meaning.symbol ? meaning.symbol->name.str() : name;
  std::vector<std::shared_ptr<const Snapshot>> found;
  std::vector<std::string> paths = session.workspace.allPaths();
  if (std::find(paths.begin(), paths.end(), meaning.from->path) == paths.end())
    paths.push_back(meaning.from->path);
  for (const std::string& path : paths) {
    std::optional<std::string> text = session.workspace.textOf(path);
    bool mayName = text && (StringRef(*text).contains(name) || StringRef(*text).contains(other));
    if (!mayName) continue;
    if (auto snapshot = session.workspace.at(path)) found.push_back(std::move(snapshot));
  }
  return found;
}

/// The name under the pointer; where it is two things, the value that is given.
std::optional<Meaning> chosenAt(Session& session, const Asked& asked) {
  std::vector<Meaning> all = meaningsAt(session, asked);
  std::erase_if(all, [](const Meaning& meaning) { return meaning.declared.path.empty(); });
  if (all.empty()) return std::nullopt;
  auto isValue = [](const Meaning& meaning) {
    bool isParameter = meaning.symbol &&
                       (meaning.symbol->kind == Kind::Param || meaning.symbol->kind == Kind::Flag ||
                        meaning.symbol->kind == Kind::Field);
    return !isParameter;
  };
  auto it = std::find_if(all.begin(), all.end(), isValue);
  return it == all.end() ? all.front() : *it;
}

/// Why a name cannot be another; empty if it can.
std::string whyFixed(const Meaning& meaning) {
  if (StringRef(meaning.declared.path).starts_with("<"))
    return "the standard library is not yours to change";
  if (!meaning.symbol) return {};
  if (meaning.symbol->kind == Kind::Module) return "a module has the name of its file";
  if (meaning.symbol->kind == Kind::Flag) return "a flag has the name that its program knows";
  return {};
}

std::string whyNoName(const Meaning& meaning, StringRef name) {
  syntax::Tokens tokens = syntax::lex(std::string_view(name));
  bool isName = tokens.comments.empty() && !tokens.all.empty() &&
                syntax::isName(tokens.all.front().kind) && tokens.all.front().begin == 0 &&
                tokens.all.front().end == name.size();
  if (!isName) return fmt::format("`{}` cannot be a name", clean(name));
  if (!meaning.snapshot || !meaning.symbol) return {};
  for (const Symbol& other : meaning.snapshot->outline())
    if (other.name == name && other.parent == meaning.symbol->parent)
      return fmt::format("there is a `{}` already", name.str());
  return {};
}

/// What takes the place of one use.
std::string written(Session& session, const std::shared_ptr<const Snapshot>& snapshot,
                    source::Range use, const Spot& declared, StringRef name) {
  llvm::ArrayRef<Fact> facts = snapshot->index().at(use.begin);
  if (facts.size() < 2 || facts.front().at != use) return name.str();
  // `f(a: 1, x)` gives `x` to the parameter `x`: the two part now.
  std::string old(snapshot->sources.text(use));
  for (const Fact& fact : facts) {
    Meaning meaning = meaningOf(session, snapshot, fact);
    bool isParameter = meaning.symbol &&
                       (meaning.symbol->kind == Kind::Param || meaning.symbol->kind == Kind::Flag ||
                        meaning.symbol->kind == Kind::Field);
    if (!isParameter) continue;
    bool isRenamed = meaning.declared == declared;
    return isRenamed ? fmt::format("{}: {}", name.str(), old)
                     : fmt::format("{}: {}", old, name.str());
  }
  return name.str();
}

}  // namespace

Reply definition(Session& session, In params) {
  Asked asked = askedIn(session, params);
  if (!asked) return nullptr;
  json::Array found;
  for (const Meaning& meaning : meaningsAt(session, asked)) {
    if (meaning.declared.path.empty()) continue;
    json::Value location = session.locationOf(meaning.declared);
    if (location.getAsObject()) found.push_back(std::move(location));
  }
  return found;
}

Reply references(Session& session, In params) {
  Asked asked = askedIn(session, params);
  std::optional<Meaning> meaning = asked ? chosenAt(session, asked) : std::nullopt;
  if (!meaning) return nullptr;
  bool wantsDeclaration = params["context"]["includeDeclaration"].isTrue();
  json::Array found;
  for (const auto& snapshot : readersOf(session, *meaning))
    for (source::Range use : usesIn(*snapshot, meaning->declared)) {
      Spot spot{snapshot->path, use.begin, use.end};
      if (!wantsDeclaration && spot == meaning->declared) continue;
      json::Value location = session.locationOf(spot);
      if (location.getAsObject()) found.push_back(std::move(location));
    }
  session.workspace.forgetClosed();
  return found;
}

Reply documentHighlight(Session& session, In params) {
  Asked asked = askedIn(session, params);
  std::optional<Meaning> meaning = asked ? chosenAt(session, asked) : std::nullopt;
  if (!meaning) return nullptr;
  json::Array found;
  for (source::Range use : usesIn(*asked.snapshot, meaning->declared))
    found.push_back(json::Object{{"range", session.rangeOf(*asked.snapshot, use)}});
  return found;
}

Reply prepareRename(Session& session, In params) {
  Asked asked = askedIn(session, params);
  std::optional<Meaning> meaning = asked ? chosenAt(session, asked) : std::nullopt;
  if (!meaning) return nullptr;
  if (std::string why = whyFixed(*meaning); !why.empty()) return Refusal{kRequestFailed, why};
  return json::Object{{"range", session.rangeOf(*asked.snapshot, meaning->at)},
                      {"placeholder", clean(StringRef(asked.snapshot->sources.text(meaning->at)))}};
}

Reply rename(Session& session, In params) {
  Asked asked = askedIn(session, params);
  std::optional<Meaning> meaning = asked ? chosenAt(session, asked) : std::nullopt;
  if (!meaning) return Refusal{kRequestFailed, "there is no name here"};
  StringRef name = params["newName"].text();
  std::string why = whyFixed(*meaning);
  if (why.empty()) why = whyNoName(*meaning, name);
  if (!why.empty()) return Refusal{kRequestFailed, why};
  json::Object changes;
  for (const auto& snapshot : readersOf(session, *meaning)) {
    json::Array edits;
    for (source::Range use : usesIn(*snapshot, meaning->declared))
      edits.push_back(
          json::Object{{"range", session.rangeOf(*snapshot, use)},
                       {"newText", written(session, snapshot, use, meaning->declared, name)}});
    if (edits.empty()) continue;
    Document* open = session.workspace.find(snapshot->path);
    changes[open ? open->uri : uriOf(snapshot->path)] = std::move(edits);
  }
  session.workspace.forgetClosed();
  return json::Object{{"changes", std::move(changes)}};
}

}  // namespace wfc::lsp
