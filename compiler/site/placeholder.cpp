// See placeholder.h.
#include "compiler/site/placeholder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace wfc::site {

bool isPlaceholder(llvm::StringRef text) {
  constexpr llvm::StringRef kWords[] = {"your-",     "your_",      "my_account", "changeme",
                                        "change_me", "replace_me", "fixme",      "xxxx"};
  std::string lower = text.lower();
  if (llvm::any_of(kWords,
                   [&](llvm::StringRef word) { return llvm::StringRef(lower).contains(word); }))
    return true;
  if (text.split('<').second.contains('>')) return true;
  // `@USER@`, but neither `@env:NAME` nor two addresses of mail.
  for (auto [open, rest] = text.split('@'); !rest.empty(); std::tie(open, rest) = rest.split('@')) {
    size_t length = rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; }).size();
    if (length > 0 && length < rest.size() && rest[length] == '@') return true;
  }
  return false;
}

}  // namespace wfc::site
