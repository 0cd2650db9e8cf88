// See expect.h. Only the declaration around the place is read, so that mistakes before it do not
// matter.
#include "compiler/syntax/expect.h"

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

  /// What the grammar says to the tokens with this one behind them, and with one more: how far it
  /// gets and what it would go on with. Empty if the token cannot stand there.
  std::vector<std::vector<Tok>> with(Tok kind) {
    std::vector<std::vector<Tok>> role;
    bool mayStand = false;
    for (Tok next : {Tok::End, Tok::Id, Tok::Int, Tok::String, Tok::LBrace, Tok::KwAfter}) {
      // Each failed read costs: a word that is never a name needs fewer of them.
      bool isNeeded = isName(kind) || next == Tok::Id || next == Tok::Int ||
                      (next == Tok::LBrace && kind == Tok::KwElse);
      if (!isNeeded && next != Tok::End) continue;
      Reading reading = with(kind, next);
      auto end = static_cast<uint32_t>(tokens_.size() - 1);
      bool isPast = reading.at > end;
      mayStand = mayStand || isPast;
      role.push_back(isPast ? std::move(reading.expected) : std::vector<Tok>());
      role.back().push_back(static_cast<Tok>(isPast ? reading.at - end : 0));
    }
    return mayStand ? role : std::vector<std::vector<Tok>>();
  }

 private:
  struct Item {
    uint32_t at;
    Rule rule;
  };

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

  /// From an item on, to the end or to what cannot be read; `from` is then the last item begun.
  Reading read(Item& from) {
    Item item = from;
    for (;;) {
      from = item;
      Reading reading = grammar_.read(item.rule, item.at, nodes_);
      if (!reading.ok || reading.at <= item.at || kind(reading.at) == Tok::End) return reading;
      bool isInFlow = item.rule != Rule::Decl;
      bool isClosed = isInFlow && kind(reading.at) == Tok::RBrace;
      item = {reading.at + isClosed, isInFlow && !isClosed ? Rule::Stmt : Rule::Decl};
      if (kind(item.at) == Tok::End) return reading;
    }
  }

  std::vector<Token> tokens_;
  Grammar grammar_;
  std::vector<Node> nodes_;
  Item last_{};
};

}  // namespace

std::vector<std::string_view> wordsAt(std::string_view text, uint32_t offset) {
  text = text.substr(0, offset);
  diag::Emitter ignored;
  std::vector<Token> tokens = fixTokens(lex(text).all, text, 1, ignored).tokens;
  uint32_t first = lastDecl(tokens, text);
  Prober prober(std::move(tokens), first);
  std::vector<std::vector<Tok>> asName = prober.with(Tok::Id);
  std::vector<std::string_view> words;
  for (auto n = static_cast<uint8_t>(Tok::KwIf); n < static_cast<uint8_t>(Tok::Id); ++n) {
    auto kind = static_cast<Tok>(n);
    std::vector<std::vector<Tok>> asWord = prober.with(kind);
    // Where any name may stand, a word that says no more is one of them, and nothing to propose;
    // and so is one that can only be the name of an argument.
    bool isArgument = !asWord.empty() && asWord[0].size() == 2 && asWord[0][0] == Tok::Colon;
    if (!asWord.empty() && asWord != asName && !isArgument) words.push_back(wordOf(kind));
  }
  return words;
}

}  // namespace wfc::syntax
