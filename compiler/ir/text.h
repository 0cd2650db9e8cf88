// The text form of a module, `.wfir`: print, parse, verify. print -> parse -> print is the
// identity; equality of modules is equality of texts. Comments (`//`) and RUN lines are allowed, so
// a module file is a test file.
#pragma once

#include <string>

#include "compiler/ir/module.h"

namespace wfc::ir {

std::string print(const Module& module);

/// A type as written in the language: `Int`, `[Scores]`, `[Length: Bytes]`, `Checkpoint?`, `set of
/// Raster`. An instant is `Time`; the windows of a cycle are `Span` (ends are dates) or `TimeSpan`.
std::string typeText(const Module& module, TypeId type);

/// The module, or the first mistake with its line (1-based).
struct ParseResult {
  std::optional<Module> module;
  std::string error;
  uint32_t line = 0;
};
ParseResult parse(llvm::StringRef text);

/// Broken promises of the module's stage, one line each; empty if sound. Ids in range, families and
/// arguments of equal number, types of arguments equal to those of inputs, loops form a tree,
/// references name the producer's loops one for one, checked: no Error expression; planned: every
/// family has a placement and every need is a constant or depends on inputs only; legal: target
/// set.
std::vector<std::string> verify(const Module& module);

}  // namespace wfc::ir
