// `wfr-geo rasterize`: tiles of polygons as rasters of two bands, how many there are and how much
// they cover.
//
// A polygon counts in the cell that its centroid lies in, so over all tiles it counts once, and
// covers every cell that it reaches into. This is what the Permafrost Discovery Gateway does
// (viz-raster, statistics weighted by count and by area), from staged tiles like its own.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/coverage.h"
#include "runtime/geo/output.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/threads.h"
#include "runtime/geo/tiles.h"
#include "runtime/geo/vector.h"

namespace wfc::geo {

namespace {

/// Columns that staging writes; polygons without them are as good.
struct Columns {
  int x, y, isDuplicate;
  explicit Columns(const OGRFeatureDefn& defn)
      : x(defn.GetFieldIndex("staging_centroid_x")),
        y(defn.GetFieldIndex("staging_centroid_y")),
        isDuplicate(defn.GetFieldIndex("staging_duplicated")) {}
};

class Cells {
 public:
  explicit Cells(const Grid& grid)
      : grid_(grid), counts_(static_cast<size_t>(grid.width * grid.height)), covered_(grid) {}

  void add(const OGRFeature& feature, const OGRGeometry& geometry, const Columns& columns) {
    covered_.add(geometry);
    double x = 0, y = 0;
    if (columns.x >= 0 && columns.y >= 0 && feature.IsFieldSetAndNotNull(columns.x) != 0 &&
        feature.IsFieldSetAndNotNull(columns.y) != 0) {
      x = feature.GetFieldAsDouble(columns.x);
      y = feature.GetFieldAsDouble(columns.y);
    } else {
      OGRPoint centroid;
      if (geometry.Centroid(&centroid) != OGRERR_NONE) return;
      x = centroid.getX();
      y = centroid.getY();
    }
    count(x, y);
  }

  double total() const { return total_; }

  void write(NewRaster& raster) const {
    Window all{0, 0, grid_.width, grid_.height};
    raster.write(1, all, counts_.data());
    raster.write(2, all, covered_.cells().data());
  }

 private:
  /// On the border of two cells, a point belongs to the one in the west, and to the one in the
  /// north: every tile sees it the same way.
  void count(double x, double y) {
    double column = std::ceil((x - grid_.left) / grid_.cellWidth) - 1;
    double row = std::ceil((grid_.top - y) / grid_.cellHeight) - 1;
    if (column < 0 || row < 0 || column >= grid_.width || row >= grid_.height) return;
    counts_[static_cast<size_t>(row) * static_cast<size_t>(grid_.width) +
            static_cast<size_t>(column)] += 1;
    total_ += 1;
  }

  const Grid& grid_;
  std::vector<double> counts_;
  Coverage covered_;
  double total_ = 0;
};

/// All features of a tile, one after the other.
Cells cellsOf(const std::string& path, const Matrix& matrix, const Grid& grid) {
  Cells cells(grid);
  Dataset dataset = openVector(path);
  for (OGRLayer* layer : dataset->GetLayers()) {
    OGRSpatialReference crs = crsOf(*layer);
    if (!isSame(crs, grid.crs))
      fail(path,
           fmt::format("is in {}, and tiles of {} are in {}", nameOf(crs), matrix.name, matrix.crs),
           "`wfr-geo tile` makes tiles of any features");
    Columns columns(*layer->GetLayerDefn());
    beginCall();
    for (OGRFeatureUniquePtr& feature : *layer) {
      const OGRGeometry* geometry = feature->GetGeometryRef();
      if (geometry == nullptr || geometry->IsEmpty()) continue;
      if (columns.isDuplicate >= 0 && feature->GetFieldAsInteger(columns.isDuplicate) != 0)
        continue;
      if (!isPolygonal(*geometry))
        fail(path, fmt::format("feature {} is a {}, and polygons are wanted", feature->GetFID(),
                               geometry->getGeometryName()));
      cells.add(*feature, *geometry, columns);
    }
    // Reading ends early in a damaged file, with nothing but a word.
    if (hasFailed()) failGdal(path, "cannot be read to its end");
  }
  return cells;
}

}  // namespace

Summary rasterizeVerb(const base::Given& given) {
  const Matrix& matrix = matrixOf(given);
  int size = numberOf(given, "--size", 1, 8192, 256);
  std::string output = given.get("--output");
  Aside aside(madeFolder(output));
  std::vector<double> totals(given.words.size());
  inParallel(threadsOf(given), given.words.size(), [&](size_t, size_t n) {
    const std::string& path = given.words[n];
    Tile tile = tileIn(matrix, path);
    Grid grid = gridOf(matrix, tile, size);
    Cells cells = cellsOf(path, matrix, grid);
    std::string name = fmt::format("{}", n), to = fmt::format("{}/{}.tif", output, tile.name());
    Layout layout{.bands = 2, .type = GDT_Float64, .compression = "DEFLATE", .block = size};
    NewRaster raster(aside.path(name), to, grid, layout);
    raster.band(1).SetDescription("count");
    raster.band(2).SetDescription("coverage");
    cells.write(raster);
    raster.close();
    aside.publish(name, to);
    totals[n] = cells.total();
  });
  double total = 0;
  for (double one : totals) total += one;
  return {
      fmt::format("{} tiles, {} polygons", given.words.size(), total),
      llvm::json::Object{{"tiles", static_cast<int64_t>(given.words.size())}, {"count", total}}};
}

}  // namespace wfc::geo
