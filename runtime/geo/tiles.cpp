// See tiles.h.
#include "runtime/geo/tiles.h"

#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "runtime/beside/given.h"
#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

/// Half of the equator in web mercator, in metres: pi times the radius 6,378,137 m.
constexpr double kHalf = 20037508.3427892476;

constexpr Matrix kMatrices[] = {{"WorldCRS84Quad", "EPSG:4326", -180, 90, 180, 2, 1},
                                {"WebMercatorQuad", "EPSG:3857", -kHalf, kHalf, 2 * kHalf, 1, 1}};

}  // namespace

const base::Flag kMatrixFlag = {
    "--matrix", "NAME",
    "WorldCRS84Quad (what happens if nothing is said) or WebMercatorQuad: where tiles lie"};

bool Tile::operator<(const Tile& other) const {
  return std::tie(z, x, y) < std::tie(other.z, other.x, other.y);
}

std::string Tile::name() const { return fmt::format("{}/{}/{}", z, x, y); }

OGRSpatialReference Matrix::system() const {
  OGRSpatialReference result;
  result.SetFromUserInput(crs);
  result.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  return result;
}

Tile Matrix::at(int z, double x, double y) const {
  auto number = [&](double length) {
    return length == 0 ? 0 : static_cast<int>(std::ceil(length / sideAt(z))) - 1;
  };
  return {z, number(x - left), number(top - y)};
}

bool Matrix::contains(const Tile& tile) const {
  return tile.z >= 0 && tile.z <= kDeepest && tile.x >= 0 && tile.y >= 0 &&
         tile.x < static_cast<int64_t>(columns) << tile.z &&
         tile.y < static_cast<int64_t>(rows) << tile.z;
}

const Matrix& matrixOf(const base::Given& given) {
  std::vector<std::string> names;
  for (const Matrix& matrix : kMatrices) names.emplace_back(matrix.name);
  std::string name = wordOf(given, "--matrix", names);
  for (const Matrix& matrix : kMatrices) {
    if (name == matrix.name) return matrix;
  }
  return kMatrices[0];
}

std::optional<Tile> tileOf(const std::string& path) {
  llvm::StringRef rest(path);
  Tile tile;
  auto take = [&](llvm::StringRef text, int& number) {
    return !text.empty() && text.find_first_not_of("0123456789") == llvm::StringRef::npos &&
           !text.getAsInteger(10, number);
  };
  auto [folders, file] = rest.rsplit('/');
  auto [level, column] = folders.rsplit('/');
  llvm::StringRef row = file.split('.').first;
  level = level.contains('/') ? level.rsplit('/').second : level;
  bool isOne = take(level, tile.z) && take(column, tile.x) && take(row, tile.y);
  return isOne ? std::optional(tile) : std::nullopt;
}

Tile tileIn(const Matrix& matrix, const std::string& path) {
  std::optional<Tile> tile = tileOf(path);
  if (!tile) fail(path, "does not say which tile it is", "names end in LEVEL/COLUMN/ROW.EXTENSION");
  if (!matrix.contains(*tile))
    fail(path, fmt::format("is no tile of {}: level {} has {} x {} tiles", matrix.name, tile->z,
                           static_cast<int64_t>(matrix.columns) << std::min(tile->z, kDeepest),
                           static_cast<int64_t>(matrix.rows) << std::min(tile->z, kDeepest)));
  return *tile;
}

Grid gridOf(const Matrix& matrix, const Tile& tile, int size) {
  Grid grid;
  double side = matrix.sideAt(tile.z);
  grid.width = grid.height = size;
  grid.left = matrix.left + tile.x * side;
  grid.top = matrix.top - tile.y * side;
  grid.cellWidth = grid.cellHeight = side / size;
  grid.crs = matrix.system();
  return grid;
}

}  // namespace wfc::geo
