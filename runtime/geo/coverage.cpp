// See coverage.h.
#include "runtime/geo/coverage.h"

#include <algorithm>
#include <cmath>

namespace wfc::geo {

namespace {

/// What is left over where sums cancel: less of a cell than this is nothing.
constexpr double kNothing = 1e-11;

}  // namespace

Coverage::Coverage(const Grid& grid)
    : grid_(grid),
      stride_(static_cast<size_t>(grid.width) + 1),
      sums_(stride_ * static_cast<size_t>(grid.height)) {}

void Coverage::add(const OGRGeometry& geometry) {
  if (wkbFlatten(geometry.getGeometryType()) == wkbPolygon) {
    addPolygon(*geometry.toPolygon());
    return;
  }
  for (const OGRPolygon* polygon : *geometry.toMultiPolygon()) addPolygon(*polygon);
}

void Coverage::addPolygon(const OGRPolygon& polygon) {
  bool isHole = false;
  for (const OGRLinearRing* ring : polygon) {
    addRing(*ring, isHole);
    isHole = true;
  }
}

void Coverage::addRing(const OGRLinearRing& ring, bool isHole) {
  // An edge that runs southwards counts as positive: the western one of a ring that does not run
  // clockwise.
  double sign = (ring.isClockwise() != 0) == isHole ? 1 : -1;
  auto x = [&](int n) { return (ring.getX(n) - grid_.left) / grid_.cellWidth; };
  auto y = [&](int n) { return (grid_.top - ring.getY(n)) / grid_.cellHeight; };
  for (int n = 0; n + 1 < ring.getNumPoints(); ++n) addEdge(x(n), y(n), x(n + 1), y(n + 1), sign);
}

void Coverage::addEdge(double x0, double y0, double x1, double y1, double sign) {
  if (y0 == y1) return;
  if (y0 > y1) {
    std::swap(x0, x1);
    std::swap(y0, y1);
    sign = -sign;
  }
  double slope = (x1 - x0) / (y1 - y0), last = grid_.height;
  if (y1 <= 0 || y0 >= last) return;
  double from = std::max(y0, 0.0), to = std::min(y1, last);
  for (auto row = static_cast<size_t>(from); from < to; ++row) {
    double below = std::min(static_cast<double>(row + 1), to);
    addInRow(row, x0 + (from - y0) * slope, x0 + (below - y0) * slope, sign * (below - from));
    from = below;
  }
}

/// Parts west of the grid enclose all of the row, parts east of it nothing.
void Coverage::addInRow(size_t row, double x0, double x1, double height) {
  double* sums = sums_.data() + row * stride_;
  double width = grid_.width;
  if (x0 > x1) std::swap(x0, x1);
  double length = x1 - x0;
  auto share = [&](double from, double to) { return length > 0 ? (to - from) / length : 1; };
  if (x0 < 0) sums[0] += height * share(x0, std::min(x1, 0.0));
  if (x1 <= 0 && x0 < 0) return;
  double from = std::clamp(x0, 0.0, width), to = std::clamp(x1, 0.0, width);
  if (x0 >= width) return;
  addInGrid(sums, from, to, height * share(from, to));
}

/// An edge of `height` from column `x0` to `x1`, both in the grid, spread over the cells below it.
void Coverage::addInGrid(double* row, double x0, double x1, double height) const {
  auto first = static_cast<size_t>(x0), last = static_cast<size_t>(x1);
  double slope = x1 > x0 ? height / (x1 - x0) : 0;
  for (size_t column = first; column <= last && column + 1 < stride_; ++column) {
    double west = std::max(x0, static_cast<double>(column));
    double east = std::min(x1, static_cast<double>(column + 1));
    double part = x1 > x0 ? slope * (east - west) : height;
    // Of this cell what lies east of the edge, of the next ones everything.
    double inside = part * (static_cast<double>(column + 1) - (west + east) / 2);
    row[column] += inside;
    row[column + 1] += part - inside;
  }
}

std::vector<double> Coverage::cells() const {
  std::vector<double> cells;
  cells.reserve(static_cast<size_t>(grid_.width) * static_cast<size_t>(grid_.height));
  for (size_t row = 0; row < static_cast<size_t>(grid_.height); ++row) {
    double sum = 0;
    for (size_t column = 0; column + 1 < stride_; ++column) {
      sum += sums_[row * stride_ + column];
      cells.push_back(std::abs(sum) < kNothing ? 0 : sum);
    }
  }
  return cells;
}

}  // namespace wfc::geo
