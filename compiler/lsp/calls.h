// The call around a position. Private to lsp/.
#pragma once

#include "compiler/lsp/meaning.h"
#include "compiler/syntax/token.h"

namespace wfc::lsp {

struct CallAt {
  uint32_t begin = 0;            ///< of the last name before the bracket
  StringRef callee;              ///< that name
  size_t position = 0;           ///< commas before the position
  StringRef named;               ///< the name of the argument there, if it has one
  std::vector<StringRef> given;  ///< names of the others
};

/// Read off the tokens, so that it works while the call is being written.
std::optional<CallAt> callAt(StringRef text, const std::vector<syntax::Token>& tokens,
                             uint32_t offset);
/// What is called: by the index, else by its name. The snapshot may be some letters behind.
std::optional<Meaning> calleeOf(Session& session, const std::shared_ptr<const Snapshot>& snapshot,
                                const CallAt& call);

}  // namespace wfc::lsp
