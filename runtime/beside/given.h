// What flags say, as values; what cannot be read is a Problem.
#pragma once

#include <optional>
#include <string>

#include "compiler/base/words.h"

namespace wfc::beside {

/// `--threads`, or what OMP_NUM_THREADS says, or as many as there are processors for this process.
unsigned threadsOf(const base::Given& given);

/// A whole number from `least` to `most`; `usual` where the flag was not given.
int numberOf(const base::Given& given, llvm::StringRef flag, int least, int most, int usual);

/// A number; nothing where the flag was not given.
std::optional<double> decimalOf(const base::Given& given, llvm::StringRef flag);

/// One of a few words; the first of them where the flag was not given.
std::string wordOf(const base::Given& given, llvm::StringRef flag,
                   const std::vector<std::string>& words);

}  // namespace wfc::beside
