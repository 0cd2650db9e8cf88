// The list of passes, and the runner that verifies after each.
#pragma once

#include <functional>

#include "llvm/ADT/ArrayRef.h"

#include "compiler/pass/pass.h"

namespace wfc::pass {

/// All passes, in the order of the pipeline.
llvm::ArrayRef<Pass> passes();
const Pass* find(llvm::StringRef name);

/// Runs one pass and the verifier. A broken promise is reported as wrong-module.
ir::Module run(const Pass& pass, ir::Module module, const Context& context);
/// Runs every pass whose stage the module has reached, up to `last`; stops at the first that
/// reports an error.
ir::Module runAll(ir::Module module, const Context& context, ir::Stage last);

}  // namespace wfc::pass
