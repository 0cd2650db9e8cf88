// See machine.h. A need larger than the whole machine is cut to the machine where the site says
// that sizes are only slots.
#include "runtime/control/machine.h"

#include <algorithm>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/engine/first_needs.h"

namespace wfc::run {

namespace {

int64_t countOfGpus() {
  int64_t count = 0;
  while (::access(fmt::format("/dev/nvidia{}", count).c_str(), F_OK) == 0) ++count;
  return count;
}

}  // namespace

Machine::Machine(int64_t cpus, int64_t memory, int64_t gpus)
    : cpus_(cpus), memory_(memory), disk_(INT64_MAX), gpus_(gpus) {
  freeAll();
}

void Machine::freeAll() {
  freeCpus_ = cpus_;
  freeMemory_ = memory_;
  freeDisk_ = disk_;
  freeLicences_ = licences_;
  for (int n = static_cast<int>(gpus_); n-- > 0;) freeGpus_.push_back(n);
}

Machine::Machine(const std::map<std::string, std::string>& facts, int jobs) : jobs_(jobs) {
  // A plan without facts of a site knows no sizes: whatever is there must do.
  isScaled_ = facts.empty();
  cpus_ = ::sysconf(_SC_NPROCESSORS_ONLN);
  memory_ = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  gpus_ = countOfGpus();
  disk_ = INT64_MAX;
  bool isStated = false;
  for (const auto& [key, value] : facts) {
    llvm::StringRef name(key);
    int64_t number = 0;
    bool isNumber = !llvm::StringRef(value).getAsInteger(10, number);
    if (key == "oversubscribe") isScaled_ = value == "true" || value == "1";
    if (key == "local_disk.bytes" && isNumber) disk_ = number;
    if (name.consume_front("licence.") && isNumber) licences_[name.str()] = number;
    // Slots of partitions count only where the site says that they are not hardware.
    if (!name.consume_front("partition.") || !isNumber) continue;
    auto [partition, what] = name.split('.');
    if (what == "cores") cpus_ = isStated ? std::max(cpus_, number) : number, isStated = true;
    if (what == "memory") memory_ = number;
    if (what.starts_with("gpus.")) gpus_ = std::max(gpus_, number);
  }
  // With -j the number of attempts is what the user wants bounded.
  if (jobs_ > 0) cpus_ = std::max<int64_t>(cpus_, jobs_);
  freeAll();
}

Held Machine::want(const Launch& launch) const {
  const Needs& needs = launch.needs;
  Held held;
  held.cpus = coresOf(needs);
  held.memory = needs.nodes * needs.memory;
  held.disk = needs.disk;
  held.licences = needs.licences;
  held.gpus.resize(static_cast<size_t>(needs.nodes * needs.gpus));
  if (needs.exclusive) held.cpus = cpus_;
  if (!isScaled_) return held;
  held.cpus = std::min(held.cpus, cpus_);
  held.memory = std::min(held.memory, memory_);
  held.disk = std::min(held.disk, disk_);
  held.gpus.resize(std::min<size_t>(held.gpus.size(), static_cast<size_t>(gpus_)));
  return held;
}

std::string Machine::tooLarge(const Launch& launch) const {
  Held held = want(launch);
  if (held.cpus > cpus_)
    return fmt::format("it needs {} cores, the machine has {}", held.cpus, cpus_);
  if (held.memory > memory_)
    return fmt::format("it needs {} MiB of memory, the machine has {}", held.memory >> 20,
                       memory_ >> 20);
  if (static_cast<int64_t>(held.gpus.size()) > gpus_)
    return fmt::format("it needs {} GPUs, the machine has {}", held.gpus.size(), gpus_);
  for (const auto& [name, count] : held.licences) {
    auto has = licences_.find(name);
    if (has == licences_.end() || has->second < count)
      return fmt::format("it needs {} licences of {}", count, name);
  }
  return {};
}

Fit Machine::take(const Launch& launch, Held& held) {
  if ((jobs_ > 0 && running_ >= jobs_) || freeCpus_ <= 0) return Fit::Full;
  held = want(launch);
  bool fits = held.cpus <= freeCpus_ && held.memory <= freeMemory_ && held.disk <= freeDisk_ &&
              held.gpus.size() <= freeGpus_.size();
  for (const auto& [name, count] : held.licences) fits &= freeLicences_[name] >= count;
  if (!fits) return Fit::TooLarge;
  held = adopt(launch);
  return Fit::Taken;
}

Held Machine::adopt(const Launch& launch) {
  Held held = want(launch);
  ++running_;
  freeCpus_ -= held.cpus;
  freeMemory_ -= held.memory;
  freeDisk_ -= held.disk;
  held.gpus.resize(std::min(held.gpus.size(), freeGpus_.size()));
  for (int& gpu : held.gpus) {
    gpu = freeGpus_.back();
    freeGpus_.pop_back();
  }
  for (const auto& [name, count] : held.licences) freeLicences_[name] -= count;
  return held;
}

void Machine::give(const Held& held) {
  --running_;
  freeCpus_ += held.cpus;
  freeMemory_ += held.memory;
  freeDisk_ += held.disk;
  freeGpus_.insert(freeGpus_.end(), held.gpus.begin(), held.gpus.end());
  // The lowest numbers first, whatever the order of ends was.
  std::sort(freeGpus_.rbegin(), freeGpus_.rend());
  for (const auto& [name, count] : held.licences) freeLicences_[name] += count;
}

}  // namespace wfc::run
