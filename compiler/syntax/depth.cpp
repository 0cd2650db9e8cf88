// How deep a text may go, decided before anything recursive sees it.
//
// Two things make a deep tree: brackets in brackets, and long chains on one level (`1 + 1 + …`,
// `a.b.c…`, `not not …`, `else if …`). Both are counted over the tokens; where one exceeds its
// limit, the outermost bracket or statement that holds it becomes a hole, and reading ends there.
#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/fixup.h"

namespace wfc::syntax {
namespace {

constexpr size_t maxBrackets = 400;
constexpr size_t maxChain = 2000;

bool endsOperand(Tok kind) {
  switch (kind) {
    case Tok::RParen:
    case Tok::RBrack:
    case Tok::StringClose:
    case Tok::TripleClose:
    case Tok::String:
    case Tok::Int:
    case Tok::Float:
    case Tok::Quantity:
    case Tok::Date:
    case Tok::Instant:
      return true;
    default:
      return isName(kind) || kind == Tok::KwTrue || kind == Tok::KwFalse || kind == Tok::KwNone;
  }
}

bool beginsOperand(Tok kind) {
  return kind != Tok::RParen && kind != Tok::RBrack && kind != Tok::StringClose &&
         kind != Tok::TripleClose && endsOperand(kind);
}

/// Parts a list or ends a statement, so that a chain begins anew.
bool isBorder(Tok kind, Tok before, Tok after) {
  switch (kind) {
    case Tok::Comma:
    case Tok::Equal:
    case Tok::Colon:
    case Tok::KwPublish:
    case Tok::KwFor:
    case Tok::LBrace:
      return true;
    case Tok::RBrace:
      return after != Tok::KwElse;
    default:
      return beginsOperand(kind) && endsOperand(before);
  }
}

bool isLink(Tok kind) {
  return (kind >= Tok::EqEq && kind <= Tok::Percent) || kind == Tok::Dot || kind == Tok::DotDot ||
         kind == Tok::Question || kind == Tok::Ellipsis || kind == Tok::LParen ||
         kind == Tok::LBrack || isReserved(kind);
}

}  // namespace

bool cutDepth(std::vector<Token>& tokens, source::FileId file, diag::Emitter& emitter) {
  /// Links since the last border, one count for every open bracket.
  std::vector<uint32_t> chains = {0};
  size_t links = 0;
  /// `else if` after `else if`, likewise; a statement in between is no border for them.
  std::vector<uint32_t> elses = {0};
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    Tok kind = tokens[i].kind;
    Tok before = i ? tokens[i - 1].kind : Tok::End;
    if (isBorder(kind, before, tokens[i + 1].kind)) {
      links -= chains.back();
      chains.back() = 0;
    }
    if (isLink(kind)) {
      ++chains.back();
      ++links;
    }
    Tok after = tokens[i + 1].kind;
    if (kind == Tok::KwElse && after == Tok::KwIf) {
      ++elses.back();
      ++links;
    }
    if (isOpening(kind)) {
      chains.push_back(0);
      elses.push_back(0);
    }
    if (isClosing(kind) && chains.size() > 1) {
      links -= chains.back() + elses.back();
      chains.pop_back();
      elses.pop_back();
    }
    if (kind == Tok::RBrace && after != Tok::KwElse) {
      links -= elses.back();
      elses.back() = 0;
    }
    if (chains.size() <= maxBrackets && links <= maxChain) continue;
    source::Range at = {file, tokens[i].begin, tokens[i].end};
    emitter.report(at, diag::TooDeep{.limit = std::to_string(
                                         chains.size() > maxBrackets ? maxBrackets : maxChain)});
    Token end = tokens.back();
    tokens.resize(i);
    tokens.push_back(end);
    return true;
  }
  return false;
}

}  // namespace wfc::syntax
