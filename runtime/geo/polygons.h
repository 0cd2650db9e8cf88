// Polygons of a vector file, burned into windows of a grid: which cells have their centre inside.
#pragma once

#include <memory>
#include <ogr_geometry.h>
#include <string>
#include <vector>

#include "runtime/geo/raster.h"

namespace wfc::geo {

/// All polygons of a file, held in memory, in the coordinates of a grid. Threads may share it.
class Polygons {
 public:
  /// From all layers of the file at `path`; a Problem for a file without polygons.
  Polygons(const std::string& path, const Grid& grid);

  /// 1 for each cell of the window whose centre is inside of a polygon, else 0.
  void burn(const Window& window, std::vector<uint8_t>& inside) const;
  /// Whether a window may have a cell inside: its rectangle meets that of a polygon.
  bool mayMeet(const Window& window) const;

 private:
  OGREnvelope envelopeOf(const Window& window) const;

  struct One {
    std::unique_ptr<OGRGeometry> geometry;
    OGREnvelope envelope;
  };
  std::string path_;
  const Grid grid_;
  std::vector<One> polygons_;
};

}  // namespace wfc::geo
