// How well a map of two classes (wet, dry) agrees with a benchmark: the four counts, and the 48
// figures that are made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfc::geo {

/// Cells by what candidate and benchmark say of them. Positive is wet: a false positive is wet in
/// the candidate and dry in the benchmark.
struct Confusion {
  uint64_t trueNegative = 0, falseNegative = 0, falsePositive = 0, truePositive = 0;
  /// Left out on purpose, and without a value in one of the two; neither is compared.
  uint64_t masked = 0, nodata = 0;

  uint64_t compared() const { return trueNegative + falseNegative + falsePositive + truePositive; }
};

struct Metric {
  const char* name;
  double value;
};

/// The 48 figures, in the order and with the names of the tables that flood maps are judged by
/// (those of NOAA's inundation mapping). A rate whose denominator is 0 is not a number, and so are
/// areas where the square metres of a cell are not known.
std::vector<Metric> metricsOf(const Confusion& counts, std::optional<double> cellArea);

/// The same as a table of two lines: names, and values as short as they read back the same.
std::string tableOf(const std::vector<Metric>& metrics);

}  // namespace wfc::geo
