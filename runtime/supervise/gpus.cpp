// See gpus.h.
#include "runtime/supervise/gpus.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "runtime/attempt/process.h"
#include "runtime/supervise/options.h"

namespace wfc::supervise {

namespace {

/// Beside us, or on the PATH.
std::string helper() {
  std::string own = std::filesystem::path(ownPath()).parent_path().string() + "/wfr-nvml";
  return ::access(own.c_str(), X_OK) == 0 ? own : "wfr-nvml";
}

}  // namespace

std::string ownPath() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

std::vector<std::string> ownGpus() {
  std::vector<std::string> gpus;
  if (const char* given = std::getenv("CUDA_VISIBLE_DEVICES")) {
    llvm::SmallVector<llvm::StringRef> names;
    llvm::StringRef(given).split(names, ',', -1, false);
    for (llvm::StringRef name : names) gpus.push_back(name.trim().str());
    return gpus;
  }
  // A task of a flow has those that it asked for.
  if (std::getenv("WFR_INSTANCE") != nullptr) return gpus;
  for (unsigned n = 0; ::access(fmt::format("/dev/nvidia{}", n).c_str(), F_OK) == 0; ++n)
    gpus.push_back(std::to_string(n));
  return gpus;
}

void GpuMeter::open(const std::vector<std::string>& gpus, int64_t everyMs) {
  int ends[2];
  if (gpus.empty() || ::pipe2(ends, O_CLOEXEC) != 0) return;
  std::vector<std::string> words{helper(), std::to_string(everyMs)};
  words.insert(words.end(), gpus.begin(), gpus.end());
  run::Spawn what{words, {}, {}, {}, ends[1]};
  what.isInSession = true;
  pid_ = run::spawn(what);
  ::close(ends[1]);
  output_ = ends[0];
  ::fcntl(output_, F_SETFL, O_NONBLOCK);
}

GpuMeter::~GpuMeter() {
  if (output_ >= 0) ::close(output_);
  if (pid_ <= 0) return;
  run::killGroup(pid_);
  ::waitpid(pid_, nullptr, 0);
}

void GpuMeter::take(llvm::StringRef line, std::vector<std::string>& rounds) {
  llvm::SmallVector<llvm::StringRef> words;
  line.trim().split(words, ' ', -1, false);
  int64_t busy = 0, memory = 0, power = 0;
  if (words.size() == 1 && words[0] == "end") {
    if (count_ > 0)
      rounds.push_back(fmt::format("{} {} {} {}", count_, busy_ / count_, memory_, power_));
    count_ = busy_ = memory_ = power_ = 0;
  } else if (words.size() == 4 && !words[1].getAsInteger(10, busy) &&
             !words[2].getAsInteger(10, memory) && !words[3].getAsInteger(10, power)) {
    ++count_;
    busy_ += busy * 10;
    memory_ = std::max(memory_, memory);
    power_ += power;
  }
}

std::vector<std::string> GpuMeter::read() {
  std::vector<std::string> rounds;
  if (output_ < 0) return rounds;
  if (lines_.read(output_, [&](llvm::StringRef line) { take(line, rounds); })) return rounds;
  ::close(output_);
  output_ = -1;
  return rounds;
}

}  // namespace wfc::supervise
