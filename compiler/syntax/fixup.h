// What can be mended before the grammar looks: signs of other languages, strings without an end,
// characters that mean nothing, and what is nested too deep to be read. Each is reported once, and
// the tokens afterwards are all of kinds that the grammar knows.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/diag/emitter.h"
#include "compiler/source/sources.h"
#include "compiler/syntax/token.h"

namespace wfc::syntax {

struct Fixed {
  std::vector<Token> tokens;
  /// The tokens end early: what follows was too deep to be read, and its end is no mistake.
  bool isCut = false;
};

Fixed fixTokens(const std::vector<Token>& raw, std::string_view text, source::FileId file,
                diag::Emitter& emitter);

/// Reports bytes that are no UTF-8, and NUL, at their first place.
void checkBytes(std::string_view text, bool isAscii, source::FileId file, diag::Emitter& emitter);

/// Cuts the tokens where brackets or chains of signs go deeper than any reader should; true if so.
bool cutDepth(std::vector<Token>& tokens, source::FileId file, diag::Emitter& emitter);

}  // namespace wfc::syntax
