// Throttles on loops: iterations open in order, at most so many at once; one that waits for another
// which may not open before it has ended waits for ever.
#include <algorithm>
#include <set>

#include "compiler/check/graph.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

namespace {

/// Where the loop stands in those of a family.
std::optional<size_t> depthOf(const ir::Family& family, ir::LoopId loop) {
  auto at = std::find(family.loops.begin(), family.loops.end(), loop);
  if (at == family.loops.end()) return std::nullopt;
  return static_cast<size_t>(at - family.loops.begin());
}

class Throttle {
 public:
  Throttle(Session& s, ArrayRef<Edge> edges, const ir::Limit& limit)
      : s_(s), edges_(edges), limit_(limit), space_(s.module[limit.loop].space) {
    size_ = sizeOf(limit.loop);
    // Once the limit was reached, nothing opens before so few are left.
    most_ = limit.refill >= 0 ? limit.refill + 1 : limit.count;
    for (ir::LoopId up = s.module[limit.loop].parent; up.valid(); up = s.module[up].parent)
      outers_ = std::min(outers_ * std::min(sizeOf(up), kMany), kMany);
  }

  void prove() {
    for (const Edge& edge : edges_)
      if (edge.direction == Direction::After) proveSteps(edge);
    std::set<uint32_t> told;
    for (const Edge& edge : edges_) {
      const ir::Family& reader = s_.module[edge.reader];
      if (!depthOf(reader, limit_.loop)) continue;
      uint64_t first = firstTurn(reader);
      if (first >= size_ || lives(size_ - 1 - first)) continue;
      std::set<uint32_t> seen;
      if (readsAll(edge, seen) && told.insert(edge.ref.index()).second)
        s_.report(s_.rangeOf(s_.module[edge.ref].loc),
                  diag::ThrottleWaitsForAll{.variable = s_.module[limit_.loop].variable,
                                            .limit = std::to_string(limit_.count),
                                            .limitAt = s_.rangeOf(limit_.loc)});
    }
  }

 private:
  static constexpr uint64_t kMany = 1000000;

  uint64_t sizeOf(ir::LoopId loop) const {
    ir::SpaceId space = s_.module[loop].space;
    return ir::isStatic(s_.module, space) ? ir::sizeOf(s_.module, space) : ir::kOpen;
  }

  /// Whether all may be open at once, or a turn that waits for one so many ahead is sure to see it
  /// open: other turns of the loops around may each hold as many places.
  bool lives(uint64_t steps) const {
    if (std::min(size_, kMany) * outers_ <= static_cast<uint64_t>(limit_.count)) return true;
    return std::min(steps, kMany) * outers_ < static_cast<uint64_t>(most_);
  }

  /// A turn waits for one that stands so many steps ahead of it.
  void proveSteps(const Edge& edge) {
    const int64_t steps = edge.steps;
    const auto ahead = static_cast<uint64_t>(steps);
    if (lives(ahead) || !depthOf(s_.module[edge.reader], limit_.loop)) return;
    int64_t last = static_cast<int64_t>(std::min<uint64_t>(size_, INT64_MAX)) - steps;
    if (size_ != ir::kOpen && last <= 0) return;  // none has a partner so far ahead
    std::string timeline;
    int64_t shown = size_ == ir::kOpen ? 0 : std::min<int64_t>({limit_.count, 4, last});
    for (int64_t i = 0; i < shown; ++i)
      timeline += "\n" + keyAt(i) + " opens and waits for " + keyAt(i + steps);
    s_.report(s_.rangeOf(s_.module[edge.ref].loc),
              diag::ThrottleTooLow{
                  .steps = std::to_string(steps),
                  .limit = limit_.refill >= 0 ? std::to_string(limit_.count) + " refill " +
                                                    std::to_string(limit_.refill)
                                              : std::to_string(limit_.count),
                  .needed = limit_.refill >= 0 ? "refill " + std::to_string(ahead * outers_)
                                               : std::to_string(ahead * outers_ + 1),
                  .timeline = timeline,
                  .limitAt = s_.rangeOf(limit_.loc)});
  }

  std::string keyAt(int64_t n) const {
    return ir::keyText(s_.module, ir::elementAt(s_.module, space_, static_cast<uint64_t>(n)));
  }

  /// The first iteration in which guards known now let the family be.
  uint64_t firstTurn(const ir::Family& family) const {
    constexpr uint64_t kMost = 10000;
    if (size_ > kMost) return 0;
    for (uint64_t n = 0; n < size_; ++n) {
      ir::Value element = ir::elementAt(s_.module, space_, n);
      ir::Scope scope;
      scope.loopVar = [&](ir::LoopId id) { return id == limit_.loop ? &element : nullptr; };
      scope.loopPosition = [&](ir::LoopId id) -> std::optional<std::pair<uint64_t, uint64_t>> {
        if (id != limit_.loop) return std::nullopt;
        return std::pair(n, size_);
      };
      auto lets = [&](const ir::Guard& guard) {
        if (!guard.isStatic) return true;
        ir::Result holds = ir::evaluate(s_.module, guard.condition, scope);
        return !holds || holds.value->truth() == guard.wanted;
      };
      if (std::all_of(family.guards.begin(), family.guards.end(), lets)) return n;
    }
    return size_;
  }

  /// Whether the reference, by itself or by way of families outside of the loop, waits for all
  /// turns of it.
  bool readsAll(const Edge& edge, std::set<uint32_t>& seen) const {
    const ir::Family& producer = s_.module[edge.producer];
    if (s_.module[edge.ref].demand == ir::Demand::First) return false;
    if (std::optional<size_t> depth = depthOf(producer, limit_.loop)) {
      const std::vector<ir::IndexPattern>& indices = s_.module[edge.ref].indices;
      if (*depth >= indices.size()) return false;
      ir::IndexPattern::Kind kind = indices[*depth].kind;
      return kind == ir::IndexPattern::All || kind == ir::IndexPattern::From;
    }
    if (!seen.insert(edge.producer.index()).second) return false;
    return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& next) {
      return next.reader == edge.producer && readsAll(next, seen);
    });
  }

  Session& s_;
  ArrayRef<Edge> edges_;
  const ir::Limit& limit_;
  ir::SpaceId space_;
  uint64_t size_ = 0;
  uint64_t outers_ = 1;  ///< how many turns of the loops around it there may be
  int64_t most_ = 0;
};

}  // namespace

void proveThrottles(Session& s, ArrayRef<Edge> edges) {
  // Reports do not add to it.
  for (const ir::Limit& limit : s.module.limits)
    if (limit.loop.valid() && !limit.perMs) Throttle(s, edges, limit).prove();
}

}  // namespace wfc::check
