// See features.h.
#include "compiler/ir/features.h"

#include <algorithm>

namespace wfc::ir {

std::string conditionOf(llvm::ArrayRef<std::string> features) {
  std::string all;
  for (llvm::StringRef feature : features) {
    bool isGroup = features.size() > 1 && feature.contains('|');
    all += (all.empty() ? "" : "&") + (isGroup ? "(" + feature.str() + ")" : feature.str());
  }
  return all;
}

std::optional<std::vector<std::string>> featuresIn(llvm::StringRef condition) {
  std::vector<std::string> features;
  for (size_t begin = 0; begin <= condition.size();) {
    size_t end = std::min(condition.find_first_of("&,", begin), condition.size());
    llvm::StringRef part = condition.slice(begin, end);
    bool isWhole = begin == 0 && end == condition.size();
    bool isGroup = part.consume_front("(") && part.consume_back(")");
    bool isMixed = !isGroup && !isWhole && part.contains('|');
    if (isMixed || part.empty() || part.find_first_of("()[]*") != llvm::StringRef::npos)
      return std::nullopt;
    features.push_back(part.str());
    begin = end + 1;
  }
  return features;
}

}  // namespace wfc::ir
