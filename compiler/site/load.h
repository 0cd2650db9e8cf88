// From the text of a site file to a Site, with reports that point into it.
#pragma once

#include <optional>

#include "compiler/diag/emitter.h"
#include "compiler/site/site.h"
#include "compiler/source/sources.h"

namespace wfc::site {

/// The site that a file of `sources` describes; nullopt if anything in it is wrong.
std::optional<Site> load(const source::Sources& sources, source::FileId file,
                         diag::Emitter& emitter);

}  // namespace wfc::site
