// What an argument is, in words that a reader of an artifact knows from the flow.
#pragma once

#include <string>

#include "compiler/ir/module.h"

namespace wfc::target {

/// `w.first_day`, `if w is first then 0.0 else 100.0`, `model[w - 1] or none`. For a comment, on
/// one line; what would be long is cut.
std::string valueText(const ir::Module& module, ir::ExprId expr);

}  // namespace wfc::target
