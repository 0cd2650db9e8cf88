// Files of features: opening them, and bringing their geometries into other coordinates.
#pragma once

#include <memory>
#include <ogrsf_frmts.h>
#include <string>

#include "runtime/geo/raster.h"

namespace wfc::geo {

/// A Problem for what is no file of features, and for one without a layer.
Dataset openVector(const std::string& path);

/// The coordinates of a layer, east before north; empty where it does not say.
OGRSpatialReference crsOf(OGRLayer& layer);

/// A polygon, or several as one.
bool isPolygonal(const OGRGeometry& geometry);

/// Brings geometries into other coordinates.
class Reprojection {
 public:
  /// A Problem where one of the two systems is not known, unless both are not.
  Reprojection(std::string path, const OGRSpatialReference& from, const OGRSpatialReference& to);
  /// From those of a layer.
  Reprojection(std::string path, OGRLayer& layer, const OGRSpatialReference& to);
  void operator()(OGRGeometry& geometry) const;

 private:
  std::string path_;
  std::unique_ptr<OGRCoordinateTransformation> transformation_;
};

}  // namespace wfc::geo
