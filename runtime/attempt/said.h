// What a body says of its own end, in the file that WFR_SAID names: `wfr supervise` knows more of
// its ranks than an exit status holds.
#pragma once

#include <cstdint>
#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::run {

struct Said {
  std::string cause;  ///< `out_of_memory`, or empty
  std::string why;
  /// Of GPUs: per mille of the time that they were busy, bytes of the fullest, energy.
  int64_t gpuBusy = 0, gpuMemory = 0, gpuJoules = 0;
  /// Of processes that were not its children.
  int64_t cpuMs = 0, rss = 0;

  std::string text() const;
};

/// The file of an attempt.
std::string saidFile(const std::string& work);
/// Reads and removes it.
Said takeSaid(const std::string& work);

}  // namespace wfc::run
