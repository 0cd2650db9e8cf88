// The largest antichain of a weighted order, by Dilworth: all weights, less what of them chains can
// share. Chains run from family to family; how much they share is a maximum flow (Dinic).
#include <algorithm>
#include <limits>
#include <queue>

#include "compiler/forecast/parts.h"

namespace wfc::forecast {

namespace {

constexpr double kEndless = std::numeric_limits<double>::infinity();
/// Weights are counts and sizes: what is smaller than this is rounding.
constexpr double kNothing = 1e-6;

class Flow {
 public:
  explicit Flow(size_t nodes) : out_(nodes), level_(nodes), next_(nodes) {}

  void add(size_t from, size_t to, double room) {
    out_[from].push_back(arcs_.size());
    arcs_.push_back({to, room});
    out_[to].push_back(arcs_.size());
    arcs_.push_back({from, 0});
  }

  double largest(size_t source, size_t sink) {
    double sum = 0;
    while (findLevels(source, sink)) {
      std::fill(next_.begin(), next_.end(), 0);
      while (double pushed = push(source, sink, kEndless)) sum += pushed;
    }
    return sum;
  }

 private:
  struct Arc {
    size_t to;
    double room;
  };

  bool findLevels(size_t source, size_t sink) {
    std::fill(level_.begin(), level_.end(), -1);
    level_[source] = 0;
    std::queue<size_t> open({source});
    while (!open.empty()) {
      size_t at = open.front();
      open.pop();
      for (size_t arc : out_[at])
        if (arcs_[arc].room > kNothing && level_[arcs_[arc].to] < 0) {
          level_[arcs_[arc].to] = level_[at] + 1;
          open.push(arcs_[arc].to);
        }
    }
    return level_[sink] >= 0;
  }

  double push(size_t at, size_t sink, double most) {
    if (at == sink) return most;
    for (size_t& n = next_[at]; n < out_[at].size(); ++n) {
      size_t arc = out_[at][n];
      bool isOn = arcs_[arc].room > kNothing && level_[arcs_[arc].to] == level_[at] + 1;
      if (!isOn) continue;
      double pushed = push(arcs_[arc].to, sink, std::min(most, arcs_[arc].room));
      if (pushed <= 0) continue;
      arcs_[arc].room -= pushed;
      arcs_[arc ^ 1].room += pushed;
      return pushed;
    }
    return 0;
  }

  std::vector<Arc> arcs_;
  std::vector<std::vector<size_t>> out_;
  std::vector<int> level_;
  std::vector<size_t> next_;
};

}  // namespace

double largestAtOnce(const std::vector<double>& weights,
                     const std::vector<std::pair<uint32_t, uint32_t>>& order) {
  size_t count = weights.size(), source = 2 * count, sink = source + 1;
  Flow flow(sink + 1);
  double sum = 0;
  for (size_t n = 0; n < count; ++n) {
    sum += weights[n];
    flow.add(source, n, weights[n]);
    flow.add(count + n, sink, weights[n]);
    // A chain may pass without counting.
    flow.add(count + n, n, kEndless);
  }
  for (auto [from, to] : order) flow.add(from, count + to, kEndless);
  return sum - flow.largest(source, sink);
}

}  // namespace wfc::forecast
