// The tree as text, for tests and for looking at it. Short, one statement or clause a line; it
// shows everything that was read, and no ranges. There is no reader for it: source text is the form
// that is read.
#pragma once

#include <string>

#include "compiler/syntax/tree.h"

namespace wfc::syntax {

std::string printTree(const Tree& tree);

/// One expression on one line: `(+ a 1)`.
std::string printExpr(const Expr& expr);

}  // namespace wfc::syntax
