// What can never run. Every task is looked at in the first cycles of its groups: a condition is
// true or false if the document alone says so, else both may be. What is never true is found as the
// least fixed point, so that what waits in a ring for itself is found, too.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"

#include "targets/rocoto/foreign/audit.h"

namespace wfc::targets::rocoto::foreign {

namespace {

struct Outcome {
  bool canHold = true, canFail = true;
};

// Of each group the first cycles are looked at; of all together so many places of tasks in cycles.
constexpr size_t kCyclesOfGroup = 6, kMostPlaces = 60000, kMostPasses = 200, kMostAhead = 1000;

class Order {
 public:
  explicit Order(Audit& audit) : audit_(audit), document_(audit.document) {}

  void all() {
    choose();
    settle();
    for (size_t n = 0; n < document_.tasks.size(); ++n)
      if (document_.tasks[n].dependency) judge(n);
  }

 private:
  // ---- the cycles that are looked at

  void choose() {
    size_t each = document_.tasks.empty()
                      ? 0
                      : std::clamp(kMostPlaces / document_.tasks.size(), size_t(2), kCyclesOfGroup);
    std::set<int64_t> times;
    for (const CycleDef& def : document_.cycledefs)
      for (int64_t time : def.first(each)) times.insert(time);
    times_.assign(times.begin(), times.end());
    for (size_t n = 0; n < document_.tasks.size(); ++n) {
      std::vector<bool> exists;
      for (int64_t time : times_) exists.push_back(document_.isAt(document_.tasks[n], time));
      can_.emplace_back(times_.size(), false);
      exists_.push_back(std::move(exists));
    }
  }

  void settle() {
    bool isChanged = true;
    for (size_t pass = 0; isChanged && pass < kMostPasses; ++pass) {
      isChanged = false;
      for (size_t n = 0; n < document_.tasks.size(); ++n)
        for (size_t t = 0; t < times_.size(); ++t) {
          if (!exists_[n][t] || can_[n][t]) continue;
          const auto& tree = document_.tasks[n].dependency;
          if (tree && !of(*tree, times_[t]).canHold) continue;
          can_[n][t] = isChanged = true;
        }
    }
  }

  // ---- conditions

  Outcome of(const Dependency& d, int64_t time) const {
    if (d.kind == "taskdep") return {holds(d, time), true};
    if (d.kind == "true") return {true, false};
    if (d.kind == "false") return {false, true};
    if (d.kind == "streq" || d.kind == "strneq") {
      bool isEqual = d.text.render(time) == d.other.render(time);
      return known(isEqual == (d.kind == "streq"));
    }
    if (d.kind == "cycleexistdep")
      return isBroken() ? Outcome{} : known(document_.isCycle(time + d.offset.value_or(0)));
    if (d.kind == "taskvalid") {
      const Task* task = document_.find(d.name.str());
      return isBroken() ? Outcome{} : known(task != nullptr && document_.isAt(*task, time));
    }
    if (d.children.empty()) return d.isMetatask ? known(false) : Outcome{};
    return ofChildren(d, time);
  }

  Outcome ofChildren(const Dependency& d, int64_t time) const {
    size_t holding = 0, failing = 0, count = d.children.size();
    for (const Dependency& child : d.children) {
      Outcome one = of(child, time);
      holding += one.canHold ? 1 : 0;
      failing += one.canFail ? 1 : 0;
    }
    if (d.kind == "and") return {holding == count, failing > 0};
    if (d.kind == "or") return {holding > 0, failing == count};
    if (d.kind == "nand") return {failing > 0, holding == count};
    if (d.kind == "nor") return {failing == count, holding > 0};
    if (d.kind == "not") return {failing > 0, holding > 0};
    if (d.kind == "some") {
      double share = static_cast<double>(count);
      return {static_cast<double>(holding) / share >= d.threshold,
              static_cast<double>(count - failing) / share < d.threshold};
    }
    return {};
  }

  static Outcome known(bool holds) { return {holds, !holds}; }

  bool isBroken() const {
    return llvm::any_of(document_.cycledefs,
                        [](const CycleDef& def) { return !def.problem.empty(); });
  }

  bool holds(const Dependency& d, int64_t time) const {
    auto it = document_.byName.find(d.name.str());
    if (it == document_.byName.end()) return false;
    int64_t then = time + d.offset.value_or(0);
    if (isTooFar(time, then)) return false;
    auto at = std::lower_bound(times_.begin(), times_.end(), then);
    if (at != times_.end() && *at == then)
      return isHopeful_ ? exists_[it->second][index(at)] : can_[it->second][index(at)];
    return document_.isAt(document_.tasks[it->second], then);
  }

  size_t index(std::vector<int64_t>::const_iterator at) const {
    return static_cast<size_t>(at - times_.begin());
  }

  /// A later cycle starts only while there are fewer active ones than the throttle allows, this one
  /// among them.
  bool isTooFar(int64_t time, int64_t then) const {
    if (then <= time) return false;
    return ahead(time, then) >= std::max<int64_t>(1, document_.cyclethrottle);
  }

  int64_t ahead(int64_t time, int64_t then) const {
    auto known = ahead_.find({time, then});
    if (known != ahead_.end()) return known->second;
    std::set<int64_t> between;
    for (const CycleDef& def : document_.cycledefs) {
      if (def.isCron || def.step <= 0) continue;
      int64_t from = std::max(def.start, def.start + (time - def.start) / def.step * def.step);
      for (int64_t at = from; at <= std::min(then, def.finish) && between.size() < kMostAhead;
           at += def.step)
        if (at > time) between.insert(at);
    }
    return ahead_[{time, then}] = static_cast<int64_t>(between.size());
  }

  // ---- judgement

  void judge(size_t n) {
    const Task& task = document_.tasks[n];
    std::vector<int64_t> lost, all;
    for (size_t t = 0; t < times_.size(); ++t) {
      if (exists_[n][t]) all.push_back(times_[t]);
      if (exists_[n][t] && !can_[n][t]) lost.push_back(times_[t]);
    }
    if (all.empty()) return;
    bool isNever = lost.size() == all.size();
    bool isTold = false;
    leaves(*task.dependency, all, task, isNever, isTold);
    if (isTold || lost.empty()) return;
    isHopeful_ = true;
    std::vector<int64_t> own;
    for (int64_t time : lost)
      if (!of(*task.dependency, time).canHold) own.push_back(time);
    isHopeful_ = false;
    // What waits for something that never runs is said there.
    if (own.empty()) return isNever ? ring(n) : void();
    // A cycle whose final task is done is done.
    if (own.size() < all.size() && hasFinal(own.front())) return;
    if (own.size() == all.size())
      audit_.report(task.dependency->at, diag::NeverRuns{.task = task.name.str()},
                    {culprit(*task.dependency, own.front())});
    else
      audit_.report(task.dependency->at,
                    diag::StrandedCycles{.task = task.name.str(),
                                         .cycle = stampOf(own.front()),
                                         .hint = own.size() > 1 ? "and others" : ""},
                    {culprit(*task.dependency, own.front())});
  }

  bool hasFinal(int64_t time) const {
    return llvm::any_of(document_.tasks, [&](const Task& task) {
      return task.node.value("final").starts_with_insensitive("t") && document_.isAt(task, time);
    });
  }

  /// Every taskdep that holds at no cycle of this task.
  void leaves(const Dependency& d, const std::vector<int64_t>& times, const Task& task,
              bool isNever, bool& isTold) {
    for (const Dependency& child : d.children) leaves(child, times, task, isNever, isTold);
    if (d.kind != "taskdep" || document_.find(d.name.str()) == nullptr) {
      isTold |= (d.kind == "taskdep" || (d.isMetatask && d.children.empty())) && isNever;
      return;
    }
    if (llvm::any_of(times, [&](int64_t time) { return holds(d, time); })) return;
    std::string why = reason(d, times, isNever);
    if (why.empty()) return;
    isTold = true;
    source::Range at = d.node->attribute("task") != nullptr || d.isSerial ? d.name.at() : d.at;
    if (!at.valid()) at = d.at;
    std::string name = d.name.str();
    if (isNever)
      audit_.report(at, diag::DeadDependency{.task = task.name.str(), .name = name, .why = why});
    else
      audit_.report(at, diag::DeadAlternative{.task = task.name.str(), .name = name, .why = why});
  }

  /// Why it never holds; empty where it is the fault of something else.
  std::string reason(const Dependency& d, const std::vector<int64_t>& times, bool isNever) const {
    const Task& producer = *document_.find(d.name.str());
    size_t n = document_.byName.at(d.name.str());
    if (llvm::none_of(exists_[n], [](bool is) { return is; }))
      return fmt::format("`{}` has no cycle at all", d.name.str());
    int64_t offset = d.offset.value_or(0);
    bool isEver =
        llvm::any_of(times, [&](int64_t time) { return document_.isAt(producer, time + offset); });
    if (!isEver) {
      std::string when = offset == 0 ? "at the same time"
                                     : fmt::format("{} {}", offset < 0 ? "earlier by" : "later by",
                                                   lengthOf(offset));
      // Before the first cycle there is none of anything: that is how a series begins.
      bool isBeginning = offset != 0 && llvm::none_of(times, [&](int64_t time) {
                           return document_.isCycle(time + offset);
                         });
      if (isBeginning && !isNever) return {};
      return fmt::format("no cycle of `{}` is {}", d.name.str(), when);
    }
    bool isFar = llvm::all_of(times, [&](int64_t time) { return isTooFar(time, time + offset); });
    if (isFar)
      return fmt::format(
          "that is {} cycles ahead, and `cyclethrottle` lets {} be active at once, this one among "
          "them",
          ahead(times.front(), times.front() + offset), document_.cyclethrottle);
    return {};
  }

  static std::string lengthOf(int64_t seconds) {
    seconds = std::abs(seconds);
    if (seconds % 86400 == 0) return fmt::format("{}d", seconds / 86400);
    if (seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
    return fmt::format("{}s", seconds);
  }

  diag::Label culprit(const Dependency& d, int64_t time) const {
    const Dependency* at = &d;
    for (bool isDeeper = true; isDeeper;) {
      isDeeper = false;
      if (at->kind != "and" && at->kind != "or") break;
      for (const Dependency& child : at->children)
        if (!of(child, time).canHold) {
          at = &child;
          isDeeper = true;
          break;
        }
    }
    return {at->at, fmt::format("false at {}", stampOf(time))};
  }

  /// Follows what a task waits for until that is a task passed before.
  void ring(size_t n) {
    std::vector<size_t> path{n};
    while (true) {
      std::optional<size_t> next = waitsFor(*document_.tasks[path.back()].dependency);
      if (!next || !document_.tasks[*next].dependency) return;
      auto before = llvm::find(path, *next);
      if (before == path.end()) {
        path.push_back(*next);
        continue;
      }
      std::vector<std::string> names;
      std::vector<diag::Label> labels;
      path.erase(path.begin(), before);
      // The same ring is said once, at its first task.
      std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
      for (size_t at : path) names.push_back(fmt::format("`{}`", document_.tasks[at].name.str()));
      for (size_t at = 1; at < path.size(); ++at)
        labels.push_back(
            {document_.tasks[path[at]].dependency->at, fmt::format("{} waits here", names[at])});
      audit_.report(
          document_.tasks[path.front()].dependency->at,
          diag::DependencyRing{.tasks = fmt::format("{}", fmt::join(names, " waits for ")),
                               .first = names.front()},
          labels);
      return;
    }
  }

  /// A task that this condition needs and that never runs.
  std::optional<size_t> waitsFor(const Dependency& d) const {
    if (d.kind == "taskdep") {
      auto it = document_.byName.find(d.name.str());
      if (it == document_.byName.end()) return std::nullopt;
      const std::vector<bool>& can = can_[it->second];
      return llvm::none_of(can, [](bool is) { return is; }) ? std::optional(it->second)
                                                            : std::nullopt;
    }
    if (d.kind != "and" && d.kind != "or" && d.kind != "some") return std::nullopt;
    for (const Dependency& child : d.children)
      if (std::optional<size_t> found = waitsFor(child)) return found;
    return std::nullopt;
  }

  Audit& audit_;
  const Document& document_;
  std::vector<int64_t> times_;
  std::vector<std::vector<bool>> exists_, can_;
  bool isHopeful_ = false;
  mutable std::map<std::pair<int64_t, int64_t>, int64_t> ahead_;
};

}  // namespace

void auditOrder(Audit& audit) { Order(audit).all(); }

}  // namespace wfc::targets::rocoto::foreign
