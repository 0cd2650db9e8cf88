// Which of Rocoto's words say what a family waits for. A relation is split into three parts: cycles
// some seconds away, variables that are the reader's own, and values that are always the same; the
// parts are read off the members, and then every member is tried.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/planned.h"

#include "targets/rocoto/members.h"

namespace wfc::targets::rocoto {

namespace {

using run::InstanceId;

/// More words than that nobody reads; more pairs than that nobody waits for.
constexpr size_t kMostWords = 64;
constexpr size_t kMostPairs = 300000;

using Row = std::vector<std::string>;

/// What one member names of one family, by cycle.
using Named = std::map<int64_t, std::set<Row>>;

bool isPlainLimit(const ir::Limit& limit) {
  return limit.families.size() == 1 && !limit.loop.valid() && limit.refill < 0 && limit.perMs == 0;
}

class Finder {
 public:
  Finder(const run::Engine& engine, const Members& members, Outline& outline)
      : engine_(engine),
        plan_(engine.plan()),
        module_(plan_.module()),
        members_(members),
        outline_(outline) {
    for (const Cycles& cycles : outline.groups)
      exists_.insert(cycles.starts.begin(), cycles.starts.end());
    for (uint32_t f = 0; f < members.size(); ++f)
      for (const Member& member : members[f]) {
        byId_[member.id] = &member;
        at_[{f, member.time}].insert(member.rest);
      }
  }

  void all() {
    findUnsure();
    for (uint32_t f = 0; f < outline_.shapes.size(); ++f)
      if (outline_.shapes[f].isTask) find(f);
  }

 private:
  // ---- what may end otherwise than ok or failed: who waits for it may have to be skipped

  void findUnsure() {
    unsure_.assign(outline_.shapes.size(), false);
    for (bool isNews = true; isNews;) {
      isNews = false;
      for (uint32_t f = 0; f < unsure_.size(); ++f) {
        if (unsure_[f] || !isUnsure(f)) continue;
        unsure_[f] = isNews = true;
      }
    }
  }

  bool isUnsure(uint32_t f) const {
    const ir::Family& family = module_.families[f];
    if (family.role != ir::Family::Work) return family.wait.timeoutIsNoData;
    const ir::Task& task = module_[family.task];
    bool isExit = std::any_of(task.exits.begin(), task.exits.end(), [](const auto& exit) {
      return exit.second == ir::Outcome::NoData || exit.second == ir::Outcome::Skipped;
    });
    if (task.noData || isExit || hasGuard(f) || outline_.shapes[f].isFound) return true;
    if (plan_.family(f).repeat.valid()) return true;
    for (const run::Wait& wait : plan_.family(f).waits) {
      ir::Demand demand = module_[wait.ref].demand;
      if (demand != ir::Demand::All && demand != ir::Demand::Ended) return true;
      for (ir::FamilyId producer : module_[wait.ref].families)
        if (unsure_[producer.index()]) return true;
    }
    return false;
  }

  bool hasGuard(uint32_t f) const {
    const std::vector<ir::Guard>& guards = module_.families[f].guards;
    return std::any_of(guards.begin(), guards.end(),
                       [](const ir::Guard& guard) { return !guard.isStatic; });
  }

  // ---- one family

  void find(uint32_t f) {
    Shape& shape = outline_.shapes[f];
    auto gate = [&](const std::string& why) {
      if (shape.gate.empty()) shape.gate = why;
    };
    if (shape.isFound) gate("its members are found at run time");
    if (hasGuard(f)) gate("its condition is read at run time");
    if (plan_.family(f).repeat.valid()) gate("it is repeated until a value says so");
    setLimits(f);
    if (shape.isChosen) gate("a limit that only the runtime counts");
    for (const run::Wait& wait : plan_.family(f).waits) {
      std::string unsaid = shape.isFound ? "" : say(f, wait);
      if (!unsaid.empty()) gate(unsaid);
    }
  }

  void setLimits(uint32_t f) {
    Shape& shape = outline_.shapes[f];
    for (uint32_t n : plan_.family(f).limits) {
      const ir::Limit& limit = module_.limits[n];
      if (!isPlainLimit(limit))
        shape.isChosen = true;
      else if (shape.throttle == 0 || limit.count < shape.throttle)
        shape.throttle = limit.count;
    }
    shape.isChosen |= ir::holdsBudget(module_, ir::FamilyId(f));
  }

  /// Adds the words for one wait. Empty, or why there are none.
  std::string say(uint32_t f, const run::Wait& wait) {
    const ir::Ref& ref = module_[wait.ref];
    std::string name = module_[ref.families.front()].name;
    if (ref.isTolerant()) return fmt::format("it goes on without what fails of `{}`", name);
    for (ir::FamilyId producer : ref.families) {
      if (module_[producer].role != ir::Family::Work) return fmt::format("it waits for `{}`", name);
    }
    // A branch that is not taken never runs, so its task never succeeds.
    for (ir::FamilyId producer : ref.families)
      if (ref.families.size() > 1 && hasGuard(producer.index()))
        return fmt::format("one branch or another makes `{}`", name);
    // Its success is needed all the same, but it may also mean that nothing is to be done.
    std::string unsaid;
    for (ir::FamilyId producer : ref.families)
      if (unsure_[producer.index()]) unsaid = fmt::format("`{}` may have made nothing", name);
    std::map<uint32_t, std::vector<Named>> named;
    size_t pairs = 0;
    const std::vector<Member>& readers = members_[f];
    for (size_t n = 0; n < readers.size(); ++n) {
      for (InstanceId id : engine_.namedBy(readers[n].id, wait)) {
        auto found = byId_.find(id);
        if (found == byId_.end())
          return fmt::format("not all of `{}` is known before the run", name);
        std::vector<Named>& list = named[id.family];
        list.resize(readers.size());
        list[n][found->second->time].insert(found->second->rest);
        if (++pairs > kMostPairs) return fmt::format("it names too many of `{}`", name);
      }
    }
    std::vector<Word> words;
    for (const auto& [producer, list] : named)
      if (!sayFamily(f, producer, list, words))
        return fmt::format("what it names of `{}` has no word in Rocoto", name);
    if (words.size() > kMostWords) return fmt::format("it names too many of `{}`", name);
    std::vector<Word>& all = outline_.shapes[f].words;
    for (Word& word : words) {
      bool isSaid = std::any_of(all.begin(), all.end(), [&](const Word& other) {
        return other.kind == word.kind && other.what == word.what && other.offset == word.offset &&
               other.isGuarded == word.isGuarded;
      });
      if (!isSaid) all.push_back(std::move(word));
    }
    return unsaid;
  }

  bool sayFamily(uint32_t reader, uint32_t producer, const std::vector<Named>& named,
                 std::vector<Word>& words) {
    const Shape& from = outline_.shapes[producer];
    bool isAcross = outline_.shapes[reader].cycle >= 0 && from.cycle < 0;
    std::vector<bool> own = ownVariables(reader, producer, named);
    std::set<Row> values = otherValues(producer, named, own);
    std::set<int64_t> offsets = isAcross ? std::set<int64_t>{0} : offsetsOf(reader, named);
    if (offsets.size() * values.size() > kMostPairs) return false;
    bool isWhole = isWholeFamily(producer, named);
    if (!isWhole && offsets.size() * values.size() > kMostWords) return false;
    for (int64_t offset : offsets) {
      bool isGuarded = false;
      if (!fits(reader, named, {own, values, offset, isWhole, isAcross}, isGuarded)) return false;
      if (isWhole && !isAcross && from.variables.size() > 0 && values.size() > 1) {
        words.push_back({Word::Metatask, from.name, offset, isGuarded});
        continue;
      }
      for (const Row& row : values)
        words.push_back({isAcross ? Word::Marker : Word::Task,
                         nameOf(reader, producer, own, row, isAcross), offset, isGuarded});
    }
    return true;
  }

  /// Where the reader's own variable always has the value of the one it names.
  std::vector<bool> ownVariables(uint32_t reader, uint32_t producer,
                                 const std::vector<Named>& named) const {
    const Shape& to = outline_.shapes[reader];
    const Shape& from = outline_.shapes[producer];
    std::vector<bool> own(from.variables.size());
    for (size_t v = 0; v < own.size(); ++v) {
      int at = sameVariable(to, reader, from, producer, v);
      own[v] = at >= 0;
      for (size_t n = 0; n < named.size() && own[v]; ++n)
        for (const auto& [time, rows] : named[n])
          for (const Row& row : rows)
            own[v] = own[v] && row[v] == members_[reader][n].rest[static_cast<size_t>(at)];
    }
    return own;
  }

  int sameVariable(const Shape& to, uint32_t reader, const Shape& from, uint32_t producer,
                   size_t v) const {
    ir::LoopId loop = module_.families[producer].loops[from.variables[v].depth];
    for (size_t n = 0; n < to.variables.size(); ++n)
      if (module_.families[reader].loops[to.variables[n].depth] == loop) return static_cast<int>(n);
    // Loops over the same values walk them with other variables.
    for (size_t n = 0; n < to.variables.size(); ++n)
      if (to.variables[n].name == from.variables[v].name) return static_cast<int>(n);
    return -1;
  }

  static Row without(const Row& row, const std::vector<bool>& own) {
    Row rest;
    for (size_t v = 0; v < own.size(); ++v)
      if (!own[v]) rest.push_back(row[v]);
    return rest;
  }

  std::set<Row> otherValues(uint32_t, const std::vector<Named>& named,
                            const std::vector<bool>& own) const {
    std::set<Row> values;
    for (const Named& each : named)
      for (const auto& [time, rows] : each)
        for (const Row& row : rows) values.insert(without(row, own));
    return values;
  }

  std::set<int64_t> offsetsOf(uint32_t reader, const std::vector<Named>& named) const {
    std::set<int64_t> offsets;
    for (size_t n = 0; n < named.size(); ++n)
      for (const auto& [time, rows] : named[n]) offsets.insert(time - members_[reader][n].time);
    return offsets;
  }

  /// Each cycle that is named is named whole.
  bool isWholeFamily(uint32_t producer, const std::vector<Named>& named) const {
    for (const Named& each : named)
      for (const auto& [time, rows] : each)
        if (rows != at_.at({producer, time})) return false;
    return true;
  }

  /// A word that may be right: what it says of whom.
  struct Try {
    const std::vector<bool>& own;
    const std::set<Row>& values;
    int64_t offset;
    bool isWhole, isAcross;
  };

  /// Tries every reader: it names in the cycle `offset` away just what the word would, or nothing
  /// and there is no such cycle.
  bool fits(uint32_t reader, const std::vector<Named>& named, const Try& word,
            bool& isGuarded) const {
    for (size_t n = 0; n < members_[reader].size(); ++n) {
      const Member& member = members_[reader][n];
      int64_t time =
          word.isAcross ? outline_.groups.front().starts.front() : member.time + word.offset;
      const Named* each = n < named.size() ? &named[n] : nullptr;
      auto found = each == nullptr ? Named::const_iterator() : each->find(time);
      bool isNamed = each != nullptr && found != each->end();
      if (!isNamed) {
        if (word.isAcross || mayExist(time)) return false;
        isGuarded = true;
        continue;
      }
      if (word.isWhole) continue;
      std::set<Row> rest;
      for (const Row& row : found->second) rest.insert(without(row, word.own));
      if (rest != word.values || found->second.size() != word.values.size()) return false;
    }
    return true;
  }

  /// Of cycles without an end only the first are looked at; any later time may be one.
  bool mayExist(int64_t time) const {
    if (exists_.contains(time)) return true;
    for (const Cycles& cycles : outline_.groups)
      if (cycles.isOpen && time > cycles.starts.back()) return true;
    return false;
  }

  std::string nameOf(uint32_t reader, uint32_t producer, const std::vector<bool>& own,
                     const Row& row, bool isMarker) const {
    const Shape& to = outline_.shapes[reader];
    const Shape& from = outline_.shapes[producer];
    std::string text = isMarker ? "ok/" + from.file : from.name;
    size_t other = 0;
    for (size_t v = 0; v < own.size(); ++v) {
      text += v == 0 ? (isMarker ? "/" : ".") : (isMarker ? "," : ":");
      if (!own[v]) {
        text += row[other++];
        continue;
      }
      int at = sameVariable(to, reader, from, producer, v);
      text += fmt::format("#{}#", to.variables[static_cast<size_t>(at)].name);
    }
    return text;
  }

  const run::Engine& engine_;
  const run::Plan& plan_;
  const ir::Module& module_;
  const Members& members_;
  Outline& outline_;
  std::map<InstanceId, const Member*> byId_;
  std::map<std::pair<uint32_t, int64_t>, std::set<Row>> at_;
  std::set<int64_t> exists_;
  std::vector<bool> unsure_;
};

}  // namespace

void findWords(const run::Engine& engine, const Members& members, Outline& outline) {
  Finder(engine, members, outline).all();
}

}  // namespace wfc::targets::rocoto
