// `wfc fmt`: the one layout of a text.
//
// Line ends stay where the author put them, as gofmt leaves them; blanks, indentation and empty
// lines are ours. Columns are aligned where somebody has begun to align them. Comments, strings and
// scripts keep every byte, but that a text of three quotes moves with its line.
#pragma once

#include <optional>
#include <string>

#include "compiler/diag/emitter.h"
#include "compiler/source/sources.h"

namespace wfc::format {

/// The file's text in the one layout; nullopt where it has mistakes, which are reported then. The
/// result is read again, and means the same: anything else is a bug of ours.
std::optional<std::string> format(source::Sources& sources, source::FileId file,
                                  diag::Emitter& emitter);

}  // namespace wfc::format
