// See vector.h.
#include "runtime/geo/vector.h"

#include <fmt/format.h>

#include "runtime/geo/problem.h"

namespace wfc::geo {

Dataset openVector(const std::string& path) {
  beginCall();
  Dataset dataset(
      GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR));
  if (!dataset) failGdal(path, "cannot be read as features");
  if (dataset->GetLayerCount() == 0) fail(path, "has no layer");
  return dataset;
}

bool isPolygonal(const OGRGeometry& geometry) {
  OGRwkbGeometryType type = wkbFlatten(geometry.getGeometryType());
  return type == wkbPolygon || type == wkbMultiPolygon;
}

OGRSpatialReference crsOf(OGRLayer& layer) {
  OGRSpatialReference crs;
  if (const OGRSpatialReference* own = layer.GetSpatialRef()) crs = *own;
  crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  return crs;
}

Reprojection::Reprojection(std::string path, OGRLayer& layer, const OGRSpatialReference& to)
    : Reprojection(std::move(path), crsOf(layer), to) {}

Reprojection::Reprojection(std::string path, const OGRSpatialReference& from,
                           const OGRSpatialReference& to)
    : path_(std::move(path)) {
  if (isSame(from, to)) return;
  if (from.IsEmpty() || to.IsEmpty())
    fail(path_, fmt::format("is in {}, and {} is wanted", nameOf(from), nameOf(to)),
         "ogr2ogr -a_srs says what its coordinates are");
  transformation_.reset(OGRCreateCoordinateTransformation(&from, &to));
  if (!transformation_) failGdal(path_, "cannot be brought into " + nameOf(to));
}

void Reprojection::operator()(OGRGeometry& geometry) const {
  if (!transformation_) return;
  beginCall();
  if (geometry.transform(transformation_.get()) != OGRERR_NONE)
    failGdal(path_, "has a geometry that has no place in the other coordinates");
}

}  // namespace wfc::geo
