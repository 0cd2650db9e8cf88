// Conditions on what nodes have, in the form that schedulers share: `(icelake|cascadelake)&nvme`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace wfc::ir {

/// Of each text, in which `|` stands between them, nodes have one feature at least.
std::string conditionOf(llvm::ArrayRef<std::string> features);
/// The other way round; a comma is an `&`. Nullopt: it says more than that, as `[a*2&b*1]` does.
std::optional<std::vector<std::string>> featuresIn(llvm::StringRef condition);

}  // namespace wfc::ir
