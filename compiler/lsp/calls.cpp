// Signature help, and what is known of a call that is being written.
#include "compiler/lsp/calls.h"

#include "compiler/ir/eval.h"
#include "compiler/syntax/lexer.h"

namespace wfc::lsp {

using syntax::Tok;

namespace {

struct Open {
  Tok kind;
  size_t token;  ///< the bracket
};

/// The bracket that is open at the offset, innermost first; a `(` behind a name only.
std::optional<size_t> openCall(const std::vector<syntax::Token>& tokens, uint32_t offset) {
  std::vector<Open> open;
  for (size_t n = 0; n < tokens.size() && tokens[n].end <= offset; ++n) {
    switch (tokens[n].kind) {
      case Tok::LParen:
      case Tok::LBrack:
      case Tok::LBrace:
      case Tok::HoleOpen:
      case Tok::RawOpen:
        open.push_back({tokens[n].kind, n});
        break;
      case Tok::RParen:
      case Tok::RBrack:
      case Tok::RBrace:
      case Tok::HoleClose:
        if (!open.empty()) open.pop_back();
        break;
      default:
        break;
    }
  }
  while (!open.empty() && open.back().kind == Tok::LBrack) open.pop_back();
  if (open.empty() || open.back().kind != Tok::LParen || open.back().token == 0)
    return std::nullopt;
  size_t at = open.back().token;
  return syntax::isName(tokens[at - 1].kind) ? std::optional(at) : std::nullopt;
}

json::Object signatureOf(Session& session, const std::string& label, const std::string& doc,
                         const std::vector<std::pair<uint32_t, uint32_t>>& parts,
                         llvm::ArrayRef<std::string> docs) {
  json::Array parameters;
  Text text(label);
  for (size_t n = 0; n < parts.size(); ++n) {
    json::Object parameter{
        {"label",
         json::Array{int64_t(text.positionOf(parts[n].first, session.client.unit).character),
                     int64_t(text.positionOf(parts[n].second, session.client.unit).character)}}};
    if (n < docs.size() && !docs[n].empty()) parameter["documentation"] = clean(docs[n]);
    parameters.push_back(std::move(parameter));
  }
  json::Object signature{{"label", clean(label)}, {"parameters", std::move(parameters)}};
  if (!doc.empty()) signature["documentation"] = session.markup(doc);
  return signature;
}

/// Of a task, flow or record; its own words on one line.
json::Object ownSignature(Session& session, const Meaning& callee,
                          const std::vector<Parameter>& parameters) {
  std::string label = callee.symbol->name.str() + "(";
  std::vector<std::pair<uint32_t, uint32_t>> parts;
  std::vector<std::string> docs;
  for (const Parameter& parameter : parameters) {
    if (!parts.empty()) label += ", ";
    auto begin = static_cast<uint32_t>(label.size());
    for (char c : parameter.text) label += c == '\n' ? ' ' : c;
    parts.emplace_back(begin, static_cast<uint32_t>(label.size()));
    docs.push_back(parameter.doc);
  }
  return signatureOf(session, label + ")", callee.symbol->doc.str(), parts, docs);
}

/// Of a function of the language.
json::Object wordSignature(Session& session, const ir::Builtin& builtin) {
  std::vector<std::pair<uint32_t, uint32_t>> parts;
  StringRef text = builtin.signature;
  auto begin = static_cast<uint32_t>(text.find('(') + 1);
  uint32_t end = static_cast<uint32_t>(text.rfind(')'));
  int depth = 0;
  for (uint32_t at = begin, from = begin; at <= end && begin < end; ++at) {
    if (text[at] == '[') ++depth;
    if (text[at] == ']') --depth;
    if (at != end && (text[at] != ',' || depth)) continue;
    parts.emplace_back(from, at);
    from = at + 2;
  }
  return signatureOf(session, text.str(), builtin.doc.str(), parts, {});
}

}  // namespace

std::optional<CallAt> callAt(StringRef text, const std::vector<syntax::Token>& tokens,
                             uint32_t offset) {
  std::optional<size_t> open = openCall(tokens, offset);
  if (!open) return std::nullopt;
  CallAt call;
  call.begin = tokens[*open - 1].begin;
  call.callee = text.slice(call.begin, tokens[*open - 1].end);
  int depth = 0;
  for (size_t n = *open + 1; n < tokens.size() && depth >= 0; ++n) {
    Tok kind = tokens[n].kind;
    bool isOpening = kind == Tok::LParen || kind == Tok::LBrack || kind == Tok::HoleOpen;
    bool isClosing = kind == Tok::RParen || kind == Tok::RBrack || kind == Tok::HoleClose;
    // A call without an end goes no farther than its statement.
    if (kind == Tok::LBrace || kind == Tok::RBrace || kind == Tok::Equal) break;
    depth += isOpening ? 1 : isClosing ? -1 : 0;
    if (depth != 0) continue;
    bool isBefore = tokens[n].end <= offset;
    if (kind == Tok::Comma && isBefore) ++call.position, call.named = {};
    bool isNamed = syntax::isName(kind) && n + 1 < tokens.size() &&
                   tokens[n + 1].kind == Tok::Colon && tokens[n + 1].begin >= tokens[n].end;
    if (!isNamed) continue;
    StringRef name = text.slice(tokens[n].begin, tokens[n].end);
    call.given.push_back(name);
    if (tokens[n].begin <= offset) call.named = name;
  }
  return call;
}

std::optional<Meaning> calleeOf(Session& session, const std::shared_ptr<const Snapshot>& snapshot,
                                const CallAt& call) {
  StringRef name = call.callee;
  std::optional<Meaning> found;
  for (Meaning& meaning : meaningsAt(session, {snapshot, call.begin}))
    if (meaning.symbol && meaning.symbol->name == name) found = std::move(meaning);
  if (found) return found;
  for (const Symbol& symbol : snapshot->outline()) {
    bool isCallable =
        symbol.kind == Kind::Task || symbol.kind == Kind::Flow || symbol.kind == Kind::Record;
    if (!isCallable || symbol.name != name) continue;
    Meaning meaning;
    meaning.from = meaning.snapshot = snapshot;
    meaning.symbol = &symbol;
    return meaning;
  }
  return std::nullopt;
}

Reply signatureHelp(Session& session, In params) {
  Asked asked = askedIn(session, params);
  std::optional<CallAt> call;
  if (asked) {
    const std::string& text = asked.snapshot->text.bytes();
    call = callAt(text, syntax::lex(text).all, asked.offset);
  }
  if (!call) return nullptr;
  json::Array signatures;
  size_t active = call->position;
  if (std::optional<Meaning> callee = calleeOf(session, asked.snapshot, *call)) {
    std::vector<Parameter> parameters = parametersOf(session, *callee);
    for (size_t n = 0; n < parameters.size(); ++n)
      if (parameters[n].name == call->named) active = n;
    signatures.push_back(ownSignature(session, *callee, parameters));
  } else {
    StringRef name = call->callee;
    for (const ir::Builtin& builtin : ir::builtins())
      if (builtin.name == name) signatures.push_back(wordSignature(session, builtin));
  }
  if (signatures.empty()) return nullptr;
  return json::Object{{"signatures", std::move(signatures)},
                      {"activeSignature", 0},
                      {"activeParameter", int64_t(active)}};
}

}  // namespace wfc::lsp
