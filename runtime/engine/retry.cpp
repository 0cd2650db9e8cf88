// See retry.h.
#include "runtime/engine/retry.h"

#include <cmath>

#include <llvm/ADT/STLExtras.h>

namespace wfc::run {

int64_t usesOf(const ir::Retry& clause, llvm::ArrayRef<ir::Outcome> counted) {
  return llvm::count_if(counted,
                        [&](ir::Outcome end) { return llvm::is_contained(clause.causes, end); });
}

std::optional<int64_t> retryAfter(const ir::Task& task, ir::Outcome end,
                                  llvm::ArrayRef<ir::Outcome> counted) {
  for (const ir::Retry& clause : task.retries) {
    if (!llvm::is_contained(clause.causes, end)) continue;
    int64_t uses = usesOf(clause, counted);
    if (uses > clause.count) return std::nullopt;
    return static_cast<int64_t>(static_cast<double>(clause.delayMs) *
                                std::pow(clause.growing, static_cast<double>(uses - 1)));
  }
  return std::nullopt;
}

}  // namespace wfc::run
