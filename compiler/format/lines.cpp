// From tokens to lines: strings become one piece, comments find their places.
#include "compiler/format/lines.h"

#include <algorithm>

namespace wfc::format {

using syntax::Tok;
using syntax::Token;

namespace {

/// The index after the string that opens at `at`; strings stand in the holes of strings.
size_t endOfString(const std::vector<Token>& tokens, size_t at) {
  size_t open = 0;
  for (; at < tokens.size(); ++at) {
    Tok kind = tokens[at].kind;
    if (kind == Tok::StringOpen || kind == Tok::TripleOpen) ++open;
    if ((kind == Tok::StringClose || kind == Tok::TripleClose) && --open == 0) return at + 1;
  }
  return at;
}

std::vector<Piece> piecesOf(std::string_view text, const syntax::Tokens& tokens) {
  std::vector<Piece> pieces;
  for (size_t at = 0; at < tokens.all.size();) {
    const Token& token = tokens.all[at];
    if (token.kind == Tok::End) break;
    bool isString = token.kind == Tok::StringOpen || token.kind == Tok::TripleOpen;
    size_t next = isString ? endOfString(tokens.all, at) : at + 1;
    Piece piece;
    piece.kind = token.kind;
    piece.begin = token.begin;
    piece.end = tokens.all[next - 1].end;
    if (token.kind != Tok::Newline) pieces.push_back(piece);
    at = next;
  }
  for (const Token& comment : tokens.comments) {
    Piece piece;
    piece.kind = Tok::Comment;
    piece.begin = comment.begin;
    piece.end = comment.end;
    while (piece.end > piece.begin &&
           std::string_view(" \t\r").find(text[piece.end - 1]) != std::string_view::npos)
      --piece.end;
    pieces.push_back(piece);
  }
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  return pieces;
}

void addMarks(std::vector<Piece>& pieces, const syntax::Marks& marks) {
  for (const syntax::Mark& mark : marks) {
    auto at =
        std::lower_bound(pieces.begin(), pieces.end(), mark.offset,
                         [](const Piece& piece, uint32_t offset) { return piece.begin < offset; });
    // Those within strings are nobody's business.
    if (at != pieces.end() && at->begin == mark.offset)
      at->marks |= static_cast<uint8_t>(1u << mark.kind);
  }
}

void measureGaps(std::string_view text, std::vector<Piece>& pieces) {
  uint32_t last = 0;
  for (Piece& piece : pieces) {
    std::string_view between = text.substr(last, piece.begin - last);
    piece.lineEnds = static_cast<unsigned>(std::count(between.begin(), between.end(), '\n'));
    piece.blanks = piece.lineEnds ? 0 : static_cast<unsigned>(between.size());
    last = piece.end;
  }
}

}  // namespace

unsigned widthOf(std::string_view text) {
  return static_cast<unsigned>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

Layout linesOf(std::string_view text, const syntax::Tokens& tokens, const syntax::Marks& marks) {
  Layout layout{text, piecesOf(text, tokens), {}};
  std::vector<Piece>& pieces = layout.pieces;
  addMarks(pieces, marks);
  measureGaps(text, pieces);
  unsigned depth = 0;
  bool isBelow = false;  // the line has closed what an earlier one opened
  for (size_t n = 0; n < pieces.size(); ++n) {
    const Piece& piece = pieces[n];
    // A brace opens on the line of what it belongs to.
    bool isJoined = piece.kind == Tok::LBrace && n > 0 && pieces[n - 1].kind != Tok::Comment;
    if (n == 0 || (piece.lineEnds > 0 && !isJoined)) {
      Line line;
      line.first = n;
      line.depth = depth;
      bool isFirst = n == 0 || pieces[n - 1].kind == Tok::LBrace || piece.kind == Tok::RBrace;
      line.isAfterBlank = piece.lineEnds > 1 && !isFirst;
      layout.lines.push_back(line);
      isBelow = false;
    }
    if (syntax::isOpening(piece.kind)) ++depth;
    if (syntax::isClosing(piece.kind) && depth > 0) --depth;
    Line& line = layout.lines.back();
    isBelow |= depth < line.depth;
    line.isClosed = depth == line.depth && !isBelow;
    line.end = n + 1;
  }
  return layout;
}

}  // namespace wfc::format
