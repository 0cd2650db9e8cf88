// When nothing small helps: a statement, a clause or a declaration becomes a hole, and reading goes
// on behind it. Where it ends is guessed from brackets and from what begins a line.
#include "compiler/syntax/mend.h"

namespace wfc::syntax {

bool Mender::isStmtStart(uint32_t at) const {
  if (!isFirstOnLine(at)) return false;
  switch (kind(at)) {
    case Tok::KwFor:
    case Tok::KwIf:
    case Tok::KwPublish:
    case Tok::KwIn:
    case Tok::KwPool:
    case Tok::KwWhen:
    case Tok::KwBudget:
    case Tok::KwStop:
    case Tok::KwRepeat:
    case Tok::KwTemp:
    case Tok::KwKeep:
      return true;
    default:
      break;
  }
  if (!isName(kind(at))) return false;
  Tok next = kind(at + 1);
  return next == Tok::Equal || next == Tok::LParen || next == Tok::Dot;
}

bool Mender::isClauseStart(uint32_t at) const {
  if (!isFirstOnLine(at)) return false;
  switch (kind(at)) {
    case Tok::KwNeeds:
    case Tok::KwEnv:
    case Tok::KwModules:
    case Tok::KwConda:
    case Tok::KwContainer:
    case Tok::KwRetry:
    case Tok::KwResume:
    case Tok::KwExit:
    case Tok::KwFill:
    case Tok::KwSh:
    case Tok::KwBash:
    case Tok::KwPython:
    case Tok::KwCheck:
      return true;
    default:
      return false;
  }
}

/// The first token at or behind `at` that begins something new on its level: a declaration, a
/// statement or clause (unless the whole declaration goes), a `}` too many.
uint32_t Mender::borderAfter(uint32_t at, bool isWhole) const {
  uint32_t braces = 0;
  for (uint32_t i = at; kind(i) != Tok::End; ++i) {
    if (i > at && isDeclStart(i)) return i;
    if (i > at && !braces && !isWhole && (isStmtStart(i) || isClauseStart(i))) return i;
    if (kind(i) == Tok::LBrace) ++braces;
    if (kind(i) != Tok::RBrace) continue;
    if (!braces) return isWhole ? i + 1 : i;
    --braces;
    // A whole declaration ends with its closing brace.
    if (!braces && isWhole) return i + 1;
  }
  return static_cast<uint32_t>(in_.tokens.size()) - 1;
}

void Mender::replace(uint32_t at, uint32_t end, const std::vector<Tok>& put) {
  auto& tokens = in_.tokens;
  uint32_t from = tokens[at].begin;
  uint32_t to = end > at ? std::max(from, tokens[end - 1].end) : from;
  std::vector<Token> made;
  for (Tok kind : put) made.push_back({kind, true, from, to});
  tokens.erase(tokens.begin() + at, tokens.begin() + end);
  tokens.insert(tokens.begin() + at, made.begin(), made.end());
}

void Mender::cut(Rule start, uint32_t first, const Reading& reading) {
  if (inItem_ <= maxInOneItem && cutPart(start, first, reading.at)) return;
  cutWhole(start, first, reading.at);
}

/// Cuts the innermost statement or clause around token `k`, if it is one of several.
bool Mender::cutPart(Rule start, uint32_t first, uint32_t k) {
  if (start == Rule::FlowOpen) return false;
  uint32_t begin = k;
  bool isClause = start != Rule::Stmt;
  while (begin > first && !(isClause ? isClauseStart(begin) : isStmtStart(begin))) --begin;
  if (begin == first) return false;
  uint32_t end = borderAfter(k > begin ? k : begin + 1, false);
  bool isBinding =
      !isClause && isName(kind(begin)) && kind(begin + 1) == Tok::Equal && k > begin + 1;
  replace(isBinding ? begin + 2 : begin, end, {Tok::Hole});
  return true;
}

void Mender::cutWhole(Rule start, uint32_t first, uint32_t k) {
  uint32_t begin = first;
  if (start == Rule::FlowOpen) {
    // The statements are worth more than the head.
    uint32_t brace = k;
    while (kind(brace) != Tok::LBrace && kind(brace) != Tok::End && !isDeclStart(brace)) ++brace;
    bool hasName = isName(kind(first + 1)) && k > first + 1;
    if (kind(brace) == Tok::LBrace && kind(first) == Tok::KwFlow) {
      if (hasName)
        replace(first + 2, brace, {});
      else
        replace(first + 1, brace, {Tok::Id});
      // Nothing to take away: the brace itself is wrong.
      if (brace != first + (hasName ? 2 : 1)) return;
    }
  }
  uint32_t end = borderAfter(std::max(k, first), start != Rule::Stmt);
  if (end == first) end = std::min<uint32_t>(first + 1, in_.tokens.size() - 1);
  if (isDeclStart(first) && end > first + 1) {
    // Its name is still known: `name = <hole>`.
    uint32_t name = first + (kind(first) == Tok::KwExport ? 2 : 1);
    Token kept = in_.tokens[name];
    replace(first, end, {Tok::Id, Tok::Equal, Tok::Hole});
    in_.tokens[first] = {Tok::Id, false, kept.begin, kept.end};
    return;
  }
  bool isBinding = isName(kind(first)) && kind(first + 1) == Tok::Equal && end > first + 1;
  if (isBinding) begin += 2;
  replace(begin, std::max(begin, end), {Tok::Hole});
}

}  // namespace wfc::syntax
