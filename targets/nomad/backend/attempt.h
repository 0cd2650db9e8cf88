// What coordinator and wrapper leave for one another about one attempt, in the run's folder:
//
//   RUN/work/FAMILY/KEY.N.job    a line of its own time, and what is to be done
//                                (runtime/attempt/job.h); the dispatch carries its hash
//   RUN/work/FAMILY/KEY.N.wish   that it should end: `stop` or `deadline`
#pragma once

#include <string>

#include "llvm/ADT/ArrayRef.h"

#include "runtime/attempt/run.h"

namespace wfc::nomad {

std::string jobFile(const std::string& run, llvm::StringRef instance, uint32_t attempt);
std::string wishFile(const std::string& run, llvm::StringRef instance, uint32_t attempt);
/// Of a job's file, as the dispatch names it.
std::string hashOf(llvm::StringRef bytes);

bool writeWish(const std::string& run, llvm::StringRef instance, uint32_t attempt,
               run::AttemptSignals::Wish wish);
run::AttemptSignals::Wish readWish(const std::string& path);

/// A wrapper shows that it lives by its claim's time, every so many milliseconds.
inline constexpr int64_t kBeatMs = 10000;
/// The wrapper that claimed an attempt lives: known on its own host, else shown by its beat.
bool showsLife(const std::string& run, llvm::StringRef instance, uint32_t attempt);

/// `wfr task`: one attempt, in the task of a dispatched job.
int task(llvm::ArrayRef<std::string> args);

}  // namespace wfc::nomad
