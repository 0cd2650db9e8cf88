// What every sync shares, whatever its two sides: how often, until when, and the way of one pass on
// this machine.
#pragma once

#include <functional>

#include "compiler/base/words.h"

#include "runtime/move/place.h"
#include "runtime/move/report.h"

namespace wfc::move {

/// Brings a folder, made if it is not there, up to date with a tree.
bool syncTo(Work& work, const Tree& from, Place& to, Summary& summary);

/// One pass; the exit status.
using Pass = std::function<int(const Options& options)>;

/// Runs a pass, or one after the other, as the flags `--every` and `--until` say.
int runPasses(const base::Given& given, const Pass& pass);

}  // namespace wfc::move
