// Polygons of a vector file: which cells of a grid have their centre inside, which features they
// meet.
#pragma once

#include <memory>
#include <ogr_geometry.h>
#include <string>
#include <vector>

#include "runtime/geo/raster.h"

namespace wfc::geo {

/// All polygons of a file, held in memory, in given coordinates. Threads may share it.
class Polygons {
 public:
  /// From all layers of the file at `path`; a Problem for a file without polygons.
  Polygons(const std::string& path, const OGRSpatialReference& crs);

  /// 1 for each cell of the window of a grid whose centre is inside of a polygon, else 0.
  void burn(const Grid& grid, const Window& window, std::vector<uint8_t>& inside) const;
  /// Whether a window may have a cell inside: its rectangle meets that of a polygon.
  bool mayMeet(const Grid& grid, const Window& window) const;
  /// Whether a geometry in the same coordinates has a point in common with one of them.
  bool meet(const OGRGeometry& geometry) const;

 private:
  struct One {
    std::unique_ptr<OGRGeometry> geometry;
    OGREnvelope envelope;
  };
  std::string path_;
  std::vector<One> polygons_;
};

}  // namespace wfc::geo
