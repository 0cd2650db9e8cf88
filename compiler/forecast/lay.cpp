// Families in time: each as early as the graph lets it, each attempt as long as its time. What
// limits, queues and machines make of that is not in it.
//
// Families that need each other in turn are a chain along a loop: its first iterations are walked,
// and since a chain falls into a steady pace, the rest follows from that.
#include <algorithm>

#include "llvm/ADT/STLExtras.h"

#include "compiler/forecast/parts.h"

namespace wfc::forecast {

namespace {

constexpr uint32_t kNone = UINT32_MAX;
/// Iterations of a chain that are walked one by one.
constexpr uint64_t kWalked = 2048;

/// When something is, and the family on whose end that rests.
struct Moment {
  double at = 0;
  uint32_t after = kNone;
};

void later(Moment& moment, double at, uint32_t after) {
  if (moment.after == kNone || at > moment.at) moment = {std::max(at, moment.at), after};
}

class Layer {
 public:
  Layer(const ir::Module& module, const Graph& graph, Forecast& forecast)
      : module_(module),
        graph_(graph),
        forecast_(forecast),
        firstEnd_(module.families.size()),
        end_(module.families.size()),
        back_(module.families.size()) {}

  void run() {
    for (uint32_t group = 0; group < graph_.groups.size(); ++group) place(group);
    uint32_t last = kNone;
    for (uint32_t f = 0; f < end_.size(); ++f)
      if (counts(f) && (last == kNone || end_[f] > end_[last])) last = f;
    for (; last != kNone && forecast_.path.size() < end_.size(); last = back_[last].after)
      forecast_.path.push_back(back_[last].step);
    std::reverse(forecast_.path.begin(), forecast_.path.end());
    std::erase_if(forecast_.path, [](const Step& step) { return step.families.empty(); });
    for (const Step& step : forecast_.path) note(step);
  }

 private:
  /// A step of the way back from a family's end, and where it goes on.
  struct Back {
    Step step;
    uint32_t after = kNone;
  };

  bool counts(uint32_t f) const {
    const Count& count = forecast_.families[f].instances;
    return module_.families[f].role != ir::Family::Hook && !(count.isKnown() && count.n == 0);
  }

  double timeOf(uint32_t f) const { return counts(f) ? forecast_.families[f].each.wall : 0; }

  void note(const Step& step) {
    forecast_.pathHours += step.hours;
    for (const auto& [id, count] : step.families) {
      const Family& family = forecast_.families[id.index()];
      bool isTimed = family.hasHours || !module_[id].task;
      bool isOpenChain = !chainOf(module_, graph_, graph_.groupOf[id.index()]).empty() &&
                         !family.instances.isKnown();
      forecast_.isPathPartial |= !isTimed || isOpenChain;
    }
  }

  void place(uint32_t group) {
    const std::vector<uint32_t>& members = graph_.groups[group];
    std::vector<Moment> first(members.size()), last(members.size());
    for (size_t n = 0; n < members.size(); ++n)
      for (uint32_t e : graph_.into[members[n]]) {
        const Edge& edge = graph_.edges[e];
        if (graph_.groupOf[edge.from] == group || !counts(edge.from)) continue;
        double ended = edge.isEarly ? firstEnd_[edge.from] : end_[edge.from];
        later(first[n], edge.isBarrier ? ended : firstEnd_[edge.from], edge.from);
        later(last[n], ended, edge.from);
      }
    std::vector<ir::LoopId> chain = chainOf(module_, graph_, group);
    bool isChain = members.size() > 1 || !chain.empty();
    if (isChain) return placeChain(group, chain, first, last);
    uint32_t f = members.front();
    set(f, first[0].at, first[0].at + timeOf(f), last[0].at + timeOf(f));
    back_[f] = {stepOf({{f, 1}}), last[0].after};
  }

  void set(uint32_t f, double start, double firstEnd, double end) {
    firstEnd_[f] = firstEnd;
    end_[f] = end;
    if (!counts(f)) return;
    forecast_.families[f].start = start;
    forecast_.families[f].end = end;
  }

  Step stepOf(const std::vector<std::pair<uint32_t, uint64_t>>& families) const {
    Step step;
    for (auto [f, count] : families) {
      if (count == 0 || !counts(f)) continue;
      step.families.emplace_back(ir::FamilyId(f), count);
      step.hours += timeOf(f) * static_cast<double>(count);
    }
    return step;
  }

  // ---- chains

  struct Link {
    size_t from;
    uint64_t steps;
  };
  struct Spot {
    double end = 0;
    size_t from = 0;
    uint64_t iteration = UINT64_MAX;  ///< of `from`; UINT64_MAX: it rests on what is outside
  };

  uint64_t lengthOf(const std::vector<ir::LoopId>& chain) const {
    Count length{1, Count::Exactly};
    for (ir::LoopId loop : chain) length = length * countOf(module_, module_[loop].space);
    return length.isKnown() ? std::max<uint64_t>(length.n, 1) : 1;
  }

  /// The links into each member, and the members in the order of one iteration.
  std::vector<size_t> orderOf(uint32_t group, std::vector<std::vector<Link>>& links) const {
    const std::vector<uint32_t>& members = graph_.groups[group];
    std::vector<size_t> order;
    std::vector<uint8_t> seen(members.size());
    std::function<void(size_t)> visit = [&](size_t n) {
      seen[n] = 1;
      for (uint32_t e : graph_.into[members[n]]) {
        const Edge& edge = graph_.edges[e];
        if (graph_.groupOf[edge.from] != group) continue;
        auto from = static_cast<size_t>(llvm::lower_bound(members, edge.from) - members.begin());
        uint64_t steps = 0;
        for (const auto& [loop, each] : edge.offsets)
          steps = steps == 0 ? static_cast<uint64_t>(each)
                             : std::min(steps, static_cast<uint64_t>(each));
        if (steps == 0 && seen[from] == 0) visit(from);
        // Round a circle of which no step can be told.
        if (steps == 0 && seen[from] == 1) steps = 1;
        links[n].push_back({from, steps});
      }
      seen[n] = 2;
      order.push_back(n);
    };
    for (size_t n = 0; n < members.size(); ++n)
      if (seen[n] == 0) visit(n);
    return order;
  }

  void placeChain(uint32_t group, const std::vector<ir::LoopId>& chain,
                  const std::vector<Moment>& first, const std::vector<Moment>& last) {
    const std::vector<uint32_t>& members = graph_.groups[group];
    uint64_t length = lengthOf(chain), walked = std::min(length, kWalked);
    std::vector<std::vector<Link>> links(members.size());
    std::vector<size_t> order = orderOf(group, links);
    std::vector<std::vector<Spot>> spots(walked, std::vector<Spot>(members.size()));
    for (uint64_t i = 0; i < walked; ++i)
      for (size_t n : order) {
        Spot& spot = spots[i][n];
        spot.end = first[n].at;
        for (const Link& link : links[n]) {
          if (link.steps > i || spots[i - link.steps][link.from].end <= spot.end) continue;
          spot = {spots[i - link.steps][link.from].end, link.from, i - link.steps};
        }
        spot.end += timeOf(members[n]);
      }
    // The steady pace: over the second half of what was walked.
    uint64_t half = walked / 2;
    for (size_t n : order) {
      double start = spots[0][n].end - timeOf(members[n]), end = spots[walked - 1][n].end;
      if (length > walked)
        end += static_cast<double>(length - walked) * (end - spots[walked - 1 - half][n].end) /
               static_cast<double>(half);
      set(members[n], start, spots[0][n].end, end);
      back_[members[n]] = walkBack(
          members, spots, n, static_cast<double>(length) / static_cast<double>(walked), first);
    }
    placeLast(members, order, links, last);
  }

  Back walkBack(const std::vector<uint32_t>& members, const std::vector<std::vector<Spot>>& spots,
                size_t n, double times, const std::vector<Moment>& first) const {
    std::vector<uint64_t> passed(members.size());
    uint64_t i = spots.size() - 1;
    while (true) {
      ++passed[n];
      const Spot& spot = spots[i][n];
      if (spot.iteration == UINT64_MAX) break;
      i = spot.iteration;
      n = spot.from;
    }
    std::vector<std::pair<uint32_t, uint64_t>> families;
    for (size_t m = 0; m < members.size(); ++m)
      families.emplace_back(members[m],
                            static_cast<uint64_t>(static_cast<double>(passed[m]) * times + 0.5));
    return {stepOf(families), first[n].after};
  }

  /// Where what is outside ends after the chain could: then the last iteration alone follows it.
  void placeLast(const std::vector<uint32_t>& members, const std::vector<size_t>& order,
                 const std::vector<std::vector<Link>>& links, const std::vector<Moment>& last) {
    for (size_t n : order) {
      uint32_t f = members[n];
      Moment begin = last[n];
      for (const Link& link : links[n])
        if (link.steps == 0) later(begin, end_[members[link.from]], members[link.from]);
      if (begin.at + timeOf(f) <= end_[f]) continue;
      end_[f] = begin.at + timeOf(f);
      if (counts(f)) forecast_.families[f].end = end_[f];
      back_[f] = {stepOf({{f, 1}}), begin.after};
    }
  }

  const ir::Module& module_;
  const Graph& graph_;
  Forecast& forecast_;
  std::vector<double> firstEnd_, end_;
  std::vector<Back> back_;
};

}  // namespace

void lay(const ir::Module& module, const Graph& graph, Forecast& forecast) {
  Layer(module, graph, forecast).run();
}

}  // namespace wfc::forecast
