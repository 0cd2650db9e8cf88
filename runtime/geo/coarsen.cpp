// `wfr-geo coarsen`: the tiles of a level from those of the level below.
//
// A cell of a parent is made of two by two cells of a child: their sum or their mean, band by band.
// A child that is not there is all zero.
#include <array>
#include <map>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/output.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/threads.h"
#include "runtime/geo/tiles.h"

namespace wfc::geo {

namespace {

/// What four cells become, for each band.
std::vector<double> factorsOf(const base::Given& given) {
  std::vector<double> factors;
  std::vector<std::string> words = {"sum", "mean"};
  if (given.has("--bands")) words = given.listOf("--bands");
  for (const std::string& word : words) {
    if (word != "sum" && word != "mean")
      failUse(fmt::format("`--bands` is a list of sum and mean, not `{}`{}", word,
                          base::nearestOf(word, {"sum", "mean"})));
    factors.push_back(word == "sum" ? 1 : 0.25);
  }
  return factors;
}

/// A parent, and the files of its children.
struct Family {
  Tile parent;
  std::map<Tile, std::string> children;
};

std::vector<Family> familiesOf(const base::Given& given, const Matrix& matrix) {
  std::map<Tile, std::map<Tile, std::string>> parents;
  for (const std::string& path : given.words) {
    Tile tile = tileIn(matrix, path);
    if (tile.z == 0) fail(path, "is of level 0, which has none above it");
    auto [there, isNew] = parents[tile.parent()].emplace(tile, path);
    if (!isNew && there->second != path)
      fail(path, fmt::format("is the same tile as {}", there->second));
  }
  std::vector<Family> families;
  for (auto& [parent, children] : parents) families.push_back({parent, std::move(children)});
  return families;
}

/// A child must be a square tile in its place, of as many cells as the others.
void checkChild(const Raster& child, const Matrix& matrix, const Tile& tile, int size) {
  const Grid& grid = child.grid();
  if (grid.width % 2 != 0)
    fail(child.path(), fmt::format("has {} columns, and an even number is wanted", grid.width));
  std::string difference = differenceOf(gridOf(matrix, tile, size), grid);
  if (!difference.empty())
    fail(child.path(),
         fmt::format("{}, as tile {} of {} has", difference, tile.name(), matrix.name));
}

/// Adds a quarter of the parent.
void addChild(const Raster& child, const Tile& tile, int band, double factor,
              std::vector<double>& parent) {
  auto size = static_cast<size_t>(child.grid().width), half = size / 2;
  std::vector<double> cells(size * size);
  child.read(band, {0, 0, static_cast<int>(size), static_cast<int>(size)}, cells.data());
  double* quarter =
      parent.data() + (tile.y % 2 != 0 ? half * size : 0) + (tile.x % 2 != 0 ? half : 0);
  for (size_t row = 0; row < half; ++row) {
    const double* upper = cells.data() + 2 * row * size;
    const double* lower = upper + size;
    for (size_t column = 0; column < half; ++column)
      quarter[row * size + column] = factor * (upper[2 * column] + upper[2 * column + 1] +
                                               lower[2 * column] + lower[2 * column + 1]);
  }
}

/// Makes a parent; the sum of its first band.
double coarsen(const Family& family, const Matrix& matrix, const std::vector<double>& factors,
               const Aside& aside, const std::string& output) {
  std::map<Tile, Raster> children;
  for (const auto& [tile, path] : family.children) {
    const Raster& child = children.emplace(tile, path).first->second;
    checkChild(child, matrix, tile, children.begin()->second.grid().width);
  }
  const Raster& first = children.begin()->second;
  int size = first.grid().width;
  Grid grid = gridOf(matrix, family.parent, size);
  std::string name = fmt::format("{}-{}", family.parent.x, family.parent.y);
  std::string to = fmt::format("{}/{}.tif", output, family.parent.name());
  Layout layout{.bands = static_cast<int>(factors.size()),
                .type = GDT_Float64,
                .compression = "DEFLATE",
                .block = size};
  NewRaster raster(aside.path(name), to, grid, layout);
  double total = 0;
  for (int band = 1; band <= layout.bands; ++band) {
    std::vector<double> cells(static_cast<size_t>(size) * static_cast<size_t>(size));
    for (const auto& [tile, child] : children)
      addChild(child, tile, band, factors[static_cast<size_t>(band) - 1], cells);
    raster.band(band).SetDescription(first.band(band).GetDescription());
    raster.write(band, {0, 0, size, size}, cells.data());
    for (double cell : cells) total += band == 1 ? cell : 0;
  }
  raster.close();
  aside.publish(name, to);
  return total;
}

}  // namespace

Summary coarsenVerb(const base::Given& given) {
  const Matrix& matrix = matrixOf(given);
  std::vector<double> factors = factorsOf(given);
  std::vector<Family> families = familiesOf(given, matrix);
  std::string output = given.get("--output");
  Aside aside(madeFolder(output));
  std::vector<double> totals(families.size());
  inParallel(threadsOf(given), families.size(), [&](size_t, size_t n) {
    totals[n] = coarsen(families[n], matrix, factors, aside, output);
  });
  double total = 0;
  for (double one : totals) total += one;
  return {fmt::format("{} tiles of {}, the first band sums to {:.10g}", families.size(),
                      given.words.size(), total),
          llvm::json::Object{{"tiles", static_cast<int64_t>(families.size())},
                             {"children", static_cast<int64_t>(given.words.size())},
                             {"count", total}}};
}

}  // namespace wfc::geo
