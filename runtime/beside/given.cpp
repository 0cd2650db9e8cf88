// See given.h.
#include "runtime/beside/given.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "runtime/beside/problem.h"

namespace wfc::beside {

unsigned threadsOf(const base::Given& given) {
  auto cpus = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 64u));
  const char* told = std::getenv("OMP_NUM_THREADS");
  int number = 0;
  if (told != nullptr && !llvm::StringRef(told).getAsInteger(10, number) && number > 0)
    cpus = std::min(number, 1024);
  return static_cast<unsigned>(numberOf(given, "--threads", 1, 1024, cpus));
}

int numberOf(const base::Given& given, llvm::StringRef flag, int least, int most, int usual) {
  if (!given.has(flag)) return usual;
  std::string text = given.get(flag);
  int number = 0;
  if (llvm::StringRef(text).getAsInteger(10, number) || number < least || number > most)
    failUse(fmt::format("`{}` is a number from {} to {}, not `{}`", flag.str(), least, most, text));
  return number;
}

std::optional<double> decimalOf(const base::Given& given, llvm::StringRef flag) {
  if (!given.has(flag)) return {};
  std::string text = given.get(flag);
  double number = 0;
  if (llvm::StringRef(text).getAsDouble(number) || !std::isfinite(number))
    failUse(fmt::format("`{}` is a number, not `{}`", flag.str(), text));
  return number;
}

std::string wordOf(const base::Given& given, llvm::StringRef flag,
                   const std::vector<std::string>& words) {
  if (!given.has(flag)) return words.front();
  std::string word = given.get(flag);
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    std::string list;
    for (const std::string& one : words) list += (list.empty() ? "" : ", ") + one;
    failUse(fmt::format("`{}` is one of {}, not `{}`{}", flag.str(), list, word,
                        base::nearestOf(word, words)));
  }
  return word;
}

}  // namespace wfc::beside
