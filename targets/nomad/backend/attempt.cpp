// See attempt.h.
#include "targets/nomad/backend/attempt.h"

#include <sys/stat.h>

#include "compiler/target/text/manifest.h"

namespace wfc::nomad {

using run::AttemptSignals;

std::string jobFile(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  return run::workFolder(run, instance, attempt) + ".job";
}

std::string wishFile(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  return run::workFolder(run, instance, attempt) + ".wish";
}

std::string hashOf(llvm::StringRef bytes) { return target::blake3(bytes).substr(0, 32); }

bool writeWish(const std::string& run, llvm::StringRef instance, uint32_t attempt,
               AttemptSignals::Wish wish) {
  return run::writeWhole(wishFile(run, instance, attempt),
                         wish == AttemptSignals::Deadline ? "deadline\n" : "stop\n");
}

AttemptSignals::Wish readWish(const std::string& path) {
  std::optional<std::string> text = run::readFile(path);
  if (!text) return AttemptSignals::GoOn;
  return *text == "deadline\n" ? AttemptSignals::Deadline : AttemptSignals::Stop;
}

bool showsLife(const std::string& run, llvm::StringRef instance, uint32_t attempt) {
  std::optional<run::Claim> claim = run::readClaim(run, instance, attempt);
  if (!claim) return false;
  if (int alive = run::lives(claim->wrapper); alive >= 0) return alive == 1;
  struct stat info{};
  std::string path = run::workFolder(run, instance, attempt) + "/.claim";
  if (::stat(path.c_str(), &info) != 0) return false;
  // Clocks of nodes may differ by a little.
  return run::nowMs() - static_cast<int64_t>(info.st_mtim.tv_sec) * 1000 < 6 * kBeatMs;
}

}  // namespace wfc::nomad
