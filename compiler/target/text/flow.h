// Pieces of a flow's text, for those that write one out of another system's documents.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "llvm/ADT/StringRef.h"

namespace wfc::target {

/// A string of the language: nothing in it is an escape or a hole.
std::string flowString(llvm::StringRef text);

/// `8h`, `90min`, `5s`: one number and one unit, as the language has a duration.
std::string flowDuration(int64_t ms);

/// Whether the language keeps a word for itself.
using IsReserved = std::function<bool(llvm::StringRef)>;

/// Names of one scope: none twice, none reserved.
class FlowNames {
 public:
  explicit FlowNames(IsReserved isReserved, std::set<std::string> used = {})
      : isReserved_(std::move(isReserved)), used_(std::move(used)) {}

  /// A new one as near to `text` as letters, digits and `_` allow; `lead` goes before what begins
  /// with no letter.
  std::string like(llvm::StringRef text, llvm::StringRef lead = "t_");

 private:
  IsReserved isReserved_;
  std::set<std::string> used_;
};

}  // namespace wfc::target
