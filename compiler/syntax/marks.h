// What a layout has to know of a text beyond its tokens: where things begin, and which signs belong
// to what. Noted by the parser as it reads, for who asks (compiler/format).
#pragma once

#include <cstdint>
#include <vector>

namespace wfc::syntax {

struct Mark {
  enum Kind : uint8_t {
    Item,      ///< a declaration, statement, flag, enumerator or field begins
    Clause,    ///< a clause of a task or pool begins
    Tail,      ///< what may follow a call or a loop's head begins: `limit`, `after` …
    Tight,     ///< a bracket that stands without a blank: of a call, an index, parameters
    TypeSign,  ///< `?`, `*` or `...` behind a type
    Prefix,    ///< the minus of a negative
  };
  uint32_t offset = 0;
  Kind kind = Item;
};

using Marks = std::vector<Mark>;

}  // namespace wfc::syntax
