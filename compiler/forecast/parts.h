// Between the files of this folder: counts of spaces, the graph of families, and what is made of
// it.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/forecast/forecast.h"

namespace wfc::forecast {

/// Number of elements of a space, as far as the module tells.
Count countOf(const ir::Module& module, ir::SpaceId space);
/// Instances of a family, and why the number is no exact one.
Count countOf(const ir::Module& module, const ir::Family& family, std::string& why);
Count operator*(Count a, Count b);
Count operator+(Count a, Count b);

Pool measured(const ir::Module& module, const ir::Pool& pool);

/// One family waits for another.
struct Edge {
  uint32_t from = 0, to = 0;
  bool isBarrier = false;  ///< for all of it
  /// Each instance of either has a partner in the other: what runs at once of both is bounded by
  /// the larger. False: nothing is known.
  bool isPairing = false;
  bool isEarly = false;  ///< the first few are enough
  /// Steps back in a loop of the producer; 0: the same iteration.
  std::vector<std::pair<ir::LoopId, int64_t>> offsets;
};

struct Graph {
  std::vector<Edge> edges;
  std::vector<std::vector<uint32_t>> into;  ///< edges by reader
  /// Families that need each other in turn, producers first; mostly one family each.
  std::vector<std::vector<uint32_t>> groups;
  std::vector<uint32_t> groupOf;
};
Graph graphOf(const ir::Module& module);

/// The loops along which the families of a group form a chain; empty: they do not.
std::vector<ir::LoopId> chainOf(const ir::Module& module, const Graph& graph, uint32_t group);

/// Sets `start` and `end` of the families, and the critical path.
void lay(const ir::Module& module, const Graph& graph, Forecast& forecast);

/// The largest sum of weights of which no two are ordered by the pairs (from, to); weights of what
/// is ordered only through others count too.
double largestAtOnce(const std::vector<double>& weights,
                     const std::vector<std::pair<uint32_t, uint32_t>>& order);

/// Sets `atOnce` of the families, and the peaks.
void findPeaks(const ir::Module& module, const Graph& graph, Forecast& forecast);
void findPeakDisk(const ir::Module& module, const Graph& graph, Forecast& forecast);

}  // namespace wfc::forecast
