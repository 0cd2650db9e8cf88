// Shell text: the one place where words are quoted, and where it is known in which quotes a place
// of a script lies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace wfc::target {

/// The text as exactly one word of sh; bare where nothing in it means anything to a shell.
std::string shellWord(llvm::StringRef text);

/// Follows a script from its beginning, piece by piece, and knows what surrounds the place reached.
///
/// It knows quotes, escapes, comments, `$(…)`, backquotes and here-documents; that is enough to
/// tell how a variable must be written there. It does not parse commands.
class ShellScanner {
 public:
  enum class Place : uint8_t {
    Plain,          ///< outside of quotes
    Single,         ///< inside '…' or $'…'
    Double,         ///< inside "…"
    HereDoc,        ///< in a here-document that expands
    QuotedHereDoc,  ///< in a here-document that does not: nothing can be inserted there
    Comment,
  };

  void feed(llvm::StringRef text);
  /// Something that is no text of the script stands here: a hole.
  void hole();
  Place place() const { return stack_.back().place; }
  /// How '…' is opened and closed here: `'`, or `$'` for the kind with escapes.
  bool isAnsiC() const { return stack_.back().closing == '$'; }

 private:
  struct Frame {
    Place place;
    char closing;  ///< what ends it
  };
  struct Delimiter {
    std::string word;
    bool isQuoted, stripsTabs;
  };

  void plain(char c, char next);
  void doubleQuoted(char c, char next);
  void hereDocument(char c);
  void newLine();
  size_t delimiter(llvm::StringRef text);

  std::vector<Frame> stack_{{Place::Plain, 0}};
  std::vector<Delimiter> pending_;  ///< here-documents that begin on the next line
  std::string line_;                ///< the line of the here-document so far
  char before_ = '\n';
  unsigned skip_ = 0;
};

}  // namespace wfc::target
