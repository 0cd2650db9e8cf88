// What can be at work at once: of one family by its chain, its limits and its pool; of all by the
// largest set of instances of which none waits for another. Never more than that, whatever the
// timing.
#include <algorithm>
#include <cmath>

#include "llvm/ADT/STLExtras.h"

#include "compiler/forecast/parts.h"
#include "compiler/ir/planned.h"

namespace wfc::forecast {

namespace {

class Peaks {
 public:
  Peaks(const ir::Module& module, const Graph& graph, Forecast& forecast)
      : module_(module), graph_(graph), forecast_(forecast) {
    for (uint32_t group = 0; group < graph.groups.size(); ++group)
      chains_.push_back(chainOf(module, graph, group));
  }

  void find() {
    for (uint32_t f = 0; f < module_.families.size(); ++f) {
      widths_.push_back(widthOf(f));
      caps_.push_back(capOf(f));
      Count& atOnce = forecast_.families[f].atOnce;
      atOnce = widths_.back();
      bool isLess = caps_.back() && (!atOnce.isKnown() || *caps_.back() < atOnce.n);
      if (isLess) atOnce = {*caps_.back(), Count::AtMost};
    }
    forecast_.peak.instances = peakOf([](const Load& load) { return load.instances; }, true);
    forecast_.peak.nodes = peakOf([](const Load& load) { return load.nodes; }, false);
    forecast_.peak.cores = peakOf([](const Load& load) { return load.cores; }, false);
    forecast_.peak.gpus = peakOf([](const Load& load) { return load.gpus; }, false);
    for (const Pool& pool : forecast_.pools) {
      forecast_.peak.nodes += pool.load.nodes;
      forecast_.peak.cores += pool.load.cores;
      forecast_.peak.gpus += pool.load.gpus;
    }
  }

 private:
  /// By the graph alone: one of each chain at a time.
  Count widthOf(uint32_t f) const {
    Count count = forecast_.families[f].instances;
    if (!count.isKnown()) return count;
    for (ir::LoopId chained : chains_[graph_.groupOf[f]])
      for (ir::LoopId loop : module_.families[f].loops) {
        Count length = countOf(module_, module_[loop].space);
        bool isAlong = module_[loop].space == module_[chained].space && length.n > 0;
        if (isAlong) count.n = count.n / length.n + (count.n % length.n != 0);
      }
    return count;
  }

  /// By limits and pools; nullopt: there are none.
  std::optional<uint64_t> capOf(uint32_t f) const {
    std::optional<uint64_t> cap;
    auto lower = [&](uint64_t to) { cap = std::min(cap.value_or(to), to); };
    for (const ir::Limit& limit : module_.limits)
      if (std::optional<uint64_t> most = mostOf(limit, f)) lower(*most);
    if (std::optional<uint64_t> most = roomInPool(f)) lower(*most);
    return cap;
  }

  std::optional<uint64_t> mostOf(const ir::Limit& limit, uint32_t f) const {
    const ir::Family& family = module_.families[f];
    auto count = static_cast<uint64_t>(std::max<int64_t>(limit.count, 0));
    if (limit.perMs > 0) {
      // No attempt outlives its time, so what began earlier is over.
      double time = forecast_.families[f].each.wall * 3600000;
      if (!forecast_.families[f].hasHours) return std::nullopt;
      count *= 1 + static_cast<uint64_t>(time / static_cast<double>(limit.perMs));
    }
    if (llvm::is_contained(limit.families, ir::FamilyId(f))) return count;
    auto at = limit.loop ? llvm::find(family.loops, limit.loop) : family.loops.end();
    if (at == family.loops.end()) return std::nullopt;
    // All that stands in one iteration may be at work in each that is open.
    Count inside{count, Count::Exactly};
    for (++at; at != family.loops.end(); ++at)
      inside = inside * countOf(module_, module_[*at].space);
    return inside.isKnown() ? std::optional(inside.n) : std::nullopt;
  }

  std::optional<uint64_t> roomInPool(uint32_t f) const {
    const ir::Pool* pool = ir::poolNamed(module_, module_.families[f].pool);
    const Family& family = forecast_.families[f];
    if (!pool || !family.hasHours) return std::nullopt;
    for (const Pool& known : forecast_.pools) {
      if (known.name != pool->name) continue;
      double cores = static_cast<double>(
          ir::factNumber(module_, "partition." + known.partition + ".cores", 0));
      std::optional<double> onNode;
      auto fit = [&](double has, double asks) {
        if (has > 0 && asks > 0)
          onNode = std::min(onNode.value_or(INFINITY), std::floor(has / asks));
      };
      fit(cores, family.one.cores);
      fit(known.load.gpus / std::max(known.load.nodes, 1.0), family.one.gpus);
      if (onNode) return static_cast<uint64_t>(*onNode * known.load.nodes);
    }
    return std::nullopt;
  }

  /// The lesser of two bounds: by the graph, and by the limits where there are any.
  double peakOf(const std::function<double(const Load&)>& weigh, bool isWithPools) const {
    std::vector<double> byGraph, rest;
    double limited = 0;
    for (uint32_t f = 0; f < widths_.size(); ++f) {
      const Family& family = forecast_.families[f];
      bool isCounted = module_.families[f].role == ir::Family::Work && family.hasHours &&
                       (isWithPools || module_.families[f].pool.empty()) && family.atOnce.isKnown();
      double one = isCounted ? weigh(family.one) : 0;
      bool isBounded = caps_[f] && (!widths_[f].isKnown() || *caps_[f] < widths_[f].n);
      auto atOnce = [&](uint64_t count) {
        double most = static_cast<double>(count) * one;
        // Where they ask for different amounts, all of them are less than as many of the largest.
        return family.instances.isKnown() && isCounted ? std::min(most, weigh(family.all)) : most;
      };
      double most = atOnce(family.atOnce.n);
      // What only a limit bounds has no width of its own.
      byGraph.push_back(widths_[f].isKnown() ? atOnce(widths_[f].n) : most);
      rest.push_back(isBounded ? 0 : byGraph.back());
      if (isBounded && !isShared(f)) limited += most;
    }
    limited += sharedPeak(weigh);
    std::vector<std::pair<uint32_t, uint32_t>> order = orderOfAll();
    return std::min(largestAtOnce(byGraph, order), largestAtOnce(rest, order) + limited);
  }

  /// The limit over several families that bounds this one.
  const ir::Limit* sharedLimit(uint32_t f) const {
    for (const ir::Limit& limit : module_.limits)
      if (limit.families.size() > 1 && limit.perMs == 0 &&
          llvm::is_contained(limit.families, ir::FamilyId(f)))
        return &limit;
    return nullptr;
  }
  bool isShared(uint32_t f) const { return sharedLimit(f) != nullptr; }

  /// Under one limit over several families: as many of that one which asks most.
  double sharedPeak(const std::function<double(const Load&)>& weigh) const {
    double sum = 0;
    for (const ir::Limit& limit : module_.limits) {
      double largest = 0;
      for (uint32_t f = 0; f < widths_.size(); ++f) {
        bool isBounded = caps_[f] && (!widths_[f].isKnown() || *caps_[f] < widths_[f].n);
        if (sharedLimit(f) == &limit && isBounded && forecast_.families[f].hasHours)
          largest = std::max(largest, weigh(forecast_.families[f].one));
      }
      sum += largest * static_cast<double>(limit.count);
    }
    return sum;
  }

  std::vector<std::pair<uint32_t, uint32_t>> orderOfAll() const {
    std::vector<std::pair<uint32_t, uint32_t>> order;
    for (const Edge& edge : graph_.edges) {
      bool isChained =
          !chains_[graph_.groupOf[edge.from]].empty() && !chains_[graph_.groupOf[edge.to]].empty();
      bool isOrder = edge.isBarrier || (edge.isPairing && !isChained);
      // Within a group the pairs of one iteration go round in a circle with those of the next.
      if (graph_.groupOf[edge.from] == graph_.groupOf[edge.to]) isOrder = false;
      if (isOrder) order.emplace_back(edge.from, edge.to);
    }
    return order;
  }

  const ir::Module& module_;
  const Graph& graph_;
  Forecast& forecast_;
  std::vector<std::vector<ir::LoopId>> chains_;
  std::vector<Count> widths_;
  std::vector<std::optional<uint64_t>> caps_;
};

}  // namespace

void findPeaks(const ir::Module& module, const Graph& graph, Forecast& forecast) {
  Peaks(module, graph, forecast).find();
}

}  // namespace wfc::forecast
