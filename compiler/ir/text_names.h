// How the text form spells things: names of entities, made unique, and types, values and strings.
// The printer owns the decisions; the parser reads what they give.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/ir/module.h"

namespace wfc::ir {

/// The name of each row of each table as the text form writes it, sigil included: `%w`, `%w.2` for
/// the second of that name,
/// `@"any text"` where it is not a plain word.
struct Names {
  explicit Names(const Module& module);
  std::vector<std::string> types, kinds, tasks, spaces, loops, refs, families;
};

/// A JSON string: the short escapes, \u00xx for other controls, all other bytes as they are.
std::string quoted(llvm::StringRef text);
/// True for `[A-Za-z_][A-Za-z0-9_]*`.
bool isPlainWord(llvm::StringRef text);
/// ` loc(1:47:5)`, or nothing for nowhere.
std::string locText(const Loc& loc);

/// Names that every module has: the basic types from None to Secret in the order of Type::Kind,
/// then `Span` and `TimeSpan`.
llvm::ArrayRef<llvm::StringLiteral> basicTypeNames();

/// Words of the operations that are written `word(a, b)`; empty for those with a form of their own.
llvm::StringRef wordOf(Op op);
std::optional<Op> opNamed(llvm::StringRef word);

}  // namespace wfc::ir
