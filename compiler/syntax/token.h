// Tokens: what the lexer makes of a text and the parser reads.
//
// Twelve bytes each, in one vector; a token knows where it stands, never what it says: its text is
// a slice of the source. Comments are kept apart and blanks are nowhere. The list is tokens.def.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wfc::syntax {

/// Numbered as the grammar numbers them, from 1; 0 is the end of the file.
enum class Tok : uint8_t {
  End = 0,
#define WFC_TOKEN(name, spelling) name,
#define WFC_RESERVED(name, word) name,
#define WFC_SOFT(name, word) name,
#include "compiler/syntax/tokens.def"
};

struct Token {
  Tok kind = Tok::End;
  /// Put there by recovery; it stands for no text.
  bool inserted = false;
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// The tokens of a file, an End last; comments with their offsets, in order.
struct Tokens {
  /// The beginning of a line outside of all strings: what follows has nothing to do with what was
  /// before.
  struct Line {
    uint32_t begin = 0;
    uint32_t token = 0, comment = 0;  ///< the first ones of it, or of a later line
  };
  std::vector<Token> all;
  std::vector<Token> comments;
  std::vector<Line> lines;
};

/// How messages call a kind of token: "`if`", "a name", "`)`".
std::string_view describe(Tok kind);

/// The word of a keyword, or nothing.
std::string_view wordOf(Tok kind);

/// The keyword that `word` is, or Tok::Id.
Tok keyword(std::string_view word);

bool isReserved(Tok kind);
bool isSoft(Tok kind);

/// A name, or a word that may be one.
inline bool isName(Tok kind) { return kind == Tok::Id || isSoft(kind); }
inline bool isWord(Tok kind) { return isName(kind) || isReserved(kind); }
inline bool isOpening(Tok kind) {
  return kind == Tok::LParen || kind == Tok::LBrack || kind == Tok::LBrace ||
         kind == Tok::HoleOpen || kind == Tok::RawOpen;
}
/// What closes a bracket or a literal that `opening` opens.
Tok closerOf(Tok opening);
inline bool isClosing(Tok kind) {
  return kind == Tok::RParen || kind == Tok::RBrack || kind == Tok::RBrace ||
         kind == Tok::HoleClose;
}

}  // namespace wfc::syntax
