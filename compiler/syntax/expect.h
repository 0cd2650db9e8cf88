// Which words of the language may stand at a place: the grammar is read up to it, and asked what it
// would go on with.
#pragma once

#include <string_view>
#include <vector>

namespace wfc::syntax {

/// Words in the order of the grammar. Text behind `offset` is not looked at.
std::vector<std::string_view> wordsAt(std::string_view text, uint32_t offset);

}  // namespace wfc::syntax
