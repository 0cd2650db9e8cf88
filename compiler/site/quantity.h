// Sizes and times as texts with a unit, the way site files write them: "176GiB", "192GB", "8h",
// "5min".
//
// The language has its own literals (ir/eval.h); a site is read before there is a module, and needs
// only these few.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llvm/ADT/StringRef.h"

namespace wfc::site {

std::optional<int64_t> bytesOf(llvm::StringRef text);
std::optional<int64_t> millisecondsOf(llvm::StringRef text);
/// In the unit that gives the smallest number and is exact: `176GiB`, `192GB`.
std::string bytesText(int64_t bytes);
/// `8h`, `1h30min`, `90s`: the largest units that are exact.
std::string timeText(int64_t milliseconds);

}  // namespace wfc::site
