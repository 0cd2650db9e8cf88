// A text as lines of pieces. Private to format/.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/syntax/marks.h"
#include "compiler/syntax/token.h"

namespace wfc::format {

/// A token, a whole string with its holes, or a comment.
struct Piece {
  syntax::Tok kind = syntax::Tok::End;
  uint32_t begin = 0, end = 0;
  uint8_t marks = 0;      ///< bits, by syntax::Mark::Kind
  unsigned lineEnds = 0;  ///< between it and the piece before
  unsigned blanks = 0;    ///< between it and the piece before, on one line
  unsigned gap = 0;       ///< blanks that the layout gives it

  bool is(syntax::Mark::Kind kind) const { return (marks >> kind & 1) != 0; }
  /// An item or a clause begins.
  bool isStart() const { return is(syntax::Mark::Item) || is(syntax::Mark::Clause); }
};

/// Pieces [first, end) that stand on one line.
struct Line {
  size_t first = 0, end = 0;
  unsigned depth = 0;         ///< brackets that are open where it begins
  bool isClosed = false;      ///< all that it opens it closes, and nothing else
  bool isAfterBlank = false;  ///< an empty line stands before it
};

struct Layout {
  std::string_view text;
  std::vector<Piece> pieces;
  std::vector<Line> lines;

  std::string_view textOf(const Piece& piece) const {
    return text.substr(piece.begin, piece.end - piece.begin);
  }
};

Layout linesOf(std::string_view text, const syntax::Tokens& tokens, const syntax::Marks& marks);

/// Gives every piece its gap: what the signs want, and what aligns.
void giveGaps(Layout& layout);

/// Characters, as a terminal counts most of them.
unsigned widthOf(std::string_view text);

}  // namespace wfc::format
