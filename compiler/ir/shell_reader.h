// Shell text, read far enough to know its commands, words, quotes, expansions and here-documents.
//
// It is no parser of the shell language: compound commands are flattened into the simple ones
// inside them, and what cannot be understood is passed over. The writer of bodies (body.h) needs to
// know in which quotes a hole stands, and rules that look for mistakes (check/shell.cpp) which word
// an expansion is part of; nothing more.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace wfc::ir {

/// The byte that stands for a hole in the text.
constexpr char kHoleByte = '\1';

/// A part of a word: begin and end are places in the text.
struct ShellPiece {
  enum Kind : uint8_t { Text, Variable, Command, Arithmetic, Hole };
  Kind kind = Text;
  /// 0, `"`, `'`, `$` for $'…'; `h` in a here-document, `H` in one that does not expand, `a` in
  /// arithmetic.
  char quote = 0;
  size_t begin = 0, end = 0;
  std::string name;  ///< of Variable: `x`, `1`, `@`
  char op = 0;       ///< of `${x:-y}` and `${x-y}`: `-`; of `${#x}`: `l`; of `${x[@]}`: `@`
};

struct ShellWord {
  size_t begin = 0, end = 0;
  std::vector<ShellPiece> pieces;
  std::string text;  ///< without quotes; an expansion or hole is one kHoleByte
};

struct ShellAssignment {
  std::string name;
  ShellWord value;
  bool isArray = false;
};

/// A simple command. `[[ … ]]` is one, and so is the head of `for` and `case`.
struct ShellCommand {
  std::vector<ShellWord> words;
  std::vector<ShellAssignment> assignments;
  std::vector<ShellWord> targets;  ///< of redirections
};

struct ShellText {
  std::vector<ShellCommand> commands;
  std::vector<ShellPiece> pieces;  ///< all that is no plain text, wherever it stands
  std::vector<std::pair<size_t, size_t>> comments;
  std::vector<size_t> unclosed;     ///< quotes and brackets without an end
  std::vector<size_t> brokenLines;  ///< backslashes with blanks behind them at a line's end
  std::set<std::string> counted;    ///< names in arithmetic
};

ShellText readShell(llvm::StringRef text);

/// `export`, `declare` and their like, whose arguments are assignments too.
bool declaresNames(llvm::StringRef command);

}  // namespace wfc::ir
