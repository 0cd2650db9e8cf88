// Rasters to write: tiled GeoTIFFs, filled block by block.
#pragma once

#include <string>
#include <vector>

#include "runtime/geo/raster.h"

namespace wfc::geo {

/// What a new raster is to be.
struct Layout {
  int bands = 1;
  GDALDataType type = GDT_Byte;
  std::optional<double> nodata = {};
  /// `LZW`, `DEFLATE` or `NONE`.
  std::string compression = "LZW";
  /// Of a block's side, a multiple of 16.
  int block = 512;
  unsigned threads = 1;
};

/// A GeoTIFF at `path`, which is a name aside: it is whole once `close` has returned. `shown` is
/// the name it will have, for messages.
class NewRaster {
 public:
  NewRaster(const std::string& path, std::string shown, const Grid& grid, const Layout& layout);

  GDALRasterBand& band(int number) { return *dataset_->GetRasterBand(number); }
  void write(int band, const Window& window, const double* cells);
  /// Whole blocks of bytes, from the first column to the last: straight into the file.
  void writeBlocks(const Window& window, const std::vector<uint8_t>& cells);
  /// Everything is written, or a Problem says what was not.
  void close();

 private:
  Dataset dataset_;
  std::string shown_;
  std::vector<uint8_t> block_;
};

}  // namespace wfc::geo
