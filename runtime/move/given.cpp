// See given.h.
#include "runtime/move/given.h"

#include <fmt/format.h>

namespace wfc::move {

namespace {

/// A number and the unit behind it.
bool split(llvm::StringRef text, double& number, llvm::StringRef& unit) {
  size_t end = text.find_first_not_of("0123456789.");
  unit = end == llvm::StringRef::npos ? "" : text.drop_front(end).trim();
  return !text.take_front(end).getAsDouble(number) && number >= 0;
}

}  // namespace

std::optional<uint64_t> readBytes(llvm::StringRef text) {
  text.consume_back("/s");
  double number = 0;
  llvm::StringRef unit;
  if (!split(text, number, unit)) return {};
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
  double number = 0;
  llvm::StringRef unit;
  if (!split(text, number, unit)) return {};
  static constexpr std::pair<llvm::StringRef, double> kUnits[] = {
      {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
  for (auto [name, factor] : kUnits) {
    if (unit == name) return number * factor;
  }
  return {};
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
