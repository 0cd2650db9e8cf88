// What lies on the shared disk: all that stays, and of temps as many as can lie there at once. A
// temp lies from its start until the last reader has ended; two of them never lie there together
// where one begins only after every reader of the other.
#include <algorithm>

#include "llvm/ADT/STLExtras.h"

#include "compiler/forecast/parts.h"

namespace wfc::forecast {

namespace {

class Disk {
 public:
  Disk(const ir::Module& module, const Graph& graph, Forecast& forecast)
      : module_(module), graph_(graph), forecast_(forecast), readers_(module.families.size()) {
    for (const Edge& edge : graph.edges) readers_[edge.from].push_back(edge.to);
  }

  void find() {
    for (const Family& family : forecast_.families) {
      if (!isOnSharedDisk(family)) continue;
      add(forecast_.bytes, family.bytes);
      add(forecast_.inodes, family.inodes);
      forecast_.peakBytes.isAtMost |= !isExact(family);
      forecast_.peakInodes.isAtMost |= !isExact(family);
    }
    findOrder();
    forecast_.peakBytes.value = peakOf(&Family::bytes);
    forecast_.peakInodes.value = peakOf(&Family::inodes);
    holdToBudget();
  }

 private:
  bool isOnSharedDisk(const Family& family) const {
    const ir::Family& written = module_[family.family];
    return written.store.empty() && written.disk != ir::Family::OnNode;
  }

  static bool isExact(const Family& family) {
    return !family.isTemp && family.instances.how == Count::Exactly;
  }

  static void add(Stated& sum, const Stated& more) {
    sum.amount += more.amount, sum.parts += more.parts, sum.notStated += more.notStated;
  }

  /// Families that begin only after the last of another has ended.
  std::vector<bool> after(uint32_t family) const {
    std::vector<bool> isReached(readers_.size()), isBehind(readers_.size());
    std::vector<std::pair<uint32_t, bool>> open = {{family, false}};
    while (!open.empty()) {
      auto [at, hasBarrier] = open.back();
      open.pop_back();
      for (const Edge& edge : graph_.edges) {
        bool isOrder = edge.from == at && edge.to != at && (edge.isBarrier || edge.isPairing);
        if (!isOrder) continue;
        bool isPast = hasBarrier || edge.isBarrier;
        std::vector<bool>& seen = isPast ? isBehind : isReached;
        if (seen[edge.to]) continue;
        seen[edge.to] = true;
        open.emplace_back(edge.to, isPast);
      }
    }
    return isBehind;
  }

  void findOrder() {
    for (uint32_t f = 0; f < readers_.size(); ++f) {
      const Family& family = forecast_.families[f];
      bool isWanted = family.isTemp && isOnSharedDisk(family) && !readers_[f].empty();
      if (!isWanted) continue;
      std::vector<bool> isFree(readers_.size(), true);
      for (uint32_t reader : readers_[f]) {
        std::vector<bool> behind = after(reader);
        for (size_t n = 0; n < isFree.size(); ++n) isFree[n] = isFree[n] && behind[n];
      }
      for (uint32_t n = 0; n < isFree.size(); ++n)
        if (isFree[n] && forecast_.families[n].isTemp) order_.emplace_back(f, n);
    }
  }

  /// The part of a family's temps that limits let lie there at once.
  double shareOf(uint32_t f) const {
    double share = 1;
    for (const ir::Limit& limit : module_.limits) {
      bool isOfLoop = limit.loop && limit.perMs == 0 && isIn(f, limit.loop) &&
                      llvm::all_of(readers_[f], [&](uint32_t r) { return isIn(r, limit.loop); });
      if (!isOfLoop) continue;
      // Of nested loops, the iterations of one limit count under all outer ones together.
      Count all{1, Count::Exactly};
      for (ir::LoopId loop : module_.families[f].loops) {
        all = all * countOf(module_, module_[loop].space);
        if (loop == limit.loop) break;
      }
      if (all.isKnown() && all.n > 0)
        share = std::min(share, static_cast<double>(limit.count) / static_cast<double>(all.n));
    }
    return share;
  }

  bool isIn(uint32_t f, ir::LoopId loop) const {
    return llvm::is_contained(module_.families[f].loops, loop);
  }

  double peakOf(Stated Family::* what) const {
    std::vector<double> temps(readers_.size());
    double sum = 0;
    for (uint32_t f = 0; f < readers_.size(); ++f) {
      const Family& family = forecast_.families[f];
      if (!isOnSharedDisk(family)) continue;
      double amount = (family.*what).amount;
      if (family.isTemp)
        temps[f] = amount * shareOf(f);
      else
        sum += amount;
    }
    return sum + largestAtOnce(temps, order_);
  }

  /// A budget holds what declared a size until the temp is gone: temps are within it.
  void holdToBudget() {
    for (const ir::Budget& budget : module_.budgets) {
      if (budget.resource != "disk") continue;
      double stays = 0;
      for (const Family& family : forecast_.families)
        if (isOnSharedDisk(family) && !family.isTemp) stays += family.bytes.amount;
      forecast_.peakBytes.value =
          std::min(forecast_.peakBytes.value, stays + static_cast<double>(budget.amount.i));
    }
  }

  const ir::Module& module_;
  const Graph& graph_;
  Forecast& forecast_;
  std::vector<std::vector<uint32_t>> readers_;
  std::vector<std::pair<uint32_t, uint32_t>> order_;
};

}  // namespace

void findPeakDisk(const ir::Module& module, const Graph& graph, Forecast& forecast) {
  Disk(module, graph, forecast).find();
}

}  // namespace wfc::forecast
