// What attempts read from outside the run, by content: so that a run knows later whether a file
// that was touched has changed. A file's hash is worked out once for all who read it:
// RUN/ledger/inputs holds one small file for each, good as long as size, times and inode are the
// same.
//
// Of more than kMostHashed bytes, or of a folder of more than kMostFiles, sizes and times stand for
// the content: touching it then looks like a change, never the other way round.
#pragma once

#include <string>
#include <vector>

#include "runtime/attempt/job.h"

namespace wfc::run {

inline constexpr uint64_t kMostHashed = uint64_t(1) << 30;
inline constexpr size_t kMostFiles = 10000;

/// What a file or folder holds now, as one word. `mayNote`: its hash is kept for others.
std::string contentOf(const std::string& run, const JobInput& input, bool mayNote);
/// The content that was noted last, when an attempt read it; empty: none was.
std::string notedContent(const std::string& run, const std::string& path);

/// Before the body: sizes and times.
std::string glimpse(const std::vector<JobInput>& inputs);
/// After it: a hash over all of them; empty: there are none. `before` tells whether they stayed.
std::string hashOutside(const std::string& run, const std::vector<JobInput>& inputs,
                        const std::string& before);
/// The same as they are now, without a trace.
std::string hashOutsideNow(const std::string& run, const std::vector<JobInput>& inputs);

}  // namespace wfc::run
