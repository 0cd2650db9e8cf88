// See flow.h.
#include "compiler/target/text/flow.h"

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/target/text/quoted.h"

namespace wfc::target {

std::string flowString(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, "@{");
  return quoted(llvm::join(parts, "@@{"));
}

std::string flowDuration(int64_t ms) {
  if (ms % 3600000 == 0) return fmt::format("{}h", ms / 3600000);
  if (ms % 60000 == 0) return fmt::format("{}min", ms / 60000);
  return fmt::format("{}s", ms / 1000);
}

std::string FlowNames::like(llvm::StringRef text, llvm::StringRef lead) {
  std::string name;
  for (char c : text) {
    bool isPlain = llvm::isAlnum(c) || c == '_';
    if (isPlain || (!name.empty() && name.back() != '_')) name += isPlain ? c : '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || llvm::isDigit(name[0])) name.insert(0, lead.str());
  if (isReserved_(name)) name += "_";
  std::string unique = name;
  for (int n = 2; !used_.insert(unique).second; ++n) unique = fmt::format("{}_{}", name, n);
  return unique;
}

}  // namespace wfc::target
