// From a module's locations (file, line, column) back to ranges of the sources, for reports after
// the tree is gone.
#pragma once

#include "compiler/ir/module.h"
#include "compiler/source/sources.h"

namespace wfc::target {

class Locator {
 public:
  /// Both must outlive it. Files of the module that `sources` does not hold give ranges that are
  /// nowhere.
  Locator(const source::Sources& sources, const ir::Module& module)
      : sources_(sources), module_(module) {}

  /// The word (or number, or string) that begins at the location; columns count code points.
  source::Range operator()(ir::Loc loc) const;

 private:
  const source::Sources& sources_;
  const ir::Module& module_;
};

/// `aurora.wf:41`, or empty for nowhere.
std::string locationText(const ir::Module& module, ir::Loc loc);

}  // namespace wfc::target
