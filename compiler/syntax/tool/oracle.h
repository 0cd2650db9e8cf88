// The generated lexer and parser as a judge over the hand-written ones. Only tests use it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/token.h"

namespace wfc::syntax {

/// The tokens of WorkflowLexer.g4, comments among them, in order.
std::vector<Token> oracleTokens(std::string_view text);

/// What exact ambiguity detection has to say about a text, one line each: ambiguities, and
/// decisions where SLL was not enough. `seconds` of parsing may be asked for too.
std::vector<std::string> findAmbiguities(std::string_view text);

}  // namespace wfc::syntax
