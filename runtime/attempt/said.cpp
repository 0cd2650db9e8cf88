// See said.h. Lines `KEY VALUE`; what is not known is not read.
#include "runtime/attempt/said.h"

#include <algorithm>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

std::string Said::text() const {
  std::string line = why;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return fmt::format(
      "cause {}\nwhy {}\ngpu_busy {}\ngpu_memory {}\ngpu_joules {}\ncpu_ms {}\nrss {}\n", cause,
      line, gpuBusy, gpuMemory, gpuJoules, cpuMs, rss);
}

std::string saidFile(const std::string& work) { return work + "/.said"; }

Said takeSaid(const std::string& work) {
  Said said;
  std::string path = saidFile(work), text = readFile(path).value_or("");
  for (llvm::StringRef line : llvm::split(llvm::StringRef(text), '\n')) {
    auto [key, value] = line.split(' ');
    if (key == "cause") said.cause = value.str();
    if (key == "why") said.why = value.str();
    int64_t number = 0;
    if (value.getAsInteger(10, number) || number < 0) continue;
    if (key == "gpu_busy") said.gpuBusy = number;
    if (key == "gpu_memory") said.gpuMemory = number;
    if (key == "gpu_joules") said.gpuJoules = number;
    if (key == "cpu_ms") said.cpuMs = number;
    if (key == "rss") said.rss = number;
  }
  if (!text.empty()) ::unlink(path.c_str());
  return said;
}

}  // namespace wfc::run
