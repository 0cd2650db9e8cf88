// See pulse.h.
#include "runtime/supervise/pulse.h"

#include <algorithm>

#include <fmt/format.h>

namespace wfc::supervise {

namespace {

/// Less of one core than that is waiting: threads that look at their watch now and then.
constexpr int64_t kLeastPerMille = 20;

std::string span(int64_t ms) {
  int64_t s = ms / 1000;
  if (s < 120) return fmt::format("{} s", s);
  return s < 7200 ? fmt::format("{} min", s / 60) : fmt::format("{} h", s / 3600);
}

}  // namespace

int64_t Pulse::allCpu() const {
  int64_t all = 0;
  for (const auto& [seat, ms] : cpu_) all += ms;
  return all;
}

void Pulse::gpu(int node, int64_t now, const run::GpuRound& round) {
  gpus_[node].add(round, now);
  wasGpuBusy_ |= round.busy > 0;
}

Pulse::State Pulse::look(int64_t now, std::string& why) {
  if (silenceMs_ > 0 && now - heardAt_ >= silenceMs_) {
    why = fmt::format("hung: nothing was printed or saved for {}", span(now - heardAt_));
    return Hung;
  }
  if (since_ == heardAt_ && now - since_ < 1000) cpuBefore_ = allCpu(), wasGpuBusy_ = false;
  if (heartbeatMs_ <= 0 || now - since_ < heartbeatMs_) return Fine;
  int64_t used = allCpu() - cpuBefore_, perMille = used * 1000 / std::max<int64_t>(1, now - since_);
  bool isAtWork = perMille >= kLeastPerMille || wasGpuBusy_;
  why = fmt::format("nothing was printed or saved for {}", span(now - heardAt_));
  if (!isAtWork) {
    why = fmt::format("hung: {}, and nothing computed", why);
    return Hung;
  }
  why = fmt::format("slow: {}, but it computes ({:.1f} cores{})", why,
                    static_cast<double>(perMille) / 1000, wasGpuBusy_ ? ", GPUs busy" : "");
  since_ = now;
  cpuBefore_ = allCpu();
  wasGpuBusy_ = false;
  return Slow;
}

}  // namespace wfc::supervise
