// `wfr-geo footprint`: where files of rasters or features lie, a polygon for each.
//
// A raster's is its rectangle, without a look at its cells; features' is the convex hull of all of
// them, of which only the hull so far is held.
#include <filesystem>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/threads.h"
#include "runtime/geo/vector.h"

namespace wfc::geo {

namespace {

using Geometry = std::unique_ptr<OGRGeometry>;

/// Points to a side: a straight side is a curve in other coordinates.
constexpr int kPointsOfASide = 16;
/// Features between two looks at their hull.
constexpr int kBetween = 1000;

struct Footprint {
  Geometry geometry;
  int64_t features = 0;
};

Geometry rectangleOf(const Grid& grid) {
  auto ring = std::make_unique<OGRLinearRing>();
  double width = grid.right() - grid.left, height = grid.top - grid.bottom();
  for (int side = 0; side < 4; ++side) {
    for (int n = 0; n < kPointsOfASide; ++n) {
      double part = static_cast<double>(n) / kPointsOfASide;
      double x[] = {0, part, 1, 1 - part}, y[] = {part, 1, 1 - part, 0};
      ring->addPoint(grid.left + x[side] * width, grid.top - y[side] * height);
    }
  }
  ring->closeRings();
  auto polygon = std::make_unique<OGRPolygon>();
  polygon->addRingDirectly(ring.release());
  return polygon;
}

Footprint ofFeatures(const std::string& path, const OGRSpatialReference& crs) {
  Footprint footprint;
  OGRGeometryCollection parts;
  auto shrink = [&] {
    if (parts.getNumGeometries() == 0) return;
    footprint.geometry.reset(parts.ConvexHull());
    if (!footprint.geometry) failGdal(path, "has no convex hull");
    parts.empty();
    parts.addGeometry(footprint.geometry.get());
  };
  Dataset dataset = openVector(path);
  for (OGRLayer* layer : dataset->GetLayers()) {
    Reprojection reproject(path, *layer, crs);
    beginCall();
    for (OGRFeatureUniquePtr& feature : *layer) {
      Geometry geometry(feature->StealGeometry());
      if (!geometry || geometry->IsEmpty()) continue;
      reproject(*geometry);
      parts.addGeometryDirectly(geometry.release());
      if (++footprint.features % kBetween == 0) shrink();
    }
    if (hasFailed()) failGdal(path, "cannot be read to its end");
  }
  shrink();
  return footprint;
}

Footprint ofRaster(const std::string& path, const OGRSpatialReference& crs) {
  Raster raster(path);
  Footprint footprint;
  footprint.geometry = rectangleOf(raster.grid());
  Reprojection(path, raster.grid().crs, crs)(*footprint.geometry);
  return footprint;
}

Footprint footprintOf(const std::string& path, const OGRSpatialReference& crs) {
  GDALDriver* driver =
      GDALDriver::FromHandle(GDALIdentifyDriverEx(path.c_str(), GDAL_OF_RASTER, nullptr, nullptr));
  bool isRaster = driver != nullptr && llvm::StringRef(driver->GetDescription()) != "GPKG";
  return isRaster ? ofRaster(path, crs) : ofFeatures(path, crs);
}

/// A column of text and one of numbers beside the polygons.
void write(const std::vector<Footprint>& footprints, const base::Given& given,
           OGRSpatialReference& crs, const std::string& path) {
  std::string shown = given.get("--output");
  GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("GPKG");
  if (driver == nullptr) fail(shown, "cannot be made: this GDAL does not write GeoPackage");
  beginCall();
  Dataset dataset(driver->Create(path.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
  if (!dataset) failGdal(shown, "cannot be made");
  OGRLayer* layer = dataset->CreateLayer("footprints", &crs, wkbUnknown, nullptr);
  OGRFieldDefn file("file", OFTString), features("features", OFTInteger64);
  if (layer == nullptr || layer->CreateField(&file) != OGRERR_NONE ||
      layer->CreateField(&features) != OGRERR_NONE)
    failGdal(shown, "cannot be made");
  dataset->StartTransaction();
  for (size_t n = 0; n < footprints.size(); ++n) {
    if (!footprints[n].geometry) continue;
    OGRFeature row(layer->GetLayerDefn());
    row.SetGeometry(footprints[n].geometry.get());
    row.SetField("file", std::filesystem::path(given.words[n]).filename().c_str());
    row.SetField("features", static_cast<GIntBig>(footprints[n].features));
    if (layer->CreateFeature(&row) != OGRERR_NONE) failGdal(shown, "cannot be written");
  }
  dataset->CommitTransaction();
  dataset.reset();
  if (hasFailed()) failGdal(shown, "cannot be written");
}

}  // namespace

Summary footprintVerb(const base::Given& given) {
  std::string output = given.get("--output");
  std::string name = given.has("--crs") ? given.get("--crs") : "EPSG:4326";
  OGRSpatialReference crs;
  beginCall();
  if (crs.SetFromUserInput(name.c_str()) != OGRERR_NONE)
    failUse(fmt::format("`{}` is no coordinate system; one is EPSG:5070", name));
  crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  Aside aside(folderOf(output));
  std::vector<Footprint> footprints(given.words.size());
  inParallel(threadsOf(given), footprints.size(),
             [&](size_t, size_t n) { footprints[n] = footprintOf(given.words[n], crs); });
  write(footprints, given, crs, aside.path("footprints.gpkg"));
  int64_t count = 0, features = 0;
  for (const Footprint& footprint : footprints) {
    count += footprint.geometry ? 1 : 0;
    features += footprint.features;
  }
  if (count == 0)
    throw Problem{given.words.front(), "has nothing in it", "nothing was made", NothingThere};
  aside.publish("footprints.gpkg", output);
  return {fmt::format("{} footprints", count),
          llvm::json::Object{{"footprints", count}, {"features", features}}};
}

}  // namespace wfc::geo
