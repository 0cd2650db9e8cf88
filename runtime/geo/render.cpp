// `wfr-geo render`: a band of raster tiles as pictures for a web map, one colour for each value.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/threads.h"
#include "runtime/geo/tiles.h"

namespace wfc::geo {

namespace {

/// Red, green, blue and opacity, 0 to 255.
using Color = std::array<uint8_t, 4>;

Color colorOf(const std::string& text) {
  llvm::StringRef digits(text);
  uint32_t number = 0;
  bool isColor = digits.consume_front("#") && (digits.size() == 6 || digits.size() == 8) &&
                 digits.find_first_not_of("0123456789abcdefABCDEF") == llvm::StringRef::npos &&
                 !digits.getAsInteger(16, number);
  if (!isColor) failUse(fmt::format("`{}` is no colour; one is #RRGGBB or #RRGGBBAA", text));
  if (digits.size() == 6) number = number << 8 | 255;
  return {static_cast<uint8_t>(number >> 24), static_cast<uint8_t>(number >> 16),
          static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
}

/// 256 colours from the lowest value to the highest, and who has none.
struct Palette {
  int band;
  double low, high, empty;
  std::array<Color, 256> colors;

  explicit Palette(const base::Given& given)
      : band(numberOf(given, "--band", 1, 65535, 2)),
        low(decimalOf(given, "--low").value_or(0)),
        high(decimalOf(given, "--high").value_or(1)),
        empty(decimalOf(given, "--empty").value_or(0)) {
    if (low >= high) failUse(fmt::format("`--low` is {} and `--high` is {}", low, high));
    std::vector<std::string> stops = {"#ffffcc", "#fd8d3c", "#800026"};
    if (given.has("--colors")) stops = given.listOf("--colors");
    if (stops.empty()) failUse("`--colors` is a list of colours with commas");
    std::vector<Color> known;
    for (const std::string& stop : stops) known.push_back(colorOf(stop));
    for (size_t n = 0; n < colors.size(); ++n) colors[n] = between(known, n / 255.0);
  }

  /// Linear between low and high; beyond them the first and the last. Transparent without a value.
  Color of(double value, std::optional<double> nodata) const {
    if (std::isnan(value) || value == empty || (nodata && value == *nodata)) return {};
    double place = std::clamp((value - low) / (high - low), 0.0, 1.0);
    return colors[static_cast<size_t>(std::lround(place * 255))];
  }

 private:
  static Color between(const std::vector<Color>& stops, double place) {
    double at = place * static_cast<double>(stops.size() - 1);
    auto lower = static_cast<size_t>(at), upper = std::min(lower + 1, stops.size() - 1);
    Color color{};
    for (size_t n = 0; n < color.size(); ++n)
      color[n] = static_cast<uint8_t>(
          std::lround(stops[lower][n] +
                      (at - static_cast<double>(lower)) * (stops[upper][n] - stops[lower][n])));
    return color;
  }
};

/// A picture in memory, then the file.
void writePicture(const std::vector<uint8_t>& planes, const Grid& grid, const std::string& path,
                  const std::string& shown) {
  GDALDriverManager* drivers = GetGDALDriverManager();
  GDALDriver* png = drivers->GetDriverByName("PNG");
  if (png == nullptr) fail(shown, "cannot be made: this GDAL does not write PNG");
  Dataset picture(
      drivers->GetDriverByName("MEM")->Create("", grid.width, grid.height, 4, GDT_Byte, nullptr));
  size_t size = planes.size() / 4;
  for (int band = 1; band <= 4; ++band) {
    auto* plane = const_cast<uint8_t*>(planes.data()) + static_cast<size_t>(band - 1) * size;
    CPLErr ignored =
        picture->GetRasterBand(band)->RasterIO(GF_Write, 0, 0, grid.width, grid.height, plane,
                                               grid.width, grid.height, GDT_Byte, 0, 0, nullptr);
    static_cast<void>(ignored);
  }
  beginCall();
  Dataset file(png->CreateCopy(path.c_str(), picture.get(), 0, nullptr, nullptr, nullptr));
  if (!file || hasFailed()) failGdal(shown, "cannot be written");
}

/// The colours of a raster, plane by plane.
std::vector<uint8_t> paint(const Raster& raster, const Palette& palette) {
  const Grid& grid = raster.grid();
  Window all{0, 0, grid.width, grid.height};
  std::vector<uint8_t> planes(4 * all.cells());
  std::vector<double> buffer;
  forParts(raster, palette.band, all, buffer, [&](size_t at, double value) {
    Color color = palette.of(value, raster.nodata());
    for (size_t n = 0; n < color.size(); ++n) planes[n * all.cells() + at] = color[n];
  });
  return planes;
}

}  // namespace

Summary renderVerb(const base::Given& given) {
  const Matrix& matrix = matrixOf(given);
  Palette palette(given);
  std::string output = given.get("--output");
  Aside aside(madeFolder(output));
  inParallel(threadsOf(given), given.words.size(), [&](size_t, size_t n) {
    Raster raster(given.words[n]);
    std::string name = fmt::format("{}", n);
    std::string to = fmt::format("{}/{}.png", output, tileIn(matrix, raster.path()).name());
    writePicture(paint(raster, palette), raster.grid(), aside.path(name), to);
    aside.publish(name, to);
  });
  return {fmt::format("{} pictures", given.words.size()),
          llvm::json::Object{{"tiles", static_cast<int64_t>(given.words.size())}}};
}

}  // namespace wfc::geo
