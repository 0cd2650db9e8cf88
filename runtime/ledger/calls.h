// How often a run asked its scheduler, by program: RUN/ledger/calls, one small file a process,
// folded now and then.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace wfc::run {

using CallCounts = std::map<std::string, uint64_t>;

/// Adds what this process has counted.
void noteCalls(const std::string& run, const CallCounts& counts);
/// All processes together; empty: the run asked nobody.
CallCounts countedCalls(const std::string& run);
/// Makes one file of them when they are many; only for whoever holds the run's lease.
void foldCalls(const std::string& run);

}  // namespace wfc::run
