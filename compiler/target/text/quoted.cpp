// See quoted.h.
#include "compiler/target/text/quoted.h"

namespace wfc::target {

std::string quoted(llvm::StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace wfc::target
