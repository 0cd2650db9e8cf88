// Rasters to read: where their cells lie, and a band of them.
#pragma once

#include <algorithm>
#include <gdal_priv.h>
#include <memory>
#include <ogr_spatialref.h>
#include <optional>
#include <string>
#include <vector>

namespace wfc::geo {

struct CloseDataset {
  void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<GDALDataset, CloseDataset>;

/// Where the cells of a raster lie: `width` by `height` of them, rows from north to south.
struct Grid {
  int width = 0, height = 0;
  /// The corner in the north-west, and the sides of a cell, in units of `crs`; `cellHeight` is
  /// positive.
  double left = 0, top = 0, cellWidth = 0, cellHeight = 0;
  OGRSpatialReference crs;

  double right() const { return left + width * cellWidth; }
  double bottom() const { return top - height * cellHeight; }
  /// Square metres of a cell: width times height; nothing for coordinates in degrees.
  std::optional<double> cellArea() const;
  /// As GDAL wants it.
  void toGdal(double transform[6]) const;
};

/// A window of cells.
struct Window {
  int x = 0, y = 0, width = 0, height = 0;
  size_t cells() const { return static_cast<size_t>(width) * static_cast<size_t>(height); }
};

/// Cells that are read at once as doubles: 8 MiB.
constexpr int kPartCells = 1 << 20;

/// A raster that lies in a file. Not for two threads at once: each opens its own.
class Raster {
 public:
  /// Whose cells lie along the axes of their coordinates; a Problem for anything else.
  explicit Raster(const std::string& path);
  /// The same, resampled to another grid block by block as it is read; what lies outside is nodata.
  /// `method` is GDAL's word, as `near`. Of rasters without nodata, `outside` is what lies there.
  Raster(const std::string& path, const Grid& grid, const std::string& method, double outside);

  const std::string& path() const { return path_; }
  const Grid& grid() const { return grid_; }
  GDALDataset& dataset() const { return *dataset_; }
  int bands() const { return dataset_->GetRasterCount(); }
  /// Of band 1.
  std::optional<double> nodata() const { return nodata_; }
  GDALDataType type() const { return band(1).GetRasterDataType(); }
  /// How many columns are best read at once: all of them where blocks are whole rows.
  int partWidth() const;
  /// A Problem if there are fewer bands.
  GDALRasterBand& band(int number) const;
  /// Cells of a band, as doubles or as bytes.
  void read(int number, const Window& window, double* cells) const;
  void read(int number, const Window& window, uint8_t* cells) const;

 private:
  void readAs(int number, const Window& window, void* cells, GDALDataType type) const;
  void look();

  std::string path_;
  Dataset source_, dataset_;
  Grid grid_;
  std::optional<double> nodata_;
};

/// Calls `one(n, value)` for the cells of a window, n counting them row by row, and reads them in
/// parts that fit the raster's own blocks: `buffer` stays small however wide the window is.
template <class One>
void forParts(const Raster& raster, int band, const Window& window, std::vector<double>& buffer,
              One one) {
  int width = std::min(window.width, raster.partWidth());
  int height = std::clamp(kPartCells / std::max(width, 1), 1, window.height);
  for (int y = 0; y < window.height; y += height) {
    for (int x = 0; x < window.width; x += width) {
      Window part{window.x + x, window.y + y, std::min(width, window.width - x),
                  std::min(height, window.height - y)};
      buffer.resize(part.cells());
      raster.read(band, part, buffer.data());
      size_t n = 0;
      for (int row = y; row < y + part.height; ++row) {
        size_t at = static_cast<size_t>(row) * static_cast<size_t>(window.width);
        for (int column = x; column < x + part.width; ++column)
          one(at + static_cast<size_t>(column), buffer[n++]);
      }
    }
  }
}

/// What keeps two rasters from being compared cell by cell, in words; empty: nothing. Corners may
/// differ by a millionth of a cell.
std::string differenceOf(const Grid& one, const Grid& other);

/// `EPSG:5070`, or the name of the system; `no coordinate system`.
std::string nameOf(const OGRSpatialReference& crs);

/// Whether coordinates of one are coordinates of the other.
bool isSame(const OGRSpatialReference& one, const OGRSpatialReference& other);

}  // namespace wfc::geo
