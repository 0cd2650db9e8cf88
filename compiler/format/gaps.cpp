// The blanks between the pieces of a line. First what the signs want; then columns, where in lines
// that follow each other somebody has begun to align them.
#include <algorithm>
#include <array>

#include "compiler/format/lines.h"

namespace wfc::format {

using syntax::Mark;
using syntax::Tok;

namespace {

bool opensList(Tok kind) { return kind == Tok::LParen || kind == Tok::LBrack; }
bool closesList(Tok kind) { return kind == Tok::RParen || kind == Tok::RBrack; }

unsigned gapBetween(const Piece& before, const Piece& piece) {
  if (piece.kind == Tok::Comment) return 2;
  if (before.kind == Tok::LBrace || piece.kind == Tok::RBrace)
    return before.kind == Tok::LBrace && piece.kind == Tok::RBrace ? 0 : 1;
  if (opensList(before.kind) || closesList(piece.kind) || before.is(Mark::Prefix)) return 0;
  bool isNext = before.kind != Tok::Comma && before.kind != Tok::Colon;
  if ((piece.isStart() && isNext) || piece.is(Mark::Tail)) return 2;
  switch (piece.kind) {
    case Tok::Comma:
    case Tok::Colon:
    case Tok::Dot:
      return 0;
    case Tok::LParen:
    case Tok::LBrack:
      return piece.is(Mark::Tight) ? 0 : 1;
    default:
      break;
  }
  return before.kind == Tok::Dot || piece.is(Mark::TypeSign) ? 0 : 1;
}

/// What is aligned, from left to right.
enum Role : uint8_t { Value, Equal, Tail, Remark };
constexpr size_t kRoles = 4;
constexpr size_t kNone = SIZE_MAX;

using Roles = std::array<size_t, kRoles>;

/// The pieces of a line that may stand in columns.
Roles rolesOf(const Layout& layout, const Line& line) {
  Roles roles{kNone, kNone, kNone, kNone};
  const std::vector<Piece>& pieces = layout.pieces;
  const Piece& first = pieces[line.first];
  if (first.is(Mark::Clause) && line.first + 1 < line.end) roles[Value] = line.first + 1;
  int depth = 0;
  for (size_t n = line.first; n < line.end; ++n) {
    Tok kind = pieces[n].kind;
    // Of several items in a line the first counts.
    if (n > line.first && depth == 0 && pieces[n].isStart()) break;
    if (kind == Tok::LBrace || opensList(kind)) ++depth;
    if (kind == Tok::RBrace || closesList(kind)) --depth;
    if (depth != 0) continue;
    bool isField = first.is(Mark::Item) && n == line.first + 1 && kind == Tok::Colon;
    if (isField && n + 1 < line.end) roles[Value] = n + 1;
    if (pieces[n].is(Mark::Tail) && roles[Tail] == kNone) roles[Tail] = n;
    if (kind == Tok::Equal && roles[Equal] == kNone && !first.is(Mark::Clause)) roles[Equal] = n;
  }
  if (line.end > line.first + 1 && pieces[line.end - 1].kind == Tok::Comment)
    roles[Remark] = line.end - 1;
  return roles;
}

class Run {
 public:
  explicit Run(Layout& layout) : layout_(layout) {}

  void add(const Line& line) { lines_.push_back(&line); }

  void align() {
    std::vector<Roles> roles;
    for (const Line* line : lines_) roles.push_back(rolesOf(layout_, *line));
    for (unsigned role = 0; role < kRoles; ++role) {
      for (size_t first = 0, n = 0; n <= lines_.size(); ++n) {
        if (n < lines_.size() && roles[n][role] != kNone) continue;
        if (n > first + 1) align(role, roles, first, n);
        first = n + 1;
      }
    }
    lines_.clear();
  }

 private:
  /// One column of lines [first, end).
  void align(unsigned role, const std::vector<Roles>& roles, size_t first, size_t end) {
    unsigned wanted = 0, usual = role == Tail || role == Remark ? 2 : 1;
    bool isBegun = false;
    for (size_t n = first; n < end; ++n) {
      isBegun |= layout_.pieces[roles[n][role]].blanks > usual;
      wanted = std::max(wanted, widthUpTo(*lines_[n], roles[n][role]) + usual);
    }
    for (size_t n = first; n < end && isBegun; ++n)
      layout_.pieces[roles[n][role]].gap = wanted - widthUpTo(*lines_[n], roles[n][role]);
  }

  unsigned widthUpTo(const Line& line, size_t end) const {
    unsigned width = 0;
    for (size_t n = line.first; n < end; ++n)
      width +=
          (n > line.first ? layout_.pieces[n].gap : 0) + widthOf(layout_.textOf(layout_.pieces[n]));
    return width;
  }

  Layout& layout_;
  std::vector<const Line*> lines_;
};

/// A line that may stand in a run: one or more whole items.
bool isWhole(const Layout& layout, const Line& line) {
  const Piece& first = layout.pieces[line.first];
  if (!first.isStart() || !line.isClosed) return false;
  std::string_view text =
      layout.text.substr(first.begin, layout.pieces[line.end - 1].end - first.begin);
  return text.find('\n') == std::string_view::npos;
}

}  // namespace

void giveGaps(Layout& layout) {
  for (const Line& line : layout.lines)
    for (size_t n = line.first + 1; n < line.end; ++n)
      layout.pieces[n].gap = gapBetween(layout.pieces[n - 1], layout.pieces[n]);
  Run run(layout);
  unsigned depth = 0;
  for (const Line& line : layout.lines) {
    bool goesOn = isWhole(layout, line) && !line.isAfterBlank && line.depth == depth;
    if (!goesOn) run.align();
    depth = line.depth;
    if (isWhole(layout, line)) run.add(line);
  }
  run.align();
}

}  // namespace wfc::format
