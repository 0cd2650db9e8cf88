// Where an instance stands in Rocoto and in the queue behind it, for `wfr why`.
#pragma once

#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::rocoto {

/// `Rocoto has it QUEUED as job 12`; empty: it has not submitted it.
std::string standing(const std::string& run, const std::string& family, uint32_t iteration);
/// The instance that a job stands for; empty: none.
std::string whose(const std::string& run, llvm::StringRef job);

}  // namespace wfc::rocoto
