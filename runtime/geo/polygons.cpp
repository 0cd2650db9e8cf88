// See polygons.h.
#include "runtime/geo/polygons.h"

#include <algorithm>
#include <gdal_alg.h>
#include <ogrsf_frmts.h>

#include <fmt/format.h>

#include "runtime/geo/problem.h"
#include "runtime/geo/vector.h"

namespace wfc::geo {

namespace {

OGREnvelope envelopeOf(const Grid& grid, const Window& window) {
  OGREnvelope envelope;
  envelope.MinX = grid.left + window.x * grid.cellWidth;
  envelope.MaxX = grid.left + (window.x + window.width) * grid.cellWidth;
  envelope.MaxY = grid.top - window.y * grid.cellHeight;
  envelope.MinY = grid.top - (window.y + window.height) * grid.cellHeight;
  return envelope;
}

}  // namespace

Polygons::Polygons(const std::string& path, const OGRSpatialReference& crs) : path_(path) {
  Dataset dataset = openVector(path);
  for (OGRLayer* layer : dataset->GetLayers()) {
    Reprojection reproject(path, *layer, crs);
    beginCall();
    for (OGRFeatureUniquePtr& feature : *layer) {
      std::unique_ptr<OGRGeometry> geometry(feature->StealGeometry());
      if (!geometry || geometry->IsEmpty()) continue;
      if (!isPolygonal(*geometry))
        fail(path, fmt::format("feature {} is a {}, and polygons are wanted", feature->GetFID(),
                               geometry->getGeometryName()));
      reproject(*geometry);
      One& one = polygons_.emplace_back();
      geometry->getEnvelope(&one.envelope);
      one.geometry = std::move(geometry);
    }
    if (hasFailed()) failGdal(path, "cannot be read to its end");
  }
  if (polygons_.empty()) fail(path, "has no polygon");
}

bool Polygons::mayMeet(const Grid& grid, const Window& window) const {
  OGREnvelope envelope = envelopeOf(grid, window);
  return std::any_of(polygons_.begin(), polygons_.end(),
                     [&](const One& one) { return one.envelope.Intersects(envelope) != 0; });
}

bool Polygons::meet(const OGRGeometry& geometry) const {
  OGREnvelope envelope;
  geometry.getEnvelope(&envelope);
  return std::any_of(polygons_.begin(), polygons_.end(), [&](const One& one) {
    return one.envelope.Intersects(envelope) != 0 && one.geometry->Intersects(&geometry) != 0;
  });
}

void Polygons::burn(const Grid& grid, const Window& window, std::vector<uint8_t>& inside) const {
  inside.assign(window.cells(), 0);
  OGREnvelope envelope = envelopeOf(grid, window);
  std::vector<OGRGeometryH> met;
  for (const One& one : polygons_) {
    if (one.envelope.Intersects(envelope) != 0)
      met.push_back(OGRGeometry::ToHandle(one.geometry.get()));
  }
  if (met.empty()) return;
  GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("MEM");
  Dataset canvas(driver->Create("", window.width, window.height, 0, GDT_Byte, nullptr));
  CPLStringList options;
  char pointer[64] = {};
  pointer[CPLPrintPointer(pointer, inside.data(), sizeof pointer - 1)] = '\0';
  options.SetNameValue("DATAPOINTER", pointer);
  canvas->AddBand(GDT_Byte, options.List());
  double transform[6] = {envelope.MinX, grid.cellWidth, 0, envelope.MaxY, 0, -grid.cellHeight};
  canvas->SetGeoTransform(transform);
  int band = 1;
  std::vector<double> ones(met.size(), 1);
  beginCall();
  if (GDALRasterizeGeometries(GDALDataset::ToHandle(canvas.get()), 1, &band,
                              static_cast<int>(met.size()), met.data(), nullptr, nullptr,
                              ones.data(), nullptr, nullptr, nullptr) != CE_None)
    failGdal(path_, "cannot be burned into a grid");
}

}  // namespace wfc::geo
