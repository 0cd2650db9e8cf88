// Names of tokens, and which words are keywords. The list itself is tokens.def; here it becomes
// three tables: what messages call a token, the words, and the words by their text.
//
// What a word means where is the parser's business.
#include "compiler/syntax/token.h"

#include <array>

namespace wfc::syntax {
namespace {

enum class Class : uint8_t { Sign, Reserved, Soft };

struct Row {
  Tok kind;
  Class kindOf;
  std::string_view spelling;
  std::string_view word;
};

constexpr Row rows[] = {
    {Tok::End, Class::Sign, "the end of the file", ""},
#define WFC_TOKEN(name, spelling) {Tok::name, Class::Sign, spelling, ""},
#define WFC_RESERVED(name, word) {Tok::name, Class::Reserved, "`" word "`", word},
#define WFC_SOFT(name, word) {Tok::name, Class::Soft, "`" word "`", word},
#include "compiler/syntax/tokens.def"
};

constexpr size_t tableSize = 512;

constexpr size_t hashOf(std::string_view word) {
  uint32_t hash = static_cast<uint32_t>(word.size()) * 31;
  for (char c : word) hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193u;
  return (hash ^ (hash >> 15)) % tableSize;
}

/// Open addressing, filled at compile time.
constexpr std::array<Tok, tableSize> makeTable() {
  std::array<Tok, tableSize> table{};
  for (const Row& row : rows) {
    if (row.word.empty()) continue;
    size_t slot = hashOf(row.word);
    while (table[slot] != Tok::End) slot = (slot + 1) % tableSize;
    table[slot] = row.kind;
  }
  return table;
}
constexpr std::array<Tok, tableSize> table = makeTable();

const Row& rowOf(Tok kind) { return rows[static_cast<size_t>(kind)]; }

}  // namespace

std::string_view describe(Tok kind) { return rowOf(kind).spelling; }

std::string_view wordOf(Tok kind) { return rowOf(kind).word; }

Tok keyword(std::string_view word) {
  for (size_t slot = hashOf(word); table[slot] != Tok::End; slot = (slot + 1) % tableSize)
    if (wordOf(table[slot]) == word) return table[slot];
  return Tok::Id;
}

bool isReserved(Tok kind) { return rowOf(kind).kindOf == Class::Reserved; }
bool isSoft(Tok kind) { return rowOf(kind).kindOf == Class::Soft; }

Tok closerOf(Tok opening) {
  switch (opening) {
    case Tok::LParen:
      return Tok::RParen;
    case Tok::LBrack:
      return Tok::RBrack;
    case Tok::LBrace:
      return Tok::RBrace;
    case Tok::StringOpen:
      return Tok::StringClose;
    case Tok::TripleOpen:
      return Tok::TripleClose;
    default:
      return Tok::HoleClose;
  }
}

}  // namespace wfc::syntax
