// See account.h.
#include "runtime/control/account.h"

#include <cstdlib>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::run {

bool resolveAccount(const std::string& reference, std::string& account, std::string& wrong) {
  llvm::StringRef name(reference);
  account = reference;
  if (!name.consume_front("@env:")) return true;
  const char* value = std::getenv(name.str().c_str());
  account = value == nullptr ? "" : value;
  if (account.empty())
    wrong = fmt::format("the site's account is in the environment variable {}, which is not set",
                        name.str());
  return !account.empty();
}

}  // namespace wfc::run
