// What lies in a store under a name now: an object, or what was made of a folder, or what others
// put there.
#pragma once

#include "runtime/s3/manifest.h"
#include "runtime/s3/store.h"

namespace wfc::s3 {

struct There {
  /// The object of this very key; it counts before anything below.
  std::optional<Object> object;
  /// What lies below, by the path there, without ours.
  std::map<std::string, Object> below;
  std::optional<Manifest> manifest;
  /// Of uploads that were killed.
  std::vector<std::string> notes;
  /// Somebody began to write it, and has not ended.
  bool isMarked = false;

  bool isAnything() const { return object || !below.empty() || manifest || isMarked; }
  /// Whether an object is as the manifest says.
  bool isAsSaid(const std::string& name, const Entry& entry) const;
};

/// False if it cannot be found out; a problem was noted. A listing comes first: what is wrong with
/// name, keys or region it tells in words, and a look at an object does not.
bool lookThere(Store& store, const Address& address, There& there);

/// A tree of it, whose files the carrier brings; what would lead out of a folder is refused.
bool treeOf(Store& store, const Address& address, const There& there, move::Tree& tree);

}  // namespace wfc::s3
