// A script as the rules that look for its mistakes see it. Private to check/.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "compiler/check/script_text.h"

namespace wfc::check {

/// Of a few words, compared one by one: a set would be made anew for each script.
inline bool isOneOf(StringRef word, std::initializer_list<StringRef> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct ShellScript {
  Session& s;
  const ScriptText& script;
  Place& place;
  const ir::Body& body;
  const ir::ShellText& shell;

  StringRef slice(size_t begin, size_t end) const {
    return StringRef(script.text).slice(begin, end);
  }
  Range range(const ir::ShellPiece& piece) const { return script.range(piece.begin, piece.end); }
  const ir::Hole* holeOf(const ir::ShellPiece& piece) const;
  /// The type of a hole's value, Error of anything else.
  TK typeOf(const ir::ShellPiece& piece) const;
};

/// The rules about one command at a time: what it starts, removes, reckons with and leaves behind.
void lintCommands(const ShellScript& script);

}  // namespace wfc::check
