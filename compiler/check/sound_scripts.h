// Scripts in which the rules found nothing, by all that the rules saw of them. An editor looks at a
// long file after every letter, and all but one of its scripts are as they were.
#pragma once

#include "llvm/ADT/StringMap.h"

namespace wfc::check {

class SoundScripts {
 public:
  bool contains(llvm::StringRef script) {
    auto known = isUsed_.find(script);
    if (known == isUsed_.end()) return false;
    return known->second = true;
  }
  void add(llvm::StringRef script) { isUsed_[script] = true; }

  /// After a check: forgets what it did not meet.
  void tidy() {
    for (auto it = isUsed_.begin(); it != isUsed_.end();) {
      auto entry = it++;
      if (entry->second)
        entry->second = false;
      else
        isUsed_.erase(entry);
    }
  }

 private:
  llvm::StringMap<bool> isUsed_;
};

}  // namespace wfc::check
