// How far a geometry of a GeoPackage reaches: what the triggers of its spatial index ask for.
#pragma once

#include <optional>

#include <llvm/ADT/ArrayRef.h>

namespace wfc::move {

struct Extent {
  double minX, maxX, minY, maxY;
};

/// The extent of a GeoPackage geometry (its header, then well-known binary); nothing if it is empty
/// or is none.
std::optional<Extent> extentOf(llvm::ArrayRef<uint8_t> blob);

}  // namespace wfc::move
