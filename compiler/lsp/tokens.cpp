// Names by what they stand for. Words, literals and comments are the grammar's of the editor.
#include <algorithm>
#include <map>

#include "compiler/lsp/kinds.h"
#include "compiler/lsp/session.h"

namespace wfc::lsp {

namespace {

/// In the order of their bits.
constexpr const char* kModifiers[] = {"declaration", "readonly", "defaultLibrary"};
enum : uint32_t { Declaration = 1, ReadOnly = 2, DefaultLibrary = 4 };

std::vector<StringRef> tokenNames() {
  std::vector<StringRef> names;
  for (const KindRow& row : kKinds)
    if (std::find(names.begin(), names.end(), row.token) == names.end()) names.push_back(row.token);
  return names;
}

struct Token {
  source::Range at;
  Kind kind = Kind::Value;
  uint32_t modifiers = 0;
};

uint32_t modifiersOf(Kind kind, bool isOurs) {
  bool isFixed = kind == Kind::Value || kind == Kind::LoopVariable || kind == Kind::Enumerator;
  return (isFixed ? ReadOnly : 0u) | (isOurs ? DefaultLibrary : 0u);
}

std::vector<Token> tokensOf(Session& session, const std::shared_ptr<const Snapshot>& snapshot) {
  std::vector<Token> tokens;
  std::map<source::FileId, std::shared_ptr<const Snapshot>> modules;
  for (const Symbol& symbol : snapshot->outline())
    tokens.push_back({symbol.nameAt, symbol.kind, Declaration | modifiersOf(symbol.kind, false)});
  for (const Fact& fact : snapshot->index().all()) {
    if (!fact.declaredAt.valid()) continue;
    bool isOwn = snapshot->isOwn(fact.declaredAt);
    const Symbol* symbol = snapshot->declaredAt(fact.declaredAt);
    std::string_view path = snapshot->sources.path(fact.declaredAt.file);
    if (!isOwn) {
      // Read once for all that is named of it.
      auto [module, isNew] = modules.try_emplace(fact.declaredAt.file);
      if (isNew) module->second = session.workspace.at(std::string(path));
      source::Range there = fact.declaredAt;
      if (module->second) {
        there.file = module->second->file;
        symbol = module->second->declaredAt(there);
      }
    }
    bool isModule = !isOwn && fact.declaredAt.end == 0;
    bool isOurs = !isOwn && StringRef(path).starts_with("<");
    // What the outline lacks is bound inside of an expression: `x in a if …`.
    Kind kind = symbol ? symbol->kind : isModule ? Kind::Module : Kind::LoopVariable;
    tokens.push_back({fact.at, kind, modifiersOf(kind, isOurs)});
  }
  std::stable_sort(tokens.begin(), tokens.end(), [](const Token& a, const Token& b) {
    return a.at.begin != b.at.begin ? a.at.begin < b.at.begin : a.at.end > b.at.end;
  });
  return tokens;
}

json::Value encoded(Session& session, const std::shared_ptr<const Snapshot>& snapshot,
                    uint32_t begin, uint32_t end) {
  std::vector<StringRef> names = tokenNames();
  uint32_t numbers[std::size(kKinds)];
  for (size_t kind = 0; kind < std::size(kKinds); ++kind)
    numbers[kind] = static_cast<uint32_t>(
        std::find(names.begin(), names.end(), kKinds[kind].token) - names.begin());
  json::Array data;
  const Text& text = snapshot->text;
  Unit unit = session.client.unit;
  Position last;
  uint32_t done = 0;
  for (const Token& token : tokensOf(session, snapshot)) {
    bool isWanted = token.at.begin >= begin && token.at.end <= end && token.at.begin >= done;
    if (!isWanted || token.at.empty()) continue;
    done = token.at.end;
    Position from = text.positionOf(token.at.begin, unit), to = text.positionOf(token.at.end, unit);
    if (to.line != from.line) continue;
    uint32_t lines = from.line - last.line;
    for (uint32_t number :
         {lines, lines ? from.character : from.character - last.character,
          to.character - from.character, numbers[static_cast<size_t>(token.kind)], token.modifiers})
      data.push_back(int64_t(number));
    last = from;
  }
  return json::Object{{"data", std::move(data)}};
}

}  // namespace

json::Value tokenLegend() {
  json::Array types, modifiers;
  for (StringRef name : tokenNames()) types.push_back(name);
  for (const char* name : kModifiers) modifiers.push_back(name);
  return json::Object{{"tokenTypes", std::move(types)}, {"tokenModifiers", std::move(modifiers)}};
}

Reply semanticTokens(Session& session, In params) {
  auto snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  return encoded(session, snapshot, 0, UINT32_MAX);
}

Reply semanticTokensRange(Session& session, In params) {
  auto snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  return encoded(session, snapshot, session.offsetOf(snapshot->text, params["range"]["start"]),
                 session.offsetOf(snapshot->text, params["range"]["end"]));
}

}  // namespace wfc::lsp
