// How evaluation reaches the builtin functions; their table is public in eval.h.
#pragma once

#include "compiler/ir/eval.h"

namespace wfc::ir {

/// Calls a builtin; arguments of the wrong number or kind are an error.
Result callBuiltin(const Module& module, llvm::StringRef name, llvm::ArrayRef<Value> args);

}  // namespace wfc::ir
