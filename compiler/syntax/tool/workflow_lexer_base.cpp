// The counting of workflow_lexer_base.h. One entry of `open_` for each mode the lexer has pushed.
#include "compiler/syntax/tool/workflow_lexer_base.h"

#include "compiler/syntax/token.h"

namespace wfc::syntax::antlr {

namespace {
constexpr size_t formatMode = 3;
size_t typeOf(Tok kind) { return static_cast<size_t>(kind); }
}  // namespace

void WorkflowLexerBase::reset() {
  open_.clear();
  antlr4::Lexer::reset();
}

void WorkflowLexerBase::openString(bool isTriple) {
  open_.push_back({isTriple ? Kind::Triple : Kind::OneLine});
}
void WorkflowLexerBase::closeString() { open_.pop_back(); }
void WorkflowLexerBase::openHole() { open_.push_back({Kind::Hole}); }

void WorkflowLexerBase::openBracket() {
  if (inHole()) ++open_.back().brackets;
}
void WorkflowLexerBase::closeBracket() {
  if (inHole() && open_.back().brackets) --open_.back().brackets;
}

void WorkflowLexerBase::closeBrace() {
  if (!inHole()) return;
  setType(typeOf(Tok::HoleClose));
  leave();
}

void WorkflowLexerBase::colon() {
  if (!inHole() || open_.back().brackets) return;
  setType(typeOf(Tok::FormatOpen));
  setMode(formatMode);
}

void WorkflowLexerBase::leave() {
  open_.pop_back();
  popMode();
}

void WorkflowLexerBase::newline() {
  bool inOneLine = false;
  for (size_t i = open_.size(); i-- > 0 && !inOneLine;) {
    if (open_[i].kind == Kind::Triple) break;
    inOneLine = open_[i].kind == Kind::OneLine;
  }
  if (!inOneLine && mode != formatMode) return skip();
  setType(typeOf(Tok::Unterminated));
  if (!inOneLine) return leave();
  while (!open_.empty()) {
    if (inHole() && open_[open_.size() - 2].kind == Kind::Triple) break;
    leave();
  }
}

}  // namespace wfc::syntax::antlr
