// `wfr-geo tile`: polygons of any files, put into the tiles that they reach into.
//
// A polygon that reaches over a border is in both tiles, whole, under one identifier. Features are
// read one after the other and written at once; memory holds none but that one.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/polygons.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/staging.h"

namespace wfc::geo {

namespace {

/// Of a feature that was staged before, the one it has.
std::string identifierOf(const std::string& path, const OGRFeature& feature,
                         const OGRGeometry& geometry) {
  int own = feature.GetFieldIndex("staging_identifier");
  if (own >= 0 && feature.IsFieldSetAndNotNull(own) != 0) return feature.GetFieldAsString(own);
  llvm::BLAKE3 hash;
  hash.update(path.substr(path.rfind('/') + 1));
  hash.update(fmt::format("\n{}\n", feature.GetFID()));
  std::vector<uint8_t> bytes(geometry.WkbSize());
  geometry.exportToWkb(wkbNDR, bytes.data(), wkbVariantIso);
  hash.update(bytes);
  auto digest = hash.final<16>();
  // A UUID of version 8: made as its maker likes.
  digest[6] = static_cast<uint8_t>((digest[6] & 0x0f) | 0x80);
  digest[8] = static_cast<uint8_t>((digest[8] & 0x3f) | 0x80);
  std::string hex = llvm::toHex(digest, true);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

double areaOf(const OGRGeometry& geometry) {
  return wkbFlatten(geometry.getGeometryType()) == wkbPolygon
             ? geometry.toPolygon()->get_Area()
             : geometry.toMultiPolygon()->get_Area();
}

std::unique_ptr<OGRPolygon> squareOf(const Matrix& matrix, const Tile& tile) {
  Grid grid = gridOf(matrix, tile, 1);
  auto square = std::make_unique<OGRPolygon>();
  auto* ring = new OGRLinearRing;  // The polygon takes it.
  for (auto [x, y] : {std::pair(grid.left, grid.top), std::pair(grid.left, grid.bottom()),
                      std::pair(grid.right(), grid.bottom()), std::pair(grid.right(), grid.top)})
    ring->addPoint(x, y);
  ring->closeRings();
  square->addRingDirectly(ring);
  return square;
}

/// The tiles that have a point in common with a geometry.
std::vector<Tile> tilesOf(const Matrix& matrix, int level, const OGRGeometry& geometry) {
  OGREnvelope envelope;
  geometry.getEnvelope(&envelope);
  Tile first = matrix.at(level, envelope.MinX, envelope.MaxY);
  Tile last = matrix.at(level, envelope.MaxX, envelope.MinY);
  std::vector<Tile> tiles;
  bool isOne = first == last;
  for (int x = first.x; x <= last.x; ++x) {
    for (int y = first.y; y <= last.y; ++y) {
      Tile tile{level, x, y};
      if (isOne || geometry.Intersects(squareOf(matrix, tile).get()) != 0) tiles.push_back(tile);
    }
  }
  return tiles;
}

/// What a call does with one file after the other.
class Tiler {
 public:
  Tiler(const base::Given& given, const Aside& aside)
      : matrix_(matrixOf(given)),
        level_(numberOf(given, "--level", 0, kDeepest, 0)),
        staging_(matrix_, aside) {
    if (given.has("--footprint")) footprint_.emplace(given.get("--footprint"), matrix_.system());
  }

  void add(const std::string& path) {
    Dataset dataset = openVector(path);
    for (OGRLayer* layer : dataset->GetLayers()) {
      staging_.begin(path, *layer);
      Reprojection reproject(path, *layer, matrix_.system());
      beginCall();
      for (OGRFeatureUniquePtr& feature : *layer) {
        if (hasFailed()) break;
        add(path, *feature, reproject);
        beginCall();
      }
      // Reading ends early in a damaged file, with nothing but a word.
      if (hasFailed()) failGdal(path, "cannot be read to its end");
    }
  }

  uint64_t features = 0, rows = 0, outside = 0;
  Staging& staging() { return staging_; }

 private:
  void add(const std::string& path, OGRFeature& feature, const Reprojection& reproject) {
    Staged staged;
    staged.geometry.reset(feature.StealGeometry());
    if (!staged.geometry || staged.geometry->IsEmpty()) return;
    OGRGeometry& geometry = *staged.geometry;
    if (!isPolygonal(geometry))
      fail(path, fmt::format("feature {} is a {}, and polygons are wanted", feature.GetFID(),
                             geometry.getGeometryName()));
    reproject(geometry);
    ++features;
    if (footprint_ && !footprint_->meet(geometry)) {
      ++outside;
      return;
    }
    if (geometry.Centroid(&staged.centroid) != OGRERR_NONE)
      failGdal(path, fmt::format("feature {} has no centroid", feature.GetFID()));
    staged.area = areaOf(geometry);
    staged.home = matrix_.at(level_, staged.centroid.getX(), staged.centroid.getY());
    staged.identifier = identifierOf(path, feature, geometry);
    std::vector<Tile> tiles = tilesOf(matrix_, level_, geometry);
    // Some rings that cross themselves are beyond telling what they meet.
    if (hasFailed()) failGdal(path, fmt::format("feature {} is no polygon", feature.GetFID()));
    for (const Tile& tile : tiles) {
      if (!matrix_.contains(tile))
        fail(path, fmt::format("feature {} lies outside of {}", feature.GetFID(), matrix_.name));
      staging_.add(tile, feature, staged);
      ++rows;
    }
  }

  const Matrix& matrix_;
  const int level_;
  Staging staging_;
  std::optional<Polygons> footprint_;
};

}  // namespace

Summary tileVerb(const base::Given& given) {
  std::string output = given.get("--output");
  Aside aside(madeFolder(output));
  Tiler tiler(given, aside);
  for (const std::string& path : given.words) tiler.add(path);
  size_t tiles = tiler.staging().publish(output);
  if (tiles == 0)
    throw Problem{given.words.front(), "has no polygon for a tile", "nothing was made",
                  NothingThere};
  return {fmt::format("{} tiles, {} rows of {} polygons, {} outside of the footprint", tiles,
                      tiler.rows, tiler.features, tiler.outside),
          llvm::json::Object{{"tiles", static_cast<int64_t>(tiles)},
                             {"polygons", static_cast<int64_t>(tiler.features)},
                             {"rows", static_cast<int64_t>(tiler.rows)},
                             {"outside", static_cast<int64_t>(tiler.outside)}}};
}

}  // namespace wfc::geo
