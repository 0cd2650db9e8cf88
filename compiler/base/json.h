// JSON as LLVM writes it, but for its numbers: in the fewest digits that read back as the same,
// where LLVM prints seventeen (0.058999999999999997). What is no number is null.
#pragma once

#include <llvm/Support/JSON.h>

namespace wfc::base {

void writeNumber(llvm::json::OStream& json, double value);
/// An attribute that is such a number.
void writeNumber(llvm::json::OStream& json, llvm::StringRef key, double value);
/// A whole value, keys in order, each level `indent` deeper; on one line without.
std::string jsonText(const llvm::json::Value& value, unsigned indent = 0);

}  // namespace wfc::base
