// See staging.h.
#include "runtime/geo/staging.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

/// So many files are open at once; each takes half a MiB of memory.
constexpr size_t kOpenAtOnce = 128;
constexpr const char* kLayer = "polygons";

struct Column {
  const char* name;
  OGRFieldType type;
  OGRFieldSubType subtype = OFSTNone;
};
/// What staging adds; as the Permafrost Discovery Gateway names it (viz-staging).
constexpr Column kColumns[] = {{"staging_area", OFTReal},
                               {"staging_centroid_tile", OFTString},
                               {"staging_centroid_within_tile", OFTInteger, OFSTBoolean},
                               {"staging_centroid_x", OFTReal},
                               {"staging_centroid_y", OFTReal},
                               {"staging_filename", OFTString},
                               {"staging_identifier", OFTString},
                               {"staging_tile", OFTString}};

bool isOurs(const char* name) {
  return std::any_of(std::begin(kColumns), std::end(kColumns), [&](const Column& column) {
    return llvm::StringRef(name).equals_insensitive(column.name);
  });
}

/// A column of one that the other does not have; empty: there is none.
std::string missing(const OGRFeatureDefn& one, const OGRFeatureDefn& other) {
  for (int n = 0; n < one.GetFieldCount(); ++n) {
    const char* name = one.GetFieldDefn(n)->GetNameRef();
    if (other.GetFieldIndex(name) < 0) return name;
  }
  return {};
}

}  // namespace

void Staging::begin(const std::string& path, OGRLayer& layer) {
  source_ = path.substr(path.rfind('/') + 1);
  OGRFeatureDefn& here = *layer.GetLayerDefn();
  if (!columns_) {
    columns_.reset(here.Clone());
    columns_->Reference();
    first_ = path;
    return;
  }
  std::string more = missing(here, *columns_), less = missing(*columns_, here);
  if (!more.empty() || !less.empty())
    fail(path,
         more.empty() ? fmt::format("has no column `{}`, which {} has", less, first_)
                      : fmt::format("has a column `{}`, which {} has not", more, first_),
         "features with the same columns go into the same tiles");
}

std::string Staging::nameOf(const Tile& tile) const {
  return fmt::format("{}-{}-{}.gpkg", tile.z, tile.x, tile.y);
}

void Staging::create(const Tile& tile, One& one) {
  GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("GPKG");
  if (driver == nullptr) fail(tile.name(), "cannot be made: this GDAL does not write GeoPackage");
  beginCall();
  one.dataset.reset(driver->Create(pathOf(tile).c_str(), 0, 0, 0, GDT_Unknown, nullptr));
  if (!one.dataset) failGdal(tile.name() + ".gpkg", "cannot be made");
  OGRSpatialReference crs = matrix_.system();
  one.layer = one.dataset->CreateLayer(kLayer, &crs, wkbUnknown, nullptr);
  if (one.layer == nullptr) failGdal(tile.name() + ".gpkg", "cannot be made");
  one.dataset->StartTransaction();
  for (int n = 0; n < columns_->GetFieldCount(); ++n) {
    OGRFieldDefn* column = columns_->GetFieldDefn(n);
    bool isKept = !isOurs(column->GetNameRef());
    if (isKept && one.layer->CreateField(column) != OGRERR_NONE)
      failGdal(first_,
               fmt::format("has a column `{}` that GeoPackages cannot have", column->GetNameRef()));
  }
  for (const Column& column : kColumns) {
    OGRFieldDefn defn(column.name, column.type);
    defn.SetSubType(column.subtype);
    if (one.layer->CreateField(&defn) != OGRERR_NONE)
      failGdal(tile.name() + ".gpkg", "cannot be written");
  }
}

void Staging::reopen(const Tile& tile, One& one) const {
  beginCall();
  one.dataset.reset(GDALDataset::Open(pathOf(tile).c_str(), GDAL_OF_VECTOR | GDAL_OF_UPDATE));
  if (!one.dataset) failGdal(tile.name() + ".gpkg", "cannot be opened again");
  one.layer = one.dataset->GetLayerByName(kLayer);
  one.dataset->StartTransaction();
}

void Staging::close(const Tile& tile, One& one) const {
  beginCall();
  one.dataset->CommitTransaction();
  one.layer = nullptr;
  one.dataset.reset();
  if (hasFailed()) failGdal(tile.name() + ".gpkg", "cannot be written");
}

void Staging::makeRoom() {
  auto oldest = tiles_.end();
  for (auto tile = tiles_.begin(); tile != tiles_.end(); ++tile) {
    bool isOlder = oldest == tiles_.end() || tile->second.used < oldest->second.used;
    if (tile->second.dataset && isOlder) oldest = tile;
  }
  close(oldest->first, oldest->second);
  --opened_;
}

Staging::One& Staging::open(const Tile& tile) {
  auto [place, isNew] = tiles_.try_emplace(tile);
  One& one = place->second;
  one.used = ++clock_;
  if (one.dataset) return one;
  if (opened_ >= kOpenAtOnce) makeRoom();
  ++opened_;
  if (isNew)
    create(tile, one);
  else
    reopen(tile, one);
  return one;
}

void Staging::add(const Tile& tile, const OGRFeature& feature, const Staged& staged) {
  One& one = open(tile);
  OGRFeature row(one.layer->GetLayerDefn());
  row.SetFrom(&feature, TRUE);
  row.SetFID(OGRNullFID);
  row.SetGeometry(staged.geometry.get());
  row.SetField("staging_area", staged.area);
  row.SetField("staging_centroid_tile", staged.home.name().c_str());
  row.SetField("staging_centroid_within_tile", staged.home == tile ? 1 : 0);
  row.SetField("staging_centroid_x", staged.centroid.getX());
  row.SetField("staging_centroid_y", staged.centroid.getY());
  // Who was staged before keeps where it comes from.
  if (row.IsFieldSetAndNotNull(row.GetFieldIndex("staging_filename")) == 0)
    row.SetField("staging_filename", source_.c_str());
  row.SetField("staging_identifier", staged.identifier.c_str());
  row.SetField("staging_tile", tile.name().c_str());
  beginCall();
  if (one.layer->CreateFeature(&row) != OGRERR_NONE)
    failGdal(tile.name() + ".gpkg", "cannot be written");
}

size_t Staging::publish(const std::string& output) {
  for (auto& [tile, one] : tiles_) {
    if (one.dataset) close(tile, one);
  }
  for (auto& [tile, one] : tiles_)
    aside_.publish(nameOf(tile), fmt::format("{}/{}.gpkg", output, tile.name()));
  return tiles_.size();
}

}  // namespace wfc::geo
