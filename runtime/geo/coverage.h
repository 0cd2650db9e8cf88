// How much of each cell of a grid polygons cover, exactly, and summed over all of them.
//
// Each edge of a ring adds, to the cells it runs through, what it encloses between itself and the
// eastern edge of the grid; a running sum along a row then is the area of the ring in each cell.
// (The method by which outlines of letters are drawn with smooth edges, as in font-rs or FreeType.)
// The time is that of the edges alone, however many cells a polygon covers. It holds for any
// ring that does not cross itself.
#pragma once

#include <ogr_geometry.h>
#include <vector>

#include "runtime/geo/raster.h"

namespace wfc::geo {

class Coverage {
 public:
  explicit Coverage(const Grid& grid);

  /// Adds a polygon, or several as one; parts outside of the grid count for nothing.
  void add(const OGRGeometry& geometry);
  /// Covered area by area of the cell, row by row: 1 is covered once, 2 twice.
  std::vector<double> cells() const;

 private:
  void addPolygon(const OGRPolygon& polygon);
  void addRing(const OGRLinearRing& ring, bool isHole);
  /// An edge in cells from the corner in the north-west, `sign` is the ring's.
  void addEdge(double x0, double y0, double x1, double y1, double sign);
  void addInRow(size_t row, double x0, double x1, double height);
  void addInGrid(double* row, double x0, double x1, double height) const;

  const Grid& grid_;
  /// One more than there are columns.
  const size_t stride_;
  std::vector<double> sums_;
};

}  // namespace wfc::geo
