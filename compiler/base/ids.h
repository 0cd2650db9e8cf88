// Typed ids: small numbers that stand for things kept in a Store, so that a task's number cannot be
// used where a file's is wanted.
//
// An id says nothing about which store it belongs to; a module has one store per type. Ids are
// given out in creation order, and iteration follows it, which is what keeps every output
// deterministic.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

#include <llvm/ADT/DenseMapInfo.h>

namespace wfc::base {

/// A number that stands for one thing of the kind named by `Tag`. Default: none.
template <class Tag>
struct Id {
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  /// Index in the store, or kNone.
  uint32_t v = kNone;

  constexpr bool valid() const { return v != kNone; }
  constexpr uint32_t index() const { return v; }
  constexpr explicit operator bool() const { return valid(); }
  constexpr auto operator<=>(const Id&) const = default;
};

}  // namespace wfc::base

template <class Tag>
struct std::hash<wfc::base::Id<Tag>> {
  size_t operator()(wfc::base::Id<Tag> id) const noexcept { return std::hash<uint32_t>{}(id.v); }
};

template <class Tag>
struct llvm::DenseMapInfo<wfc::base::Id<Tag>> {
  using Id = wfc::base::Id<Tag>;
  // The id "none" stays usable as a key.
  static Id getEmptyKey() { return Id{Id::kNone - 1}; }
  static Id getTombstoneKey() { return Id{Id::kNone - 2}; }
  static unsigned getHashValue(Id id) { return DenseMapInfo<uint32_t>::getHashValue(id.v); }
  static bool isEqual(Id a, Id b) { return a == b; }
};
