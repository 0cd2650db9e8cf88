// The planner: order of families, arrays in chunks, edges of whole arrays, edges of single indices.
#include "targets/slurm/backend/ahead.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "targets/slurm/backend/eligible.h"
#include "targets/slurm/backend/facts.h"

namespace wfc::slurm {

namespace {

using run::Engine;
using run::InstanceId;
using run::kNone;
using run::Phase;

class Planner {
 public:
  Planner(const Engine& engine, const AheadLimits& limits)
      : engine_(engine), limits_(limits), module_(engine.plan().module()), facts_(module_) {}

  Ahead plan() {
    std::vector<std::string> reasons = reasonsForSteps(engine_, limits_.arraySize);
    byFamily_.resize(module_.families.size());
    for (uint32_t family : orderOfFamilies()) {
      if (!reasons[family].empty()) continue;
      // Neither has a job, so nothing could wait for one of them.
      if (hasFullProducer(family))
        reasons[family] = "those it waits for do not fit into the queue now";
      else if (!addArrays(family))
        reasons[family] = "it does not fit into the queue now";
      if (!reasons[family].empty()) isFull_.push_back(family);
    }
    addAllEdges();
    for (uint32_t f = 0; f < reasons.size(); ++f) {
      if (!reasons[f].empty()) ahead_.bySteps.emplace_back(f, reasons[f]);
    }
    return std::move(ahead_);
  }

 private:
  /// Producers before consumers; families that need each other stay in order of text.
  std::vector<uint32_t> orderOfFamilies() const {
    std::vector<uint32_t> order;
    std::vector<uint8_t> seen(module_.families.size());
    std::function<void(uint32_t)> visit = [&](uint32_t family) {
      if (seen[family]++ != 0) return;
      for (const run::Wait& wait : engine_.plan().family(family).waits) {
        for (ir::FamilyId producer : module_[wait.ref].families) visit(producer.index());
      }
      order.push_back(family);
    };
    for (uint32_t family = 0; family < module_.families.size(); ++family) visit(family);
    return order;
  }

  bool hasFullProducer(uint32_t family) const {
    for (const run::Wait& wait : engine_.plan().family(family).waits) {
      for (ir::FamilyId producer : module_[wait.ref].families) {
        if (std::find(isFull_.begin(), isFull_.end(), producer.index()) != isFull_.end())
          return true;
      }
    }
    return false;
  }

  bool isWanted(InstanceId id) const {
    Phase phase = engine_.state().at(id).phase;
    return (phase == Phase::Waiting || phase == Phase::Ready) && liveJobOf(id).empty();
  }

  std::string liveJobOf(InstanceId id) const {
    return limits_.jobOf ? limits_.jobOf(id) : std::string();
  }

  int64_t limitOf(uint32_t family) const {
    int64_t least = 0;
    for (uint32_t n : engine_.plan().family(family).limits) {
      int64_t count = engine_.limitCount(n);
      if (least == 0 || count < least) least = count;
    }
    return least;
  }

  /// False: it does not fit.
  bool addArrays(uint32_t family) {
    const ir::Family& f = module_.families[family];
    uint32_t size = static_cast<uint32_t>(engine_.state().families[family].instances.size());
    bool isVaried = facts_.hasVaryingNeeds(family);
    int64_t nice = f.priority < 0 ? -100 * f.priority : 0;
    // By chunk and, where needs vary, by needs.
    std::map<std::pair<uint32_t, std::string>, AheadArray> arrays;
    uint64_t count = 0;
    for (uint32_t n = 0; n < size; ++n) {
      if (!isWanted({family, n})) continue;
      uint32_t offset = static_cast<uint32_t>(n / limits_.arraySize * limits_.arraySize);
      std::string needs = isVaried ? needsText(engine_.needsOf({family, n}, 1)) : "";
      auto [at, isNew] = arrays.try_emplace({offset, needs});
      if (isNew)
        at->second = {family, offset, {}, isVaried, f.loops.empty(), limitOf(family), nice, {}};
      at->second.indices.push_back(n - offset);
      ++count;
    }
    if (jobs_ + count > limits_.jobs) return false;
    jobs_ += count;
    for (auto& [place, array] : arrays) {
      byFamily_[family].push_back(static_cast<uint32_t>(ahead_.arrays.size()));
      ahead_.arrays.push_back(std::move(array));
    }
    return true;
  }

  /// The array that carries an instance; kNone: none does.
  uint32_t arrayOf(InstanceId id) const {
    for (uint32_t a : byFamily_[id.family]) {
      const AheadArray& array = ahead_.arrays[a];
      if (id.iteration < array.offset) continue;
      if (std::binary_search(array.indices.begin(), array.indices.end(),
                             id.iteration - array.offset))
        return a;
    }
    return kNone;
  }

  /// An edge to one instance. Nothing if it has ended.
  void addEdgeTo(InstanceId id, How how, std::vector<Edge>& edges) const {
    Edge edge{how, arrayOf(id), kNone, {}};
    if (edge.array == kNone)
      edge.job = liveJobOf(id);
    else if (!ahead_.arrays[edge.array].isSingle)
      edge.index = id.iteration - ahead_.arrays[edge.array].offset;
    bool isKnown = edge.array != kNone || !edge.job.empty();
    if (isKnown && std::find(edges.begin(), edges.end(), edge) == edges.end())
      edges.push_back(std::move(edge));
  }

  enum class Relation { Whole, Same, PerIndex };

  Relation relationOf(uint32_t family, const run::Wait& wait) const {
    const ir::Ref& ref = module_[wait.ref];
    if (wait.members.valid()) return Relation::PerIndex;
    bool isAll = true, isSame = true;
    for (const ir::IndexPattern& index : ref.indices) {
      isAll &= index.kind == ir::IndexPattern::All;
      isSame &= index.kind == ir::IndexPattern::Same;
    }
    if (isAll) return Relation::Whole;
    for (ir::FamilyId producer : ref.families)
      isSame &= module_[producer].loops == module_.families[family].loops;
    return isSame ? Relation::Same : Relation::PerIndex;
  }

  /// Whole families before an array. False: an edge points to an array submitted later, or cannot
  /// be said of the whole array.
  bool addWholeEdges(uint32_t a, const run::Wait& wait, std::vector<Edge>& edges) const {
    const ir::Ref& ref = module_[wait.ref];
    How how = ref.isTolerant() ? How::AfterAny : How::AfterOk;
    bool isSayable = true;
    for (ir::FamilyId producer : ref.families) {
      for (uint32_t b : byFamily_[producer.index()]) {
        isSayable &= b < a;
        Edge edge{how, b, kNone, {}};
        if (std::find(edges.begin(), edges.end(), edge) == edges.end()) edges.push_back(edge);
      }
      if (!limits_.jobOf) continue;
      uint32_t size =
          static_cast<uint32_t>(engine_.state().families[producer.index()].instances.size());
      for (uint32_t n = 0; n < size; ++n) {
        Phase phase = engine_.state().at({producer.index(), n}).phase;
        bool isLeft = phase != Phase::Ended && phase != Phase::Absent;
        if (isLeft && arrayOf({producer.index(), n}) == kNone)
          addEdgeTo({producer.index(), n}, how, edges);
      }
    }
    return isSayable;
  }

  /// aftercorr, if it is exactly right for every index.
  bool addSameEdges(uint32_t a, const run::Wait& wait, std::vector<Edge>& edges) const {
    const AheadArray& array = ahead_.arrays[a];
    const ir::Ref& ref = module_[wait.ref];
    if (ref.isTolerant() || ref.families.size() != 1) return false;
    for (uint32_t b : byFamily_[ref.families.front().index()]) {
      const AheadArray& producer = ahead_.arrays[b];
      if (b >= a || producer.offset != array.offset || producer.indices != array.indices) continue;
      edges.push_back({How::AfterCorr, b, kNone, {}});
      return true;
    }
    return false;
  }

  /// Families that need each other (a[w] after b[w - 1], b[w] after a[w]) are tangled: their arrays
  /// get no edges of their own, and every index of them is split alone before the first edge is
  /// said, or slurmctld would see a circle of whole arrays.
  void addAllEdges() {
    for (uint32_t a = 0; a < ahead_.arrays.size(); ++a) addEdges(a);
    isTangled_.assign(ahead_.arrays.size(), false);
    bool isAny = false;
    for (const AheadIndex& index : ahead_.indices) {
      for (const Edge& edge : index.edges) {
        if (edge.array == kNone || edge.array <= index.array) continue;
        std::fill(isTangled_.begin() + index.array, isTangled_.begin() + edge.array + 1, true);
        isAny = true;
      }
    }
    if (!isAny) return;
    ahead_.indices.clear();
    for (uint32_t a = 0; a < ahead_.arrays.size(); ++a) {
      if (!isTangled_[a] || ahead_.arrays[a].isSingle) continue;
      for (uint32_t index : ahead_.arrays[a].indices) ahead_.indices.push_back({a, index, {}});
    }
    for (uint32_t a = 0; a < ahead_.arrays.size(); ++a) addEdges(a);
  }

  void addEdges(uint32_t a) {
    uint32_t family = ahead_.arrays[a].family;
    std::vector<Edge> whole;
    std::vector<const run::Wait*> perIndex;
    bool isWholeSayable = true;
    for (const run::Wait& wait : engine_.plan().family(family).waits) {
      Relation relation = relationOf(family, wait);
      if (relation == Relation::Whole)
        isWholeSayable &= addWholeEdges(a, wait, whole);
      else if (relation == Relation::PerIndex || !addSameEdges(a, wait, whole))
        perIndex.push_back(&wait);
    }
    AheadArray& array = ahead_.arrays[a];
    isWholeSayable &= isTangled_.empty() || !isTangled_[a];
    if (isWholeSayable && (array.isSingle || perIndex.empty())) {
      array.edges = edgesAt(a, array.indices.front(), whole, perIndex);
      bool isEarlier = std::all_of(array.edges.begin(), array.edges.end(),
                                   [&](const Edge& e) { return e.array == kNone || e.array < a; });
      if (isEarlier) return;
    }
    array.edges.clear();
    if (isWholeSayable) array.edges = whole;
    bool isSplit = !isTangled_.empty() && isTangled_[a] && !array.isSingle;
    for (uint32_t index : array.indices) {
      std::vector<Edge> edges = edgesAt(a, index, whole, perIndex);
      if (!isSplit || !edges.empty())
        ahead_.indices.push_back({a, array.isSingle ? kNone : index, std::move(edges)});
    }
  }

  /// All edges of one index; those of the whole array with it, aftercorr as what it means for this
  /// index.
  std::vector<Edge> edgesAt(uint32_t a, uint32_t index, const std::vector<Edge>& whole,
                            const std::vector<const run::Wait*>& waits) const {
    const AheadArray& array = ahead_.arrays[a];
    std::vector<Edge> edges = whole;
    for (Edge& edge : edges) {
      bool isOfWhole = waits.empty() && (isTangled_.empty() || !isTangled_[a]);
      if (edge.how == How::AfterCorr && !isOfWhole) edge = {How::AfterOk, edge.array, index, {}};
    }
    for (const run::Wait* wait : waits) {
      How how = module_[wait->ref].isTolerant() ? How::AfterAny : How::AfterOk;
      for (InstanceId id : engine_.namedBy({array.family, array.offset + index}, *wait)) {
        if (id != InstanceId{array.family, array.offset + index}) addEdgeTo(id, how, edges);
      }
    }
    return edges;
  }

  const Engine& engine_;
  const AheadLimits& limits_;
  const ir::Module& module_;
  Facts facts_;
  Ahead ahead_;
  std::vector<std::vector<uint32_t>> byFamily_;
  std::vector<uint32_t> isFull_;
  std::vector<bool> isTangled_;
  uint64_t jobs_ = 0;
};

constexpr llvm::StringLiteral kHow[] = {"afterok", "afterany", "aftercorr"};

}  // namespace

Ahead planAhead(const Engine& engine, const AheadLimits& limits) {
  return Planner(engine, limits).plan();
}

std::string rangesText(llvm::ArrayRef<uint32_t> indices) {
  std::string text;
  for (size_t n = 0; n < indices.size();) {
    size_t last = n;
    while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text +=
        last == n ? fmt::format("{}", indices[n]) : fmt::format("{}-{}", indices[n], indices[last]);
    n = last + 1;
  }
  return text;
}

std::string dependencyText(llvm::ArrayRef<Edge> edges,
                           const std::function<std::string(uint32_t)>& idOf) {
  std::string text;
  for (How how : {How::AfterOk, How::AfterAny, How::AfterCorr}) {
    std::string list;
    for (const Edge& edge : edges) {
      if (edge.how != how) continue;
      std::string id = edge.array == kNone ? edge.job : idOf(edge.array);
      list += edge.index == kNone ? ":" + id : fmt::format(":{}_{}", id, edge.index);
    }
    if (!list.empty())
      text +=
          fmt::format("{}{}{}", text.empty() ? "" : ",", kHow[static_cast<int>(how)].str(), list);
  }
  return text;
}

std::string describe(const Engine& engine, const Ahead& ahead) {
  const ir::Module& module = engine.plan().module();
  std::string text;
  auto nameOf = [&](uint32_t array) {
    const AheadArray& a = ahead.arrays[array];
    return a.offset == 0 ? module.families[a.family].name
                         : fmt::format("{}+{}", module.families[a.family].name, a.offset);
  };
  for (uint32_t n = 0; n < ahead.arrays.size(); ++n) {
    const AheadArray& array = ahead.arrays[n];
    text += fmt::format("sbatch {}", nameOf(n));
    if (!array.isSingle) text += fmt::format(" --array={}", rangesText(array.indices));
    if (array.limit > 0 && !array.isSingle) text += fmt::format("%{}", array.limit);
    if (array.nice > 0) text += fmt::format(" --nice={}", array.nice);
    if (!array.edges.empty()) text += " --dependency=" + dependencyText(array.edges, nameOf);
    text += '\n';
  }
  for (const AheadIndex& index : ahead.indices) {
    std::string name = nameOf(index.array);
    if (index.index != kNone) name += fmt::format("_{}", index.index);
    std::string edges = dependencyText(index.edges, nameOf);
    text += fmt::format("update {} {}\n", name, edges.empty() ? "Nice=0" : "Dependency=" + edges);
  }
  for (const auto& [family, reason] : ahead.bySteps)
    text += fmt::format("steps {}: {}\n", module.families[family].name, reason);
  return text;
}

}  // namespace wfc::slurm
