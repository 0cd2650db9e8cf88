// From text to Tree. Parsing never fails: what cannot be read becomes a hole and a diagnostic, and
// the rest is read on.
#pragma once

#include "compiler/diag/emitter.h"
#include "compiler/syntax/marks.h"
#include "compiler/syntax/readings.h"
#include "compiler/syntax/tree.h"

namespace wfc::syntax {

/// Parses one file of `sources`. The tree's text slices point into `sources`, which must outlive
/// it. `marks`, if somebody wants them: unordered, good for a text without mistakes. `before`, if
/// much is read that was read before.
Tree parse(const source::Sources& sources, source::FileId file, diag::Emitter& emitter,
           Marks* marks = nullptr, Readings* before = nullptr);

}  // namespace wfc::syntax
