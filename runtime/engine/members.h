// Members of sets: patterns such as `<z>/<x>/<y>.gpkg`, keys read from paths, and the building of
// batches, groups and products.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/impl.h"

namespace wfc::run {

/// Names of a pattern's holes, in order.
std::vector<std::string> patternNames(llvm::StringRef pattern);
/// The texts of the holes if the whole path fits; a hole matches one or more bytes but no `/`.
std::optional<std::vector<std::string>> matchPattern(llvm::StringRef pattern, llvm::StringRef path);
/// A key field read from a path's hole; a text where it is none of the kind.
ir::Value keyValue(ir::Type::Kind kind, const std::string& text);
/// A member's key: its key fields, else its path.
std::string memberKey(const ir::Module& module, const ir::Value& value, llvm::StringRef path);
/// Every item of `a` with every item of `b` as a further field.
std::vector<Item> crossed(const std::vector<Item>& a, const std::vector<Item>& b,
                          ir::TypeId record);

}  // namespace wfc::run
