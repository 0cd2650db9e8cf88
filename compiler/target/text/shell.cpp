// Which words need quotes.
#include "compiler/target/text/shell.h"

#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/body.h"

namespace wfc::target {

std::string shellWord(llvm::StringRef text) {
  bool isBare = !text.empty() && llvm::all_of(text, [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("_-./:,+@%=").contains(c);
  });
  // A leading `~` or `=` has a meaning; `name=value` before a command does too.
  if (isBare && text.front() != '=' && !text.contains('=')) return text.str();
  return ir::shellQuoted(text);
}

}  // namespace wfc::target
