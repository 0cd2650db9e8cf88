// Looking an entry up by whatever the user knows of it.
#include "compiler/diag/entry.h"

#include <algorithm>

namespace wfc::diag {

const Entry* findEntry(std::string_view idOrName) {
  for (const Entry& entry : entries()) {
    if (entry.id == idOrName || entry.name == idOrName) return &entry;
  }
  for (const Entry& entry : entries()) {
    if (std::find(entry.was.begin(), entry.was.end(), idOrName) != entry.was.end()) return &entry;
  }
  return nullptr;
}

}  // namespace wfc::diag
