// How deep a text may go, decided before anything recursive sees it.
//
// Two things make a deep tree: brackets in brackets, and long chains on one level (`1 + 1 + …`,
// `a.b.c…`, `not not …`, `else if …`). Both are counted over the tokens; where one exceeds its
// limit, the outermost bracket or statement that holds it becomes a hole, and reading ends there.
#include <array>

#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/fixup.h"

namespace wfc::syntax {
namespace {

constexpr size_t maxBrackets = 400;
constexpr size_t maxChain = 2000;

/// What a kind of token does to the depth; of most of a text, nothing.
enum Trait : uint8_t { Ends = 1, Begins = 2, Parts = 4, Links = 8, Opens = 16, Closes = 32 };

bool isClosingOperand(Tok kind) {
  return kind == Tok::RParen || kind == Tok::RBrack || kind == Tok::StringClose ||
         kind == Tok::TripleClose;
}

bool isWholeOperand(Tok kind) {
  switch (kind) {
    case Tok::String:
    case Tok::Int:
    case Tok::Float:
    case Tok::Quantity:
    case Tok::Date:
    case Tok::Instant:
    case Tok::KwTrue:
    case Tok::KwFalse:
    case Tok::KwNone:
      return true;
    default:
      return isName(kind);
  }
}

/// Parts a list or ends a statement, so that a chain begins anew. Two operands in a row do, too,
/// and a `}` without an `else`.
bool isBorder(Tok kind) {
  switch (kind) {
    case Tok::Comma:
    case Tok::Equal:
    case Tok::Colon:
    case Tok::KwPublish:
    case Tok::KwFor:
    case Tok::LBrace:
      return true;
    default:
      return false;
  }
}

bool isLink(Tok kind) {
  return (kind >= Tok::EqEq && kind <= Tok::Percent) || kind == Tok::Dot || kind == Tok::DotDot ||
         kind == Tok::Question || kind == Tok::Ellipsis || kind == Tok::LParen ||
         kind == Tok::LBrack || isReserved(kind);
}

std::array<uint8_t, 256> makeTraits() {
  std::array<uint8_t, 256> traits{};
  for (int n = 0; n <= static_cast<int>(Tok::BadChar); ++n) {
    Tok kind = static_cast<Tok>(n);
    if (isWholeOperand(kind)) traits[n] |= Ends | Begins;
    if (isClosingOperand(kind)) traits[n] |= Ends;
    if (isBorder(kind)) traits[n] |= Parts;
    if (isLink(kind)) traits[n] |= Links;
    if (isOpening(kind)) traits[n] |= Opens;
    if (isClosing(kind)) traits[n] |= Closes;
  }
  return traits;
}

}  // namespace

bool cutDepth(std::vector<Token>& tokens, source::FileId file, diag::Emitter& emitter) {
  static const std::array<uint8_t, 256> traitsOf = makeTraits();
  /// Links since the last border, one count for every open bracket.
  std::vector<uint32_t> chains = {0};
  size_t links = 0;
  /// `else if` after `else if`, likewise; a statement in between is no border for them.
  std::vector<uint32_t> elses = {0};
  uint8_t ended = 0;  // the token before ended an operand
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    Tok kind = tokens[i].kind, after = tokens[i + 1].kind;
    uint8_t traits = traitsOf[static_cast<uint8_t>(kind)], before = ended;
    ended = traits & Ends;
    if (!traits) continue;
    bool isClosed = kind == Tok::RBrace && after != Tok::KwElse;
    if ((traits & Parts) || isClosed || ((traits & Begins) && before)) {
      links -= chains.back();
      chains.back() = 0;
    }
    if (traits & Links) {
      ++chains.back();
      ++links;
    }
    if (kind == Tok::KwElse && after == Tok::KwIf) {
      ++elses.back();
      ++links;
    }
    if (traits & Opens) {
      chains.push_back(0);
      elses.push_back(0);
    }
    if ((traits & Closes) && chains.size() > 1) {
      links -= chains.back() + elses.back();
      chains.pop_back();
      elses.pop_back();
    }
    if (isClosed) {
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
