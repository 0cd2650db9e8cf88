// See output.h.
#include "runtime/geo/output.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

CPLStringList optionsOf(const Grid& grid, const Layout& layout) {
  CPLStringList options;
  options.SetNameValue("COMPRESS", layout.compression.c_str());
  // Counts and shares of a tile are mostly zero: the quickest level leaves hardly more of them.
  if (layout.compression == "DEFLATE") options.SetNameValue("ZLEVEL", "1");
  if (grid.width > layout.block || grid.height > layout.block) {
    options.SetNameValue("TILED", "YES");
    options.SetNameValue("BLOCKXSIZE", fmt::format("{}", layout.block).c_str());
    options.SetNameValue("BLOCKYSIZE", fmt::format("{}", layout.block).c_str());
  } else {
    // One block is all of it.
    options.SetNameValue("BLOCKYSIZE", fmt::format("{}", grid.height).c_str());
  }
  options.SetNameValue("INTERLEAVE", "BAND");
  options.SetNameValue("BIGTIFF", "IF_SAFER");
  options.SetNameValue("NUM_THREADS", fmt::format("{}", layout.threads).c_str());
  return options;
}

}  // namespace

NewRaster::NewRaster(const std::string& path, std::string shown, const Grid& grid,
                     const Layout& layout)
    : shown_(std::move(shown)) {
  beginCall();
  GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("GTiff");
  if (driver == nullptr) fail(shown_, "cannot be made: this GDAL does not write GeoTIFF");
  CPLStringList options = optionsOf(grid, layout);
  dataset_.reset(driver->Create(path.c_str(), grid.width, grid.height, layout.bands, layout.type,
                                options.List()));
  if (!dataset_) failGdal(shown_, "cannot be made");
  double transform[6];
  grid.toGdal(transform);
  dataset_->SetGeoTransform(transform);
  if (!grid.crs.IsEmpty()) dataset_->SetSpatialRef(&grid.crs);
  for (int n = 1; n <= layout.bands && layout.nodata; ++n) band(n).SetNoDataValue(*layout.nodata);
}

void NewRaster::write(int number, const Window& window, const double* cells) {
  beginCall();
  if (band(number).RasterIO(GF_Write, window.x, window.y, window.width, window.height,
                            const_cast<double*>(cells), window.width, window.height, GDT_Float64, 0,
                            0, nullptr) != CE_None)
    failGdal(shown_, "cannot be written");
}

void NewRaster::writeBlocks(const Window& window, const std::vector<uint8_t>& cells) {
  int width = 0, height = 0;
  band(1).GetBlockSize(&width, &height);
  block_.resize(static_cast<size_t>(width) * static_cast<size_t>(height));
  beginCall();
  for (int x = 0; x < window.width; x += width) {
    auto part = static_cast<size_t>(std::min(width, window.width - x));
    for (int row = 0; row < window.height; ++row) {
      size_t from = static_cast<size_t>(row) * static_cast<size_t>(window.width);
      std::copy_n(cells.begin() + static_cast<ptrdiff_t>(from + static_cast<size_t>(x)), part,
                  block_.begin() + static_cast<ptrdiff_t>(row) * width);
    }
    if (band(1).WriteBlock(x / width, window.y / height, block_.data()) != CE_None)
      failGdal(shown_, "cannot be written");
  }
}

void NewRaster::close() {
  beginCall();
  GDALClose(dataset_.release());
  // Closing has no other way to tell of what it could not write.
  if (hasFailed()) failGdal(shown_, "cannot be written");
}

}  // namespace wfc::geo
