// A file or a tree to a new name: scanned, made beside the destination, verified, flushed, renamed.
#pragma once

#include "runtime/move/place.h"
#include "runtime/move/report.h"

namespace wfc::move {

/// Copies what was scanned to a place; `summary` gets its hash. A place that has the same content
/// already is good, and left alone.
bool copyTo(Work& work, const Tree& from, Place& to, Summary& summary);

}  // namespace wfc::move
