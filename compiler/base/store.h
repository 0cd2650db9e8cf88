// A dense table of things named by typed ids, in creation order.
//
// Nothing is ever removed: an id stays good for the life of the store. References do not survive an
// `add`, so keep the id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "compiler/base/assert.h"

namespace wfc::base {

/// Things of type `T`, each named by an `IdType` (an instance of Id).
template <class T, class IdType>
class Store {
 public:
  IdType add(T thing) {
    things_.push_back(std::move(thing));
    return IdType{static_cast<uint32_t>(things_.size() - 1)};
  }

  T& operator[](IdType id) {
    WFC_ASSERT(id.v < things_.size(), "id outside its store");
    return things_[id.v];
  }
  const T& operator[](IdType id) const {
    WFC_ASSERT(id.v < things_.size(), "id outside its store");
    return things_[id.v];
  }

  size_t size() const { return things_.size(); }
  bool empty() const { return things_.empty(); }
  void reserve(size_t count) { things_.reserve(count); }

  /// The id of the n-th thing.
  IdType at(size_t index) const { return IdType{static_cast<uint32_t>(index)}; }

  auto begin() { return things_.begin(); }
  auto end() { return things_.end(); }
  auto begin() const { return things_.begin(); }
  auto end() const { return things_.end(); }

 private:
  std::vector<T> things_;
};

}  // namespace wfc::base
