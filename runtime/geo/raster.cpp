// See raster.h.
#include "runtime/geo/raster.h"

#include <cmath>
#include <gdal_utils.h>

#include <fmt/format.h>

#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

Dataset openRaster(const std::string& path) {
  beginCall();
  Dataset dataset(
      GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR));
  if (!dataset) failGdal(path, "cannot be read as a raster");
  if (dataset->GetRasterCount() == 0) fail(path, "has no band");
  return dataset;
}

/// A view of `source` on another grid: GDAL resamples what is read of it.
Dataset view(GDALDataset& source, const Grid& grid, const std::string& method, double nodata) {
  char* wkt = nullptr;
  grid.crs.exportToWkt(&wkt);
  std::string crs = wkt;
  CPLFree(wkt);
  auto number = [](double value) { return fmt::format("{}", value); };
  CPLStringList words;
  for (const std::string& word :
       {std::string("-of"), std::string("VRT"), std::string("-r"), method, std::string("-t_srs"),
        crs, std::string("-te"), number(grid.left), number(grid.bottom()), number(grid.right()),
        number(grid.top), std::string("-ts"), number(grid.width), number(grid.height),
        std::string("-dstnodata"), number(nodata)})
    words.AddString(word.c_str());
  GDALWarpAppOptions* options = GDALWarpAppOptionsNew(words.List(), nullptr);
  GDALDatasetH handle = &source;
  Dataset result(GDALDataset::FromHandle(GDALWarp("", nullptr, 1, &handle, options, nullptr)));
  GDALWarpAppOptionsFree(options);
  return result;
}

}  // namespace

std::optional<double> Grid::cellArea() const {
  if (crs.IsEmpty() || crs.IsGeographic()) return {};
  double metres = crs.GetLinearUnits();
  return cellWidth * metres * cellHeight * metres;
}

void Grid::toGdal(double transform[6]) const {
  transform[0] = left;
  transform[1] = cellWidth;
  transform[2] = 0;
  transform[3] = top;
  transform[4] = 0;
  transform[5] = -cellHeight;
}

Raster::Raster(const std::string& path) : path_(path), dataset_(openRaster(path)) { look(); }

Raster::Raster(const std::string& path, const Grid& grid, const std::string& method, double outside)
    : Raster(path) {
  if (grid_.crs.IsEmpty() != grid.crs.IsEmpty()) fail(path, differenceOf(grid, grid_));
  source_ = std::move(dataset_);
  beginCall();
  dataset_ = view(*source_, grid, method, nodata_.value_or(outside));
  if (!dataset_) failGdal(path, "cannot be resampled");
  look();
}

void Raster::look() {
  double transform[6];
  if (dataset_->GetGeoTransform(transform) != CE_None)
    fail(path_, "does not say where its cells lie", "gdal_edit.py -a_ullr gives it corners");
  if (transform[2] != 0 || transform[4] != 0 || transform[1] <= 0 || transform[5] >= 0)
    fail(path_, "is turned: its rows do not run from west to east, from north to south",
         "gdalwarp turns it");
  grid_.width = dataset_->GetRasterXSize();
  grid_.height = dataset_->GetRasterYSize();
  grid_.left = transform[0];
  grid_.top = transform[3];
  grid_.cellWidth = transform[1];
  grid_.cellHeight = -transform[5];
  if (const OGRSpatialReference* crs = dataset_->GetSpatialRef()) grid_.crs = *crs;
  grid_.crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  int hasNodata = 0;
  double nodata = band(1).GetNoDataValue(&hasNodata);
  nodata_ = hasNodata != 0 ? std::optional(nodata) : std::nullopt;
}

GDALRasterBand& Raster::band(int number) const {
  if (number > bands())
    fail(path_, fmt::format("has {} band{}, and band {} is asked for", bands(),
                            bands() == 1 ? "" : "s", number));
  return *dataset_->GetRasterBand(number);
}

int Raster::partWidth() const {
  int width = 0, height = 0;
  band(1).GetBlockSize(&width, &height);
  return width >= grid_.width ? grid_.width : std::max(1, 2048 / width) * width;
}

void Raster::readAs(int number, const Window& window, void* cells, GDALDataType type) const {
  beginCall();
  if (band(number).RasterIO(GF_Read, window.x, window.y, window.width, window.height, cells,
                            window.width, window.height, type, 0, 0, nullptr) != CE_None)
    failGdal(path_, fmt::format("cannot be read at column {}, row {}", window.x, window.y));
}

void Raster::read(int number, const Window& window, double* cells) const {
  readAs(number, window, cells, GDT_Float64);
}

void Raster::read(int number, const Window& window, uint8_t* cells) const {
  readAs(number, window, cells, GDT_Byte);
}

std::string nameOf(const OGRSpatialReference& crs) {
  if (crs.IsEmpty()) return "no coordinate system";
  const char* authority = crs.GetAuthorityName(nullptr);
  const char* code = crs.GetAuthorityCode(nullptr);
  if (authority != nullptr && code != nullptr) return fmt::format("{}:{}", authority, code);
  return crs.GetName();
}

bool isSame(const OGRSpatialReference& one, const OGRSpatialReference& other) {
  if (one.IsEmpty() || other.IsEmpty()) return one.IsEmpty() == other.IsEmpty();
  const char* lenient[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES",
                           "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS", nullptr};
  return one.IsSame(&other, lenient) != 0;
}

std::string differenceOf(const Grid& one, const Grid& other) {
  if (!isSame(one.crs, other.crs))
    return fmt::format("is in {}, not in {}", nameOf(other.crs), nameOf(one.crs));
  double near = 1e-6;
  if (std::abs(one.cellWidth - other.cellWidth) * one.width > near * one.cellWidth ||
      std::abs(one.cellHeight - other.cellHeight) * one.height > near * one.cellHeight)
    return fmt::format("has cells of {} x {}, not of {} x {}", other.cellWidth, other.cellHeight,
                       one.cellWidth, one.cellHeight);
  if (one.width != other.width || one.height != other.height)
    return fmt::format("has {} x {} cells, not {} x {}", other.width, other.height, one.width,
                       one.height);
  if (std::abs(one.left - other.left) > near * one.cellWidth ||
      std::abs(one.top - other.top) > near * one.cellHeight)
    return fmt::format("begins at {}, {}, not at {}, {}", other.left, other.top, one.left, one.top);
  return {};
}

}  // namespace wfc::geo
