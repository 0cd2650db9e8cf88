// What flags say, as options; wrong ones are told in a sentence.
#pragma once

#include <optional>

#include "compiler/base/words.h"

#include "runtime/move/report.h"
#include "runtime/move/work.h"

namespace wfc::move {

/// `50MB/s`, `2GiB`; the `/s` may be left out. Nothing if it is no number of bytes.
std::optional<uint64_t> readBytes(llvm::StringRef text);

/// `90s`, `15min`, `2h`, `1d`, in seconds.
std::optional<double> readSeconds(llvm::StringRef text);

/// The options of the flags that all verbs have and those of this one; prints what is wrong.
std::optional<Options> readOptions(const base::Given& given);

/// What `archive` refuses: to remove a source without proof.
bool mayRemove(const Options& options);

/// Ends a verb: the summary where it was asked for, and the status.
int finish(Work& work, Summary& summary, const base::Given& given, double begun);

/// Prints `wfr: …` and gives the status for wrong use.
int wrongUse(const std::string& text);

}  // namespace wfc::move
