// The search for the smallest change. See mend.h.
#include "compiler/syntax/mend.h"

#include <algorithm>
#include <array>

#include "llvm/ADT/STLExtras.h"

#include "compiler/base/suggest.h"

namespace wfc::syntax {
namespace {

constexpr uint32_t none = UINT32_MAX;

bool beginsLiteral(Tok kind) {
  return kind == Tok::StringOpen || kind == Tok::String || kind == Tok::KwTrue ||
         kind == Tok::KwFalse || (kind >= Tok::Instant && kind <= Tok::Quantity);
}

/// All keywords, for the nearest one.
std::vector<std::string_view> allWords() {
  std::vector<std::string_view> words = {
#define WFC_TOKEN(name, spelling)
#define WFC_RESERVED(name, word) word,
#define WFC_SOFT(name, word) word,
#include "compiler/syntax/tokens.def"
  };
  return words;
}

}  // namespace

std::string_view Mender::textOf(uint32_t at) const {
  const Token& t = in_.tokens[at];
  return in_.text.substr(t.begin, t.end - t.begin);
}

source::Range Mender::rangeOf(uint32_t at) const {
  return {in_.file, in_.tokens[at].begin, in_.tokens[at].end};
}

/// Right behind the token before.
source::Range Mender::gapBefore(uint32_t at) const {
  uint32_t end = at ? in_.tokens[at - 1].end : in_.tokens[at].begin;
  return {in_.file, end, end};
}

bool Mender::isFirstOnLine(uint32_t at) const {
  if (at == 0) return true;
  uint32_t begin = in_.tokens[at - 1].end;
  uint32_t end = std::max(begin, in_.tokens[at].begin);
  return in_.text.substr(begin, end - begin).find('\n') != std::string_view::npos;
}

/// The innermost bracket open before token `k`, not before `first`.
uint32_t Mender::innermostOpen(uint32_t first, uint32_t k) const {
  std::vector<uint32_t> open;
  for (uint32_t i = first; i < k; ++i) {
    if (isOpening(kind(i))) open.push_back(i);
    if (isClosing(kind(i)) && !open.empty()) open.pop_back();
  }
  return open.empty() ? none : open.back();
}

void Mender::mend(Rule start, uint32_t first, const Reading& reading) {
  ++errors_;
  inItem_ = item_ == first ? inItem_ + 1 : 1;
  item_ = first;
  if (in_.isCut && kind(reading.at) == Tok::End) {
    cutWhole(start, first, reading.at);
    return;
  }
  if (reading.isTooLong) {
    reportTooLong(first);
    cutWhole(start, first, reading.at);
    return;
  }
  std::vector<Edit> candidates;
  if (inItem_ <= maxInOneItem && reread_ < maxTokensReread) candidates = edits(first, reading);
  const Edit* best = nullptr;
  uint32_t farthest = 0;
  for (const Edit& edit : candidates) {
    Try result = attempt(start, first, edit, reading.at + lookAhead);
    // An item read to its end counts for more than the same tokens in the middle of one.
    bool helps = result.at >= reading.at + (result.items ? 2 : 3);
    if (!helps || result.at <= farthest) continue;
    best = &edit;
    farthest = result.at;
  }
  bool isGuess = !best || best->kind == Edit::Stray || best->kind == Edit::Value;
  if (isGuess && mendTail(first, reading.at)) return;
  if (!best) {
    reportUnexpected(first, reading);
    cut(start, first, reading);
    return;
  }
  report(*best, reading.at);
  apply(*best);
}

/// A name that follows an `after` or `await` on its line and leads nowhere lacks a comma: `after a
/// b`, `await "x" timeout 2h`. Its line ends before it.
bool Mender::mendTail(uint32_t first, uint32_t k) {
  uint32_t name = k - 1;
  if (k <= first || !isName(kind(name)) || isFirstOnLine(name)) return false;
  uint32_t line = name;
  while (!isFirstOnLine(line) && kind(line) != Tok::KwAfter && kind(line) != Tok::KwAwait) --line;
  if (kind(line) != Tok::KwAfter && kind(line) != Tok::KwAwait) return false;
  report({Edit::Comma, name, 0, {Tok::Comma}}, name);
  uint32_t end = name + 1;
  while (kind(end) != Tok::End && !isFirstOnLine(end) && kind(end) != Tok::RBrace) ++end;
  replace(name, end, {});
  return true;
}

std::vector<Mender::Edit> Mender::edits(uint32_t first, const Reading& reading) const {
  uint32_t k = reading.at;
  // Without its string an `import` would take the next line's first word.
  if (kind(first) == Tok::KwImport && kind(k) == Tok::String)
    return {{Edit::Foreign, k, 1, {Tok::Id}}};
  std::vector<Edit> found;
  for (uint32_t at : {k, k ? k - 1 : k})
    if (at >= first && isReserved(kind(at)) && !in_.tokens[at].inserted)
      found.push_back({Edit::Reserved, at, 1, {Tok::Id}});
  equalEdits(k, found);
  if (kind(k) == Tok::LBrace) {
    uint32_t depth = 0;
    for (uint32_t i = k; kind(i) != Tok::End; ++i) {
      if (kind(i) == Tok::LBrace) ++depth;
      if (kind(i) != Tok::RBrace || --depth) continue;
      found.push_back({Edit::Braces, k, 1, {Tok::LBrack}, i});
      break;
    }
  }
  foreignEdits(first, k, found);
  misspeltEdits(first, k, found);
  bool isArgument = k > first + 1 && isName(kind(k - 1)) && beginsLiteral(kind(k)) &&
                    (kind(k - 2) == Tok::LParen || kind(k - 2) == Tok::Comma);
  uint32_t call = isArgument ? innermostOpen(first, k) : none;
  if (call != none && kind(call) == Tok::LParen) found.push_back({Edit::Word, k, 0, {Tok::Colon}});
  if (k > first && kind(k - 1) != Tok::Comma && kind(k) != Tok::Comma)
    found.push_back({Edit::Comma, k, 0, {Tok::Comma}});
  // What follows a comma too many is another clause, and no need was forgotten.
  bool isTrailing = k > first && kind(k - 1) == Tok::Comma && kind(k) != Tok::Comma;
  if (isTrailing) found.push_back({Edit::Stray, k - 1, 1, {}});
  wordEdits(reading, found);
  closingEdits(first, k, found);
  bool isDoubled = kind(k) == Tok::Comma && k > first && kind(k - 1) == Tok::Comma;
  if (isDoubled) found.push_back({Edit::Stray, k, 1, {}});
  found.push_back({Edit::Value, k, 0, {Tok::Hole}});
  if (kind(k) != Tok::End) found.push_back({Edit::Stray, k, 1, {}});
  found.push_back({Edit::Name, k, 0, {Tok::Id}});
  return found;
}

void Mender::equalEdits(uint32_t k, std::vector<Edit>& into) const {
  if (kind(k) == Tok::Equal) {
    into.push_back({Edit::Equal, k, 1, {Tok::Colon}});
    into.push_back({Edit::Equal, k, 1, {Tok::EqEq}});
  }
  if (kind(k) == Tok::Colon || kind(k) == Tok::EqEq)
    into.push_back({Edit::Equal, k, 1, {Tok::Equal}});
}

/// Words of other languages. `to` stands where a cycle ends, or where something is published; a
/// path after `as` is no type; a constant has no word before it.
void Mender::foreignEdits(uint32_t first, uint32_t k, std::vector<Edit>& into) const {
  constexpr std::array<std::string_view, 6> kBeforeConstants = {"const", "let",  "var",
                                                                "val",   "auto", "final"};
  bool isLiteral = kind(k) == Tok::String || kind(k) == Tok::StringOpen;
  if (k > first && kind(k - 1) == Tok::KwAs && isLiteral)
    into.push_back({Edit::Foreign, k - 1, 1, {Tok::KwAt}});
  if (k == first + 1 && isName(kind(k)) && llvm::is_contained(kBeforeConstants, textOf(first)))
    into.push_back({Edit::Foreign, first, 1, {}});
  if (k && textOf(k - 1) == "elif") into.push_back({Edit::Foreign, k - 1, 1, {Tok::KwIf}});
  if (isName(kind(k)) && textOf(k) == "to")
    for (Tok wanted : {Tok::KwUntil, Tok::KwAt}) into.push_back({Edit::Foreign, k, 1, {wanted}});
}

void Mender::misspeltEdits(uint32_t first, uint32_t k, std::vector<Edit>& into) const {
  static const std::vector<std::string_view> words = allWords();
  for (uint32_t back = 0; back < 3 && back <= k - first; ++back) {
    uint32_t at = k - back;
    if (kind(at) != Tok::Id || in_.tokens[at].inserted) continue;
    if (auto nearest = base::suggest(textOf(at), words))
      into.push_back({Edit::Misspelt, at, 1, {keyword(*nearest)}});
  }
}

/// What the grammar names as the only way on.
void Mender::wordEdits(const Reading& reading, std::vector<Edit>& into) const {
  if (reading.expected.empty() || reading.expected.size() > 4) return;
  for (Tok wanted : reading.expected) {
    bool isPlain = wanted != Tok::End && wanted != Tok::Hole && wanted != Tok::Comma &&
                   wanted != Tok::Id && !isClosing(wanted) &&
                   !(wanted >= Tok::Instant && wanted <= Tok::StringOpen);
    if (isPlain) into.push_back({Edit::Word, reading.at, 0, {wanted}});
  }
}

/// Closes the innermost bracket here, or before the line of here began, or in place of another
/// closing one.
void Mender::closingEdits(uint32_t first, uint32_t k, std::vector<Edit>& into) const {
  uint32_t line = k;
  while (line > first && !isFirstOnLine(line)) --line;
  for (uint32_t at : {k, k > first ? k - 1 : k, line}) {
    uint32_t open = innermostOpen(first, at);
    if (open == none || kind(open) == Tok::HoleOpen || kind(open) == Tok::RawOpen) continue;
    Tok closer = closerOf(kind(open));
    into.push_back({Edit::Closing, at, 0, {closer}, open});
    bool isOther = isClosing(kind(at)) && kind(at) != closer && kind(at) != Tok::HoleClose;
    if (isOther) into.push_back({Edit::Closing, at, 1, {closer}, open});
  }
}

std::vector<Token> Mender::apply(const Edit& edit) {
  auto& tokens = in_.tokens;
  auto at = tokens.begin() + edit.at;
  std::vector<Token> old(at, at + edit.removed);
  uint32_t begin = gapBefore(edit.at).begin;
  uint32_t end = begin;
  if (edit.removed) {
    begin = old.front().begin;
    end = old.back().end;
  }
  std::vector<Token> put;
  // A reserved word read as a name keeps its text; what is made up has none.
  for (Tok kind : edit.put) put.push_back({kind, edit.kind != Edit::Reserved, begin, end});
  if (edit.put.size() == edit.removed) {
    std::copy(put.begin(), put.end(), at);
  } else {
    tokens.erase(at, at + edit.removed);
    tokens.insert(tokens.begin() + edit.at, put.begin(), put.end());
  }
  if (edit.kind == Edit::Braces) tokens[edit.other].kind = Tok::RBrack;
  return old;
}

void Mender::undo(const Edit& edit, const std::vector<Token>& old) {
  auto& tokens = in_.tokens;
  auto at = tokens.begin() + edit.at;
  if (edit.put.size() == old.size()) {
    std::copy(old.begin(), old.end(), at);
  } else {
    tokens.erase(at, at + static_cast<ptrdiff_t>(edit.put.size()));
    tokens.insert(tokens.begin() + edit.at, old.begin(), old.end());
  }
  if (edit.kind == Edit::Braces) tokens[edit.other].kind = Tok::RBrace;
}

/// Reads on from `first`, over several items, because a change may only push the trouble along.
Mender::Try Mender::readOn(Rule start, uint32_t first, uint32_t horizon) {
  Try result{first, 0};
  while (result.at < horizon) {
    Tok next = kind(result.at);
    bool isOver = next == Tok::End;
    if (start == Rule::Stmt) isOver = isOver || next == Tok::RBrace || isDeclStart(result.at);
    if (isOver) return {horizon, result.items + 1};
    bool isFlow = start == Rule::Decl && isFlowStart(result.at);
    if (isFlow) start = Rule::FlowOpen;
    Reading reading = in_.grammar.read(start, result.at, nodes_);
    reread_ += reading.at - result.at + 1;
    result.at = reading.at;
    if (!reading.ok) return result;
    ++result.items;
    if (start == Rule::FlowOpen) start = Rule::Stmt;
  }
  return result;
}

bool Mender::isFlowStart(uint32_t at) const {
  if (kind(at) == Tok::KwExport) ++at;
  return kind(at) == Tok::KwFlow && isName(kind(at + 1));
}

/// How far the grammar gets with a change, in tokens as they are without it, at most `horizon`.
Mender::Try Mender::attempt(Rule start, uint32_t first, const Edit& edit, uint32_t horizon) {
  auto delta = static_cast<int64_t>(edit.put.size()) - static_cast<int64_t>(edit.removed);
  auto moved = [](uint32_t at, int64_t by) { return static_cast<uint32_t>(at + by); };
  std::vector<Token> old = apply(edit);
  Try result = readOn(start, first, moved(horizon, delta));
  undo(edit, old);
  if (result.at > edit.at) result.at = std::min(moved(result.at, -delta), horizon);
  return result;
}

bool Mender::isDeclStart(uint32_t at) const {
  if (kind(at) == Tok::End || !isFirstOnLine(at)) return false;
  if (kind(at) == Tok::KwExport) ++at;
  switch (kind(at)) {
    case Tok::KwTask:
    case Tok::KwFlow:
    case Tok::KwKind:
    case Tok::KwProgram:
    case Tok::KwEnum:
    case Tok::KwRecord:
    case Tok::KwImport:
    case Tok::KwSecret:
      return isName(kind(at + 1));
    default:
      return false;
  }
}

}  // namespace wfc::syntax
