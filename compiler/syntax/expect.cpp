// See expect.h. Only the declaration around the place is read, so that mistakes before it do not
// matter.
#include "compiler/syntax/expect.h"

#include <map>

#include "compiler/syntax/fixup.h"
#include "compiler/syntax/grammar.h"
#include "compiler/syntax/lexer.h"

namespace wfc::syntax {

namespace {

bool isDeclWord(Tok kind) {
  switch (kind) {
    case Tok::KwImport:
    case Tok::KwKind:
    case Tok::KwProgram:
    case Tok::KwEnum:
    case Tok::KwRecord:
    case Tok::KwTask:
    case Tok::KwFlow:
    case Tok::KwSecret:
    case Tok::KwExport:
      return true;
    default:
      return false;
  }
}

/// The last token that begins a declaration at the beginning of a line.
uint32_t lastDecl(const std::vector<Token>& tokens, std::string_view text) {
  for (size_t n = tokens.size(); n-- > 0;) {
    uint32_t at = tokens[n].begin;
    bool isFirst = at == 0 || (at <= text.size() && text[at - 1] == '\n');
    if (isFirst && isDeclWord(tokens[n].kind)) return static_cast<uint32_t>(n);
  }
  return 0;
}

/// Reads tokens item by item, as the parser does, and tries what could come behind them.
class Prober {
 public:
  Prober(std::vector<Token> tokens, uint32_t first)
      : tokens_(std::move(tokens)), grammar_(tokens_) {
    bool isExport = kind(first) == Tok::KwExport;
    last_ = {first, kind(first + isExport) == Tok::KwFlow ? Rule::FlowOpen : Rule::Decl};
    read(last_);
  }

  bool takesName() { return nameRole(Tok::End).length > 0; }

  /// True if a word may stand behind the tokens, and says there what no name would say. Where any
  /// name may stand, a soft word is one of them, and nothing to propose.
  bool isWord(Tok word) {
    for (Tok next : {Tok::End, Tok::Id, Tok::String, Tok::KwAfter, Tok::LBrace}) {
      bool isNeeded = next == Tok::End || next == Tok::Id ||
                      (next == Tok::LBrace ? word == Tok::KwElse : isSoft(word));
      if (!isNeeded) continue;
      Role role = roleOf(word, next);
      // One that wants a colon can only be the name of an argument.
      bool isArgument = next == Tok::End && role.expected == std::vector<Tok>{Tok::Colon};
      if (isArgument) return false;
      if (role.length > 0 && (isReserved(word) || role != nameRole(next))) return true;
    }
    return false;
  }

 private:
  struct Item {
    uint32_t at;
    Rule rule;
  };
  /// How far a reading gets beyond the tokens, and what it would go on with.
  struct Role {
    uint32_t length = 0;
    std::vector<Tok> expected;
    bool operator==(const Role&) const = default;
  };

  Role roleOf(Tok word, Tok next) {
    Reading reading = with(word, next);
    auto end = static_cast<uint32_t>(tokens_.size() - 1);
    if (reading.at <= end) return {};
    return {reading.at - end, std::move(reading.expected)};
  }

  /// What a name would be there.
  const Role& nameRole(Tok next) {
    auto known = names_.find(next);
    if (known == names_.end()) known = names_.emplace(next, roleOf(Tok::Id, next)).first;
    return known->second;
  }

  Reading with(Tok kind, Tok next) {
    size_t size = tokens_.size();
    Token end = tokens_.back();
    tokens_.back().kind = kind;
    if (next != Tok::End) tokens_.push_back({.kind = next, .begin = end.begin, .end = end.end});
    tokens_.push_back(end);
    Item from = last_;
    Reading reading = read(from);
    tokens_.resize(size);
    tokens_.back() = end;
    return reading;
  }

  Tok kind(uint32_t at) const { return at < tokens_.size() ? tokens_[at].kind : Tok::End; }

  /// From an item on, to the end or to what cannot be read; `from` is then the last item that may
  /// go on: not a declaration that a brace has closed.
  Reading read(Item& from) {
    Item item = from;
    for (;;) {
      from = item;
      Reading reading = grammar_.read(item.rule, item.at, nodes_);
      if (!reading.ok || reading.at <= item.at) return reading;
      bool isInFlow = item.rule != Rule::Decl;
      bool isClosed = isInFlow && kind(reading.at) == Tok::RBrace;
      bool isWhole = isClosed || (!isInFlow && kind(reading.at - 1) == Tok::RBrace);
      item = {reading.at + isClosed, isInFlow && !isClosed ? Rule::Stmt : Rule::Decl};
      if (kind(item.at) != Tok::End) continue;
      if (isWhole) from = item;
      return reading;
    }
  }

  std::vector<Token> tokens_;
  Grammar grammar_;
  std::vector<Node> nodes_;
  Item last_{};
  std::map<Tok, Role> names_;
};

}  // namespace

Words wordsAt(std::string_view text, uint32_t offset, std::string_view beginning) {
  text = text.substr(0, offset);
  diag::Emitter ignored;
  std::vector<Token> tokens = fixTokens(lex(text).all, text, 1, ignored).tokens;
  uint32_t first = lastDecl(tokens, text);
  Prober prober(std::move(tokens), first);
  Words found;
  found.isStatement = prober.isWord(Tok::KwPublish);
  found.isValue = prober.isWord(Tok::KwNot) && prober.takesName();
  for (auto n = static_cast<uint8_t>(Tok::KwIf); n < static_cast<uint8_t>(Tok::Id); ++n)
    if (std::string_view word = wordOf(static_cast<Tok>(n)); word.starts_with(beginning))
      if (prober.isWord(static_cast<Tok>(n))) found.words.push_back(word);
  return found;
}

}  // namespace wfc::syntax
