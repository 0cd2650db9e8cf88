// Tiles of the world by level, column and row, and the names of the files that hold them.
//
// A level has twice the columns and rows of the one above. Rows are counted from the north, columns
// from the west. OGC "Two Dimensional Tile Matrix Set" names the sets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/words.h"

#include "runtime/geo/raster.h"

namespace wfc::geo {

struct Tile {
  int z = 0, x = 0, y = 0;
  Tile parent() const { return {z - 1, x / 2, y / 2}; }
  bool operator<(const Tile& other) const;
  bool operator==(const Tile& other) const = default;
  /// `13/1418/908`
  std::string name() const;
};

/// A set of tile matrices whose tiles are squares.
struct Matrix {
  const char* name;
  const char* crs;
  /// The corner in the north-west, and a tile's side at level 0, in units of the CRS.
  double left, top, side;
  /// Tiles at level 0.
  int columns, rows;

  double sideAt(int z) const { return side / static_cast<double>(1 << z); }
  OGRSpatialReference system() const;
  /// The tile that a point lies in; on a border it is the one in the west, and in the north.
  Tile at(int z, double x, double y) const;
  bool contains(const Tile& tile) const;
};

/// Levels end here: cells of a millimetre.
constexpr int kDeepest = 28;

/// The one that `--matrix` names; `WorldCRS84Quad` where it was not given.
const Matrix& matrixOf(const base::Given& given);
extern const base::Flag kMatrixFlag;

/// What the end of a path says: `…/13/1418/908.tif`.
std::optional<Tile> tileOf(const std::string& path);
/// The same; a Problem where it does not say it, or no such tile is in the matrix.
Tile tileIn(const Matrix& matrix, const std::string& path);

/// The cells of a tile, `size` by `size`.
Grid gridOf(const Matrix& matrix, const Tile& tile, int size);

}  // namespace wfc::geo
