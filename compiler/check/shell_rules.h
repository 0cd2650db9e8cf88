// A script as the rules that look for its mistakes see it. Private to check/.
#pragma once

#include "llvm/ADT/STLExtras.h"

#include "compiler/check/script_text.h"

namespace wfc::check {

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
