// See given.h.
#include "runtime/move/given.h"

#include <algorithm>

#include <fmt/format.h>

namespace wfc::move {

namespace {

/// Takes a number and the unit behind it off the front.
bool take(llvm::StringRef& text, double& number, llvm::StringRef& unit) {
  llvm::StringRef digits =
      text.take_while([](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  text = text.drop_front(digits.size());
  unit = text.take_until([](char c) { return c >= '0' && c <= '9'; });
  text = text.drop_front(unit.size());
  unit = unit.trim();
  return !digits.getAsDouble(number) && number >= 0;
}

}  // namespace

std::optional<uint64_t> readBytes(llvm::StringRef text) {
  text.consume_back("/s");
  double number = 0;
  llvm::StringRef unit;
  if (!take(text, number, unit) || !text.empty()) return {};
  static constexpr std::pair<llvm::StringRef, double> kUnits[] = {{"", 1},
                                                                  {"B", 1},
                                                                  {"kB", 1e3},
                                                                  {"KB", 1e3},
                                                                  {"MB", 1e6},
                                                                  {"GB", 1e9},
                                                                  {"TB", 1e12},
                                                                  {"KiB", 1024},
                                                                  {"MiB", 1048576.0},
                                                                  {"GiB", 1073741824.0},
                                                                  {"TiB", 1099511627776.0}};
  for (auto [name, factor] : kUnits) {
    if (unit == name) return static_cast<uint64_t>(number * factor);
  }
  return {};
}

std::optional<double> readSeconds(llvm::StringRef text) {
  static constexpr std::pair<llvm::StringRef, double> kUnits[] = {
      {"ms", 0.001}, {"s", 1},       {"min", 60},    {"h", 3600},
      {"d", 86400},  {"day", 86400}, {"days", 86400}};
  double seconds = 0;
  do {
    double number = 0;
    llvm::StringRef unit;
    if (!take(text, number, unit)) return {};
    const auto* known = std::find_if(std::begin(kUnits), std::end(kUnits),
                                     [&](const auto& one) { return one.first == unit; });
    if (known == std::end(kUnits)) return {};
    seconds += number * known->second;
  } while (!text.empty());
  return seconds;
}

int finish(Work& work, Summary& summary, const base::Given& given, double begun) {
  summary.seconds = secondsNow() - begun;
  if (given.has("--summary"))
    writeSummary(work, summary, SummaryFor::Keeping, given.get("--summary"));
  if (given.has("--result"))
    writeSummary(work, summary, SummaryFor::Reading, given.get("--result"));
  print(work, summary, given.has("--json"));
  return work.status();
}

bool mayRemove(const Options& options) {
  if (options.verify != Verify::None && options.isFlushed) return true;
  wrongUse("`archive` removes the source, so it always verifies and flushes");
  return false;
}

int wrongUse(const std::string& text) {
  fmt::print(stderr, "wfr: {}\n", text);
  return WrongUse;
}

std::optional<Options> readOptions(const base::Given& given) {
  Options options;
  auto wrong = [](const std::string& text) {
    wrongUse(text);
    return std::nullopt;
  };
  if (given.has("--threads")) {
    unsigned threads = 0;
    if (llvm::StringRef(given.get("--threads")).getAsInteger(10, threads) || threads == 0 ||
        threads > 1024)
      return wrong("`--threads` is a number from 1 to 1024");
    options.threads = threads;
  }
  if (given.has("--rate")) {
    std::optional<uint64_t> rate = readBytes(given.get("--rate"));
    if (!rate || *rate == 0) return wrong("`--rate` is a number of bytes a second, as in 50MB/s");
    options.rate = *rate;
  }
  if (given.has("--settle")) {
    std::optional<double> settle = readSeconds(given.get("--settle"));
    if (!settle) return wrong("`--settle` is a time, as in 30s or 5min");
    options.settle = *settle;
  }
  std::string verify = given.has("--verify") ? given.get("--verify") : "written";
  if (verify != "written" && verify != "disk" && verify != "none")
    return wrong(fmt::format("`--verify` is written, disk or none, not `{}`", verify));
  options.verify = verify == "disk"   ? Verify::Disk
                   : verify == "none" ? Verify::None
                                      : Verify::Written;
  options.isFlushed = !given.has("--no-flush") || options.verify == Verify::Disk;
  options.isReplaced = given.has("--replace");
  options.isDeleted = given.has("--delete");
  options.isByContent = given.has("--by-content");
  options.isWithoutSpecial = given.has("--skip-special");
  options.isQuiet = given.has("--quiet");
  return options;
}

}  // namespace wfc::move
