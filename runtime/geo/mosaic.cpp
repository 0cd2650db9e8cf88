// `wfr-geo mosaic`: several rasters as one, cell by cell by a rule.
//
// The result covers all of them, with cells as large as the largest. Parts of a row of blocks are
// made one after the other, from those rasters alone that reach into them, so memory grows neither
// with the size of the result nor with the number of rasters.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/output.h"
#include "runtime/geo/polygons.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/threads.h"

namespace wfc::geo {

namespace {

/// Columns of a part: eight blocks.
constexpr int kPart = 4096;
constexpr double kEmpty = std::numeric_limits<double>::quiet_NaN();

/// What becomes of a cell that has a value and gets another.
using Rule = double (*)(double, double);

Rule ruleOf(const base::Given& given) {
  std::string rule = wordOf(given, "--rule", {"max", "min", "sum", "first"});
  if (rule == "max") return [](double one, double other) { return std::max(one, other); };
  if (rule == "min") return [](double one, double other) { return std::min(one, other); };
  if (rule == "sum") return [](double one, double other) { return one + other; };
  return [](double one, double) { return one; };
}

/// One of the rasters, and the cells of the result that it reaches into.
struct Source {
  std::string path;
  Grid grid;
  Window window;
  /// Its cells are cells of the result.
  bool isAligned = true;
};

/// What is made, and of what.
struct Plan {
  std::vector<Source> sources;
  Grid grid;
  GDALDataType type = GDT_Byte;
  double nodata = 0;
  /// How rasters on other grids are resampled, in GDAL's words; empty: they are refused.
  std::string align;
  bool isSum = false;
};

/// Looks at all rasters, which must be alike; the one with the largest cells comes first here.
size_t lookAt(const std::vector<std::string>& paths, std::optional<double> nodata, Plan& plan) {
  size_t coarsest = 0;
  std::optional<double> known = nodata;
  for (const std::string& path : paths) {
    Raster raster(path);
    plan.sources.push_back({path, raster.grid(), {}, true});
    const Source &first = plan.sources.front(), &here = plan.sources.back();
    if (plan.sources.size() == 1) plan.type = raster.type();
    if (!known) known = raster.nodata();
    if (raster.type() != plan.type)
      fail(path, fmt::format("has cells of {}, not of {} as {}", GDALGetDataTypeName(raster.type()),
                             GDALGetDataTypeName(plan.type), first.path));
    if (!isSame(here.grid.crs, first.grid.crs))
      fail(path,
           fmt::format("is in {}, not in {} as {}", nameOf(here.grid.crs), nameOf(first.grid.crs),
                       first.path),
           "gdalwarp -t_srs brings it there");
    const Grid& most = plan.sources[coarsest].grid;
    if (here.grid.cellWidth * here.grid.cellHeight > most.cellWidth * most.cellHeight * (1 + 1e-9))
      coarsest = plan.sources.size() - 1;
  }
  if (!known)
    fail(paths.front(), "does not say what stands for no value", "--nodata VALUE says so");
  plan.nodata = *known;
  return coarsest;
}

/// Whole cells from `from` to `to`; a millionth of one more or less is none.
double cellsDown(double length) { return std::floor(length + 1e-6); }
double cellsUp(double length) { return std::ceil(length - 1e-6); }

/// The grid that covers all sources, on the lattice of the one with the largest cells.
Grid unionOf(const std::vector<Source>& sources, const Grid& lattice) {
  double west = 0, east = 0, north = 0, south = 0;
  for (const Source& source : sources) {
    const Grid& grid = source.grid;
    west = std::min(west, cellsDown((grid.left - lattice.left) / lattice.cellWidth));
    east = std::max(east, cellsUp((grid.right() - lattice.left) / lattice.cellWidth));
    north = std::min(north, cellsDown((lattice.top - grid.top) / lattice.cellHeight));
    south = std::max(south, cellsUp((lattice.top - grid.bottom()) / lattice.cellHeight));
  }
  if (east - west > INT_MAX || south - north > INT_MAX)
    fail(sources.back().path, "lies too far from the others to be one raster with them");
  Grid grid = lattice;
  grid.left = lattice.left + west * lattice.cellWidth;
  grid.top = lattice.top - north * lattice.cellHeight;
  grid.width = static_cast<int>(east - west);
  grid.height = static_cast<int>(south - north);
  return grid;
}

/// Where a source lies in the result, and whether cell on cell.
void place(Source& source, const Plan& plan, const std::string& first) {
  const Grid &grid = source.grid, &all = plan.grid;
  double x = (grid.left - all.left) / all.cellWidth, y = (all.top - grid.top) / all.cellHeight;
  double x1 = (grid.right() - all.left) / all.cellWidth;
  double y1 = (all.top - grid.bottom()) / all.cellHeight;
  source.window.x = static_cast<int>(cellsDown(x));
  source.window.y = static_cast<int>(cellsDown(y));
  source.window.width = static_cast<int>(cellsUp(x1)) - source.window.x;
  source.window.height = static_cast<int>(cellsUp(y1)) - source.window.y;
  Grid whole = all;
  whole.left += source.window.x * all.cellWidth;
  whole.top -= source.window.y * all.cellHeight;
  whole.width = source.window.width;
  whole.height = source.window.height;
  std::string difference = differenceOf(whole, grid);
  source.isAligned = difference.empty();
  if (!source.isAligned && plan.align.empty())
    fail(source.path, fmt::format("{}, as the cells of {} lie", difference, first),
         "--align nearest or --align bilinear resamples it");
}

Plan planOf(const base::Given& given) {
  Plan plan;
  if (given.has("--align")) plan.align = wordOf(given, "--align", {"nearest", "bilinear"});
  if (plan.align == "nearest") plan.align = "near";
  plan.isSum = given.get("--rule") == "sum";
  size_t coarsest = lookAt(given.words, decimalOf(given, "--nodata"), plan);
  plan.grid = unionOf(plan.sources, plan.sources[coarsest].grid);
  for (Source& source : plan.sources) place(source, plan, plan.sources[coarsest].path);
  return plan;
}

/// The part of a window that a source reaches into; empty where width or height is not positive.
Window common(const Window& one, const Window& other) {
  int x = std::max(one.x, other.x), y = std::max(one.y, other.y);
  return {x, y, std::min(one.x + one.width, other.x + other.width) - x,
          std::min(one.y + one.height, other.y + other.height) - y};
}

/// Makes parts of the result: what one thread has open.
class Worker {
 public:
  Worker(const Plan& plan, Rule rule) : plan_(plan), rule_(rule) {}

  /// The cells of a window; NaN where no source has a value.
  std::vector<double> make(const Window& window) {
    std::vector<double> cells(window.cells(), kEmpty);
    for (size_t n = 0; n < plan_.sources.size(); ++n) {
      const Source& source = plan_.sources[n];
      Window part = common(window, source.window);
      bool isLater = source.window.y + source.window.height > window.y;
      if (part.width > 0 && part.height > 0)
        add(source, open(n), part, window, cells);
      else if (!isLater)
        open_.erase(n);
    }
    return cells;
  }

 private:
  const Raster& open(size_t n) {
    const Source& source = plan_.sources[n];
    std::unique_ptr<Raster>& raster = open_[n];
    if (!raster)
      raster = source.isAligned
                   ? std::make_unique<Raster>(source.path)
                   : std::make_unique<Raster>(source.path, plan_.grid, plan_.align, plan_.nodata);
    return *raster;
  }

  void add(const Source& source, const Raster& raster, const Window& part, const Window& window,
           std::vector<double>& cells) {
    std::optional<double> nodata = raster.nodata();
    Window own = part;
    if (source.isAligned) {
      own.x -= source.window.x;
      own.y -= source.window.y;
    }
    auto width = static_cast<size_t>(part.width), stride = static_cast<size_t>(window.width);
    double* corner = cells.data() + static_cast<size_t>(part.y - window.y) * stride +
                     static_cast<size_t>(part.x - window.x);
    forParts(raster, 1, own, buffer_, [&](size_t at, double value) {
      if (std::isnan(value) || (nodata && value == *nodata)) return;
      if (value == plan_.nodata)
        fail(source.path,
             fmt::format("has {} as a value, which stands for no value in the result", value),
             "--nodata VALUE chooses another");
      double& cell = corner[at / width * stride + at % width];
      cell = std::isnan(cell) ? value : rule_(cell, value);
    });
  }

  const Plan& plan_;
  const Rule rule_;
  std::map<size_t, std::unique_ptr<Raster>> open_;
  std::vector<double> buffer_;
};

/// Takes away what lies outside of the polygons; how many values are left. Sums may be none of the
/// values that the result can have.
uint64_t finish(const Plan& plan, const std::optional<Polygons>& clip, const Window& window,
                std::vector<double>& cells) {
  std::vector<uint8_t> inside;
  if (clip) clip->burn(plan.grid, window, inside);
  uint64_t count = 0;
  for (size_t n = 0; n < cells.size(); ++n) {
    if (std::isnan(cells[n]) || (clip && inside[n] == 0)) {
      cells[n] = plan.nodata;
      continue;
    }
    ++count;
    int isClamped = 0, isRounded = 0;
    if (plan.isSum) GDALAdjustValueToDataType(plan.type, cells[n], &isClamped, &isRounded);
    if (isClamped != 0 || (plan.isSum && cells[n] == plan.nodata))
      fail(plan.sources.front().path,
           fmt::format(
               "and others have the sum {}, which cells of {} with the nodata {} cannot have",
               cells[n], GDALGetDataTypeName(plan.type), plan.nodata),
           "put rasters of a wider type together, or choose another --nodata");
  }
  return count;
}

}  // namespace

Summary mosaicVerb(const base::Given& given) {
  Rule rule = ruleOf(given);
  unsigned threads = threadsOf(given);
  Plan plan = planOf(given);
  std::optional<Polygons> clip;
  if (given.has("--clip")) clip.emplace(given.get("--clip"), plan.grid.crs);
  std::string output = given.get("--output");
  Aside aside(folderOf(output));
  Layout layout{.type = plan.type, .nodata = plan.nodata, .threads = threads};
  NewRaster raster(aside.path("mosaic"), output, plan.grid, layout);
  int columns = (plan.grid.width + kPart - 1) / kPart;
  int rows = (plan.grid.height + layout.block - 1) / layout.block;
  std::vector<std::unique_ptr<Worker>> workers(threads);
  uint64_t count = 0;
  size_t parts = static_cast<size_t>(columns) * static_cast<size_t>(rows);
  inOrder(threads, parts, [&](size_t worker, size_t n) -> std::function<void()> {
    if (!workers[worker]) workers[worker] = std::make_unique<Worker>(plan, rule);
    int x = static_cast<int>(n) % columns * kPart, y = static_cast<int>(n) / columns * layout.block;
    Window window{x, y, std::min(kPart, plan.grid.width - x),
                  std::min(layout.block, plan.grid.height - y)};
    std::vector<double> cells = workers[worker]->make(window);
    uint64_t here = finish(plan, clip, window, cells);
    return [&, window, here, cells = std::move(cells)] {
      raster.write(1, window, cells.data());
      count += here;
    };
  });
  raster.close();
  if (count == 0)
    throw Problem{output, "would have no value in any cell", "nothing was made", NothingThere};
  aside.publish("mosaic", output);
  return {fmt::format("{} x {} cells of {} rasters, {} with a value", plan.grid.width,
                      plan.grid.height, plan.sources.size(), count),
          llvm::json::Object{{"rasters", static_cast<int64_t>(plan.sources.size())},
                             {"width", plan.grid.width},
                             {"height", plan.grid.height},
                             {"cells", static_cast<int64_t>(count)}}};
}

}  // namespace wfc::geo
