// What the grammar made of tokens before. It sees nothing but their kinds, so the same kinds are
// read the same way again, wherever they stand and whatever they say: an editor reads a long file
// after every letter, and all but one of its declarations are as they were.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llvm/ADT/DenseMap.h"

#include "compiler/syntax/edited_tokens.h"
#include "compiler/syntax/grammar.h"

namespace wfc::syntax {

class Readings {
 public:
  /// A read that succeeded: its rules, and how many tokens it took, counted from its first token.
  struct Seen {
    uint32_t length = 0;
    std::vector<Node> nodes;
  };

  /// The tokens of a file as it is now.
  const Tokens& tokensOf(std::string_view path, std::string_view text);
  /// The read of `start` at token `first`, or null if there was none of these kinds.
  const Seen* find(Rule start, const std::vector<Token>& tokens, uint32_t first) const;
  /// A read from token `first` up to `end` that looked at none beyond `last`.
  struct Read {
    Rule start;
    uint32_t first, last, end;
  };
  void add(const Read& read, const std::vector<Token>& tokens, const std::vector<Node>& nodes);

 private:
  /// Forgets everything beyond so many steps, and files.
  static constexpr size_t kMost = 1'000'000, kMostFiles = 16;

  /// A tree of kinds: from a place of it, by a kind, to the next place, or to what was seen.
  llvm::DenseMap<uint64_t, uint32_t> steps_;
  std::vector<Seen> seen_;
  uint32_t places_ = 0;
  std::map<std::string, EditedTokens, std::less<>> files_;
};

}  // namespace wfc::syntax
