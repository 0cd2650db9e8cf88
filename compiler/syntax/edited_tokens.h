// The tokens of a text that is edited: after an edit only the lines are lexed again that it
// touched, and those behind it up to one that begins outside of all strings, as it did before.
#pragma once

#include <string>
#include <string_view>

#include "compiler/syntax/token.h"

namespace wfc::syntax {

class EditedTokens {
 public:
  /// What lex() gives for the text, whatever was asked for before.
  const Tokens& of(std::string_view text);

 private:
  std::string text_;
  Tokens tokens_;
};

}  // namespace wfc::syntax
