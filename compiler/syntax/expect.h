// Which words of the language may stand at a place: the grammar is read up to it, and asked what it
// would go on with.
#pragma once

#include <string_view>
#include <vector>

namespace wfc::syntax {

struct Words {
  std::vector<std::string_view> words;  ///< in the order of the grammar
  bool isStatement = false;             ///< a statement may begin there
  bool isValue = false;                 ///< a value may
};

/// The words that begin with `beginning`. Text behind `offset` is not looked at.
Words wordsAt(std::string_view text, uint32_t offset, std::string_view beginning = {});

}  // namespace wfc::syntax
