// What a task's `retry` says to ends: of the attempts of an instance, or of the allocations of a
// pool.
#pragma once

#include <cstdint>
#include <optional>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/ir/task.h"

namespace wfc::run {

/// What dies without a word counts against no limit, but for so many in a row: the next one counts
/// (semantics §12 "Attempts").
constexpr uint32_t kDeathsInARow = 10;

/// How many of these ends the clause names.
int64_t usesOf(const ir::Retry& clause, llvm::ArrayRef<ir::Outcome> counted);

/// How long (ms) after an end another try begins; nullopt: none does. `counted`: all ends that
/// count, this one among them.
std::optional<int64_t> retryAfter(const ir::Task& task, ir::Outcome end,
                                  llvm::ArrayRef<ir::Outcome> counted);

}  // namespace wfc::run
