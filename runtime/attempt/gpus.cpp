// See gpus.h.
#include "runtime/attempt/gpus.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "runtime/attempt/process.h"

namespace wfc::run {

namespace {

/// Beside us, or on the PATH.
std::string helper() {
  std::string own = std::filesystem::path(ownPath()).parent_path().string() + "/wfr-nvml";
  return ::access(own.c_str(), X_OK) == 0 ? own : "wfr-nvml";
}

}  // namespace

std::string GpuRound::text() const {
  return fmt::format("{} {} {} {}", count, busy, memory, power);
}

GpuRound GpuRound::parse(llvm::StringRef text) {
  GpuRound round;
  for (int64_t* number : {&round.count, &round.busy, &round.memory, &round.power}) {
    llvm::StringRef word;
    std::tie(word, text) = text.split(' ');
    (void)word.getAsInteger(10, *number);
  }
  return round;
}

void GpuUse::add(const GpuRound& round, int64_t nowMs) {
  // The first stands for the moment that it was taken at.
  int64_t ms = overMs_ == 0 ? 1 : nowMs - lastMs_;
  lastMs_ = nowMs;
  busyMs_ += round.busy * ms;
  overMs_ += ms;
  energyUj_ += round.power * ms;
  memory_ = std::max(memory_, round.memory);
}

void GpuUse::add(const GpuUse& other) {
  busyMs_ += other.busyMs_;
  overMs_ += other.overMs_;
  energyUj_ += other.energyUj_;
  memory_ = std::max(memory_, other.memory_);
}

std::vector<std::string> gpusIn(llvm::StringRef list) {
  std::vector<std::string> gpus;
  llvm::SmallVector<llvm::StringRef> names;
  list.split(names, ',', -1, false);
  for (llvm::StringRef name : names) gpus.push_back(name.trim().str());
  return gpus;
}

void GpuMeter::open(const std::vector<std::string>& gpus, int64_t everyMs) {
  int ends[2];
  if (gpus.empty() || ::pipe2(ends, O_CLOEXEC) != 0) return;
  std::vector<std::string> words{helper(), std::to_string(everyMs)};
  words.insert(words.end(), gpus.begin(), gpus.end());
  Spawn what{words, {}, {}, {}, ends[1]};
  what.isInSession = true;
  pid_ = spawn(what);
  ::close(ends[1]);
  output_ = ends[0];
  ::fcntl(output_, F_SETFL, O_NONBLOCK);
}

GpuMeter::~GpuMeter() {
  if (output_ >= 0) ::close(output_);
  if (pid_ <= 0) return;
  killGroup(pid_);
  ::waitpid(pid_, nullptr, 0);
}

void GpuMeter::take(llvm::StringRef line, std::vector<GpuRound>& rounds) {
  llvm::SmallVector<llvm::StringRef> words;
  line.trim().split(words, ' ', -1, false);
  int64_t busy = 0, memory = 0, power = 0;
  if (words.size() == 1 && words[0] == "end") {
    if (round_.count > 0) {
      round_.busy /= round_.count;
      rounds.push_back(round_);
    }
    round_ = {};
  } else if (words.size() == 4 && !words[1].getAsInteger(10, busy) &&
             !words[2].getAsInteger(10, memory) && !words[3].getAsInteger(10, power)) {
    ++round_.count;
    round_.busy += busy * 10;
    round_.memory = std::max(round_.memory, memory);
    round_.power += power;
  }
}

std::vector<GpuRound> GpuMeter::read() {
  std::vector<GpuRound> rounds;
  if (output_ < 0) return rounds;
  if (lines_.read(output_, [&](llvm::StringRef line) { take(line, rounds); })) return rounds;
  ::close(output_);
  output_ = -1;
  return rounds;
}

}  // namespace wfc::run
