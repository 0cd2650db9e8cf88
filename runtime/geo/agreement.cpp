// `wfr-geo agreement`: how far two maps of wet and dry cells agree, cell by cell.
//
// Rows of blocks are read, compared and written one after the other, so memory grows with the width
// of a map, not with its size. Maps on different grids are compared only if it is said how.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/geo/command.h"
#include "runtime/geo/confusion.h"
#include "runtime/geo/output.h"
#include "runtime/geo/polygons.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/threads.h"

namespace wfc::geo {

namespace {

/// What a map says of a cell.
enum Cell : uint8_t { Dry, Wet, Masked, Nodata, Other };

/// What the result says of a cell.
enum Code : uint8_t { Tn = 0, Fn = 1, Fp = 2, Tp = 3, Left = 4, Wrong = 254, None = 255 };

/// By candidate and benchmark. Only a candidate may be masked itself.
constexpr Code kCodes[4][4] = {
    {Tn, Fn, None, None}, {Fp, Tp, None, None}, {Left, Left, None, None}, {None, None, None, None}};

/// Cells are looked at eight at a time: maps are mostly runs, and eight like the eight before need
/// no further look.
constexpr size_t kWord = 8;

/// The bytes from `n` on, and zeros behind the end.
uint64_t wordAt(const std::vector<uint8_t>& bytes, size_t n) {
  uint64_t word = 0;
  std::memcpy(&word, &bytes[n], std::min(kWord, bytes.size() - n));
  return word;
}

/// Reads one map as bytes, and knows what each byte says.
class Reader {
 public:
  Reader(const Raster& raster, std::optional<double> wetOver, bool mayBeMasked)
      : raster_(raster), wetOver_(wetOver), mayBeMasked_(mayBeMasked) {}

  /// The values themselves where they are bytes, else what they say.
  void read(const Window& window, std::vector<uint8_t>& bytes) {
    bytes.resize(window.cells());
    if (isByte())
      raster_.read(1, window, bytes.data());
    else
      forParts(raster_, 1, window, values_,
               [&](size_t at, double value) { bytes[at] = cellOf(value); });
  }

  Cell cellOfByte(uint8_t byte) const {
    return isByte() ? cellOf(byte) : static_cast<Cell>(std::min<uint8_t>(byte, Other));
  }

  /// Ends the verb because of a cell that says neither.
  [[noreturn]] void tell(const Window& window, size_t cell) const {
    int column = window.x + static_cast<int>(cell % static_cast<size_t>(window.width));
    int row = window.y + static_cast<int>(cell / static_cast<size_t>(window.width));
    double value = 0;
    raster_.read(1, {column, row, 1, 1}, &value);
    fail(raster_.path(),
         fmt::format("has the value {} at column {}, row {}; 0 is dry and 1 is wet", value, column,
                     row),
         "--wet-over VALUE says from what depth on a cell is wet");
  }

 private:
  bool isByte() const { return raster_.type() == GDT_Byte; }

  Cell cellOf(double value) const {
    std::optional<double> nodata = raster_.nodata();
    if (std::isnan(value) || (nodata && value == *nodata)) return Nodata;
    if (wetOver_) return value > *wetOver_ ? Wet : Dry;
    if (value == 0) return Dry;
    if (value == 1) return Wet;
    return value == double{Left} && mayBeMasked_ ? Masked : Other;
  }

  const Raster& raster_;
  const std::optional<double> wetOver_;
  const bool mayBeMasked_;
  std::vector<double> values_;
};

/// What was asked for.
struct Asked {
  std::string candidate, benchmark;
  /// How a benchmark on another grid is resampled, in GDAL's words; empty: it is refused.
  std::string align;
  std::optional<double> wetOver;
  unsigned threads;

  explicit Asked(const base::Given& given)
      : candidate(given.get("--candidate")),
        benchmark(given.get("--benchmark")),
        wetOver(decimalOf(given, "--wet-over")),
        threads(threadsOf(given)) {
    if (!given.has("--align")) return;
    align = wordOf(given, "--align", {"nearest", "bilinear"});
    if (align == "nearest") align = "near";
  }
};

/// What one thread has open.
struct Pair {
  Raster candidate, benchmark;
  Reader candidateCells, benchmarkCells;

  explicit Pair(const Asked& asked)
      : candidate(asked.candidate),
        benchmark(openBenchmark(asked, candidate)),
        candidateCells(candidate, asked.wetOver, true),
        benchmarkCells(benchmark, asked.wetOver, false) {
    for (size_t n = 0; n < codes.size(); ++n) {
      Cell one = candidateCells.cellOfByte(static_cast<uint8_t>(n >> 8));
      Cell other = benchmarkCells.cellOfByte(static_cast<uint8_t>(n));
      codes[n] = one == Other || other == Other ? Wrong : kCodes[one][other];
    }
  }

  /// By the bytes of candidate and benchmark: one look for each pair of cells.
  std::array<uint8_t, 1 << 16> codes;

  /// Turns the candidate's bytes into codes.
  void code(const Window& window, std::vector<uint8_t>& bytes,
            const std::vector<uint8_t>& other) const {
    uint64_t lastOne = 0, lastTwo = 0, last = 0;
    for (size_t n = 0; n < bytes.size(); n += kWord) {
      uint64_t one = wordAt(bytes, n), two = wordAt(other, n);
      if (n == 0 || one != lastOne || two != lastTwo) last = codesOf(window, n, one, two);
      lastOne = one;
      lastTwo = two;
      std::memcpy(&bytes[n], &last, std::min(kWord, bytes.size() - n));
    }
  }

 private:
  uint64_t codesOf(const Window& window, size_t cell, uint64_t one, uint64_t two) const {
    uint64_t word = 0;
    for (unsigned n = 0; n < kWord; ++n, one >>= 8, two >>= 8) {
      uint8_t code = codes[(one & 255) << 8 | (two & 255)];
      word |= uint64_t{code} << 8 * n;
      if (code != Wrong) continue;
      bool isOfBenchmark = benchmarkCells.cellOfByte(static_cast<uint8_t>(two)) == Other;
      (isOfBenchmark ? benchmarkCells : candidateCells).tell(window, cell + n);
    }
    return word;
  }

  static Raster openBenchmark(const Asked& asked, const Raster& candidate) {
    Raster benchmark(asked.benchmark);
    std::string difference = differenceOf(candidate.grid(), benchmark.grid());
    if (difference.empty()) return benchmark;
    if (asked.align.empty())
      fail(asked.benchmark, fmt::format("{} as {}", difference, candidate.path()),
           "--align nearest or --align bilinear resamples it");
    return {asked.benchmark, candidate.grid(), asked.align, None};
  }
};

/// Compares windows of the two; the counts of all of them.
class Comparison {
 public:
  Comparison(const Asked& asked, std::optional<Polygons> mask)
      : asked_(asked), mask_(std::move(mask)), pairs_(asked.threads) {}

  /// The codes of a window, one thread at a time for each `worker`.
  std::vector<uint8_t> operator()(size_t worker, const Window& window) {
    std::unique_ptr<Pair>& pair = pairs_[worker];
    if (!pair) pair = std::make_unique<Pair>(asked_);
    std::vector<uint8_t> codes, other;
    pair->candidateCells.read(window, codes);
    pair->benchmarkCells.read(window, other);
    pair->code(window, codes, other);
    if (mask_ && mask_->mayMeet(pair->candidate.grid(), window)) {
      mask_->burn(pair->candidate.grid(), window, other);
      for (size_t n = 0; n < codes.size(); ++n)
        codes[n] = other[n] != 0 && codes[n] != None ? uint8_t{Left} : codes[n];
    }
    count(codes);
    return codes;
  }

  Confusion counts() const {
    return {counts_[Tn], counts_[Fn], counts_[Fp], counts_[Tp], counts_[Left], counts_[None]};
  }

 private:
  void count(const std::vector<uint8_t>& codes) {
    std::array<uint64_t, 256> found{};
    uint64_t last = 0, times = 0;
    auto add = [&] {
      for (unsigned shift = 0; shift < 64; shift += 8) found[last >> shift & 255] += times;
    };
    size_t whole = codes.size() / kWord * kWord;
    for (size_t n = 0; n < whole; n += kWord, ++times) {
      uint64_t word = wordAt(codes, n);
      if (word == last) continue;
      add();
      last = word;
      times = 0;
    }
    add();
    for (size_t n = whole; n < codes.size(); ++n) ++found[codes[n]];
    for (size_t n = 0; n < found.size(); ++n) counts_[n] += found[n];
  }

  const Asked& asked_;
  const std::optional<Polygons> mask_;
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::array<std::atomic<uint64_t>, 256> counts_{};
};

Summary summaryOf(const Confusion& counts, const std::vector<Metric>& metrics) {
  auto number = [&](llvm::StringRef name) {
    for (const Metric& metric : metrics) {
      if (metric.name == name) return metric.value;
    }
    return 0.0;
  };
  // JSON has no word for what is not a number.
  auto value = [&](llvm::StringRef name) {
    return std::isfinite(number(name)) ? llvm::json::Value(number(name)) : nullptr;
  };
  auto count = [](uint64_t cells) { return static_cast<int64_t>(cells); };
  return {fmt::format("{} cells compared, CSI {:.4f}; {} masked, {} without a value",
                      counts.compared(), number("CSI"), counts.masked, counts.nodata),
          llvm::json::Object{{"true_negatives", count(counts.trueNegative)},
                             {"false_negatives", count(counts.falseNegative)},
                             {"false_positives", count(counts.falsePositive)},
                             {"true_positives", count(counts.truePositive)},
                             {"masked", count(counts.masked)},
                             {"nodata", count(counts.nodata)},
                             {"compared", count(counts.compared())},
                             {"csi", value("CSI")},
                             {"mcc", value("MCC")}}};
}

}  // namespace

Summary agreementVerb(const base::Given& given) {
  Asked asked(given);
  Pair first(asked);
  const Grid& grid = first.candidate.grid();
  std::optional<Polygons> mask;
  if (given.has("--mask")) mask.emplace(given.get("--mask"), grid.crs);
  Comparison compare(asked, std::move(mask));
  std::string output = given.get("--output"), table = given.get("--metrics");
  Aside aside(folderOf(output)), tableAside(folderOf(table.empty() ? output : table));
  Layout layout{.nodata = None, .threads = asked.threads};
  NewRaster codes(aside.path("agreement"), output, grid, layout);
  size_t rows = static_cast<size_t>((grid.height + layout.block - 1) / layout.block);
  inOrder(asked.threads, rows, [&](size_t worker, size_t n) -> std::function<void()> {
    int top = static_cast<int>(n) * layout.block;
    Window window{0, top, grid.width, std::min(layout.block, grid.height - top)};
    return [&, window, cells = compare(worker, window)] { codes.writeBlocks(window, cells); };
  });
  codes.close();
  Confusion counts = compare.counts();
  if (counts.compared() == 0)
    throw Problem{asked.benchmark, fmt::format("has no cell in common with {}", asked.candidate),
                  "nothing was made", NothingThere};
  std::vector<Metric> metrics = metricsOf(counts, grid.cellArea());
  // The table last: where it is, the map is.
  aside.publish("agreement", output);
  if (!table.empty()) tableAside.publishText(tableOf(metrics), table);
  return summaryOf(counts, metrics);
}

}  // namespace wfc::geo
