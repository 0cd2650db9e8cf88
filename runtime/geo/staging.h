// The features of a tile, as they are written: what they had, and what staging adds.
#pragma once

#include <map>
#include <string>

#include "runtime/beside/aside.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/tiles.h"
#include "runtime/geo/vector.h"

namespace wfc::geo {

/// A feature that is to go into tiles, in the coordinates of the matrix.
struct Staged {
  std::unique_ptr<OGRGeometry> geometry;
  OGRPoint centroid;
  double area = 0;
  /// Where its centroid lies.
  Tile home;
  /// The same for the same feature of the same file, whenever it is staged: 128 bits of BLAKE3 over
  /// the file's name, the feature's number and its geometry, in the form of a UUID. A feature that
  /// was staged before keeps the one it has.
  std::string identifier;
};

struct ReleaseColumns {
  void operator()(OGRFeatureDefn* columns) const { columns->Release(); }
};

/// The tiles of a call: a GeoPackage for each, written aside.
class Staging {
 public:
  Staging(const Matrix& matrix, const Aside& aside) : matrix_(matrix), aside_(aside) {}

  /// Features come from this layer from now on; its columns are those of the first layer.
  void begin(const std::string& path, OGRLayer& layer);
  void add(const Tile& tile, const OGRFeature& feature, const Staged& staged);
  /// Closes all tiles and gives them their places in `output`; how many there are.
  size_t publish(const std::string& output);

 private:
  /// One tile: its file is open, or was closed to make room.
  struct One {
    Dataset dataset;
    OGRLayer* layer = nullptr;
    uint64_t used = 0;
  };
  One& open(const Tile& tile);
  void create(const Tile& tile, One& one);
  void reopen(const Tile& tile, One& one) const;
  void close(const Tile& tile, One& one) const;
  void makeRoom();
  std::string nameOf(const Tile& tile) const;
  std::string pathOf(const Tile& tile) const { return aside_.path(nameOf(tile)); }

  const Matrix& matrix_;
  const Aside& aside_;
  std::string source_, first_;
  std::unique_ptr<OGRFeatureDefn, ReleaseColumns> columns_;
  std::map<Tile, One> tiles_;
  size_t opened_ = 0;
  uint64_t clock_ = 0;
};

}  // namespace wfc::geo
