// See outline.h. Cycles and variables of each family; its words are words.cpp's.
#include "targets/rocoto/outline.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/planned.h"
#include "compiler/ir/space.h"
#include "compiler/target/text/body.h"

#include "targets/rocoto/members.h"

namespace wfc::targets::rocoto {

namespace {

/// So many cycles of one without an end are looked at to tell its step and its relations.
constexpr uint64_t kSample = 40;
/// So many tell whether a cycle without an end has a step of seconds.
constexpr uint64_t kProbed = 600;

std::string identifier(llvm::StringRef name, std::set<std::string>& used) {
  std::string text;
  for (char c : name) text += llvm::isAlnum(c) || c == '_' ? c : '_';
  if (text.empty()) text = "x";
  std::string unique = text;
  for (int n = 2; !used.insert(unique).second; ++n) unique = fmt::format("{}_{}", text, n);
  return unique;
}

/// The cycle that a space walks, or null.
const ir::Space* cycleBelow(const ir::Module& module, ir::SpaceId id) {
  const ir::Space* space = &module[id];
  while (space->kind == ir::Space::EveryNth || space->kind == ir::Space::Reverse ||
         space->kind == ir::Space::Slice)
    space = &module[space->base];
  return space->kind == ir::Space::Cycle ? space : nullptr;
}

class Outliner {
 public:
  explicit Outliner(const run::Plan& plan)
      : plan_(plan), module_(plan.module()), engine_(plan), members_(module_.families.size()) {}

  Outline all() {
    engine_.settle(sampleTime());
    std::set<std::string> used;
    for (uint32_t f = 0; f < module_.families.size(); ++f)
      outline_.shapes.push_back(shapeOf(f, used));
    for (uint32_t f = 0; f < module_.families.size(); ++f) {
      readMembers(f);
      Shape& shape = outline_.shapes[f];
      shape.isEmpty = shape.isTask && !shape.isFound && members_[f].empty();
    }
    nameGroups();
    for (uint32_t f = 0; f < module_.families.size(); ++f)
      if (outline_.shapes[f].isTask) setVariables(f);
    findWords(engine_, members_, outline_);
    return std::move(outline_);
  }

 private:
  /// A time by which so many cycles of each loop without an end have come.
  int64_t sampleTime() const {
    int64_t time = 0;
    for (ir::LoopId loop : plan_.outermost())
      if (plan_.loop(loop.index()).isOpen)
        time = std::max(time, startOf(module_[loop].space, kSample - 1) * 1000);
    return time;
  }

  int64_t startOf(ir::SpaceId space, uint64_t n) const {
    return ir::elementAt(module_, space, n).i;
  }

  Shape shapeOf(uint32_t f, std::set<std::string>& used) const {
    const ir::Family& family = module_.families[f];
    Shape shape;
    shape.isTask = family.role == ir::Family::Work;
    shape.file = fileOf(family);
    if (!shape.isTask) return shape;
    shape.name = identifier(family.name, used);
    for (size_t d = 0; d < family.loops.size() && shape.cycle < 0; ++d) {
      shape.cycleText = cycleText(family.loops[d]);
      if (!shape.cycleText.empty()) shape.cycle = static_cast<int>(d);
    }
    if (shape.cycle >= 0)
      shape.isOpen = plan_.loop(family.loops[static_cast<size_t>(shape.cycle)].index()).isOpen;
    std::set<std::string> names;
    for (size_t d = 0; d < family.loops.size(); ++d) {
      if (static_cast<int>(d) == shape.cycle) continue;
      shape.variables.push_back(
          {identifier(module_[family.loops[d]].variable, names), static_cast<unsigned>(d), {}});
      shape.isFound |= !isKnown(family.loops[d]);
    }
    shape.isVarying = isVarying(f);
    return shape;
  }

  /// The flags by which Rocoto writes the keys of a loop, or empty where it cannot: a cycle of
  /// Rocoto's begins at a full minute.
  std::string cycleText(ir::LoopId loop) const {
    ir::SpaceId space = module_[loop].space;
    const ir::Space* cycle = cycleBelow(module_, space);
    if (cycle == nullptr) return {};
    bool isDates = module_.types[cycle->element].dates;
    uint64_t size = ir::sizeOf(module_, space);
    for (uint64_t n = 0; n < (size == ir::kOpen ? kSample : size); ++n) {
      int64_t start = startOf(space, n);
      if (start % (isDates ? kDay : 60) != 0) return {};
    }
    return isDates ? "@Y-@m-@d" : "@Y-@m-@dT@H:@M:@SZ";
  }

  /// All its members follow from the flow alone.
  bool isKnown(ir::LoopId loop) const {
    const std::vector<run::Brood>& broods = engine_.state().loops[loop.index()].broods;
    return std::all_of(broods.begin(), broods.end(), [](const run::Brood& brood) {
      return brood.state == run::Brood::Known || brood.state == run::Brood::Open;
    });
  }

  bool isVarying(uint32_t f) const { return !ir::varyingNeeds(module_, ir::FamilyId(f)).empty(); }

  void readMembers(uint32_t f) {
    const Shape& shape = outline_.shapes[f];
    if (!shape.isTask) return;
    const ir::Family& family = module_.families[f];
    uint32_t size = static_cast<uint32_t>(engine_.state().families[f].instances.size());
    for (uint32_t n = 0; n < size; ++n) {
      run::InstanceId id{f, n};
      if (engine_.state().at(id).phase == run::Phase::Absent) continue;
      Member member{id, 0, {}};
      std::vector<std::string> keys = engine_.keysOf(id);
      for (const Variable& variable : shape.variables)
        member.rest.push_back(rocotoKey(keys[variable.depth]));
      if (shape.cycle >= 0) {
        ir::Scope scope = engine_.scopeOf(id, 0);
        member.time = scope.loopVar(family.loops[static_cast<size_t>(shape.cycle)])->i;
      }
      members_[f].push_back(std::move(member));
    }
  }

  // ---- cycles

  void nameGroups() {
    std::set<std::string> used = {"once"};
    outline_.groups.push_back({"once", {}, 0, false});
    int64_t first = INT64_MAX;
    for (uint32_t f = 0; f < module_.families.size(); ++f) {
      Shape& shape = outline_.shapes[f];
      if (!shape.isTask || shape.isEmpty || shape.cycle < 0) continue;
      Cycles cycles = cyclesOf(f);
      if (cycles.starts.empty()) {
        shape.isEmpty = true;
        continue;
      }
      first = std::min(first, cycles.starts.front());
      shape.group = groupFor(f, std::move(cycles), used);
    }
    // The first cycle of all, so that it comes when they do; without any, one that has passed.
    int64_t once = first == INT64_MAX ? *ir::parseInstant("2000-01-01T00:00:00Z") : first;
    outline_.groups.front().starts = {once};
    std::set<int64_t> all;
    for (const Cycles& cycles : outline_.groups)
      all.insert(cycles.starts.begin(), cycles.starts.end());
    outline_.cycles = all.size();
    for (uint32_t f = 0; f < module_.families.size(); ++f) {
      Shape& shape = outline_.shapes[f];
      if (!shape.isTask || shape.cycle >= 0) continue;
      shape.group = "once";
      for (Member& member : members_[f]) member.time = once;
    }
  }

  /// The cycles in which a family has members; where those are found, all of its loop.
  Cycles cyclesOf(uint32_t f) const {
    const Shape& shape = outline_.shapes[f];
    ir::LoopId loop = module_.families[f].loops[static_cast<size_t>(shape.cycle)];
    ir::SpaceId space = module_[loop].space;
    std::set<int64_t> starts;
    if (shape.isOpen) {
      for (uint64_t n = 0; n < kProbed; ++n) starts.insert(startOf(space, n));
    } else if (shape.isFound) {
      for (uint64_t n = 0; n < ir::sizeOf(module_, space); ++n) starts.insert(startOf(space, n));
    } else {
      for (const Member& member : members_[f]) starts.insert(member.time);
    }
    Cycles cycles{{}, {starts.begin(), starts.end()}, 0, shape.isOpen};
    if (!shape.isOpen) return cycles;
    cycles.step = cycles.starts[1] - cycles.starts[0];
    for (size_t n = 1; n < cycles.starts.size(); ++n)
      if (cycles.starts[n] - cycles.starts[n - 1] != cycles.step) cycles.step = 0;
    if (cycles.step > 0) {
      cycles.starts.resize(kSample);
      return cycles;
    }
    // What follows the calendar is written one by one, as far as Rocoto's own goes.
    for (uint64_t n = kProbed; cycles.starts.back() < calendarEnd(); ++n)
      cycles.starts.push_back(startOf(space, n));
    while (cycles.starts.size() > 2 && cycles.starts.back() > calendarEnd())
      cycles.starts.pop_back();
    return cycles;
  }

  std::string groupFor(uint32_t f, Cycles cycles, std::set<std::string>& used) {
    for (const Cycles& known : outline_.groups)
      if (known.starts == cycles.starts && known.isOpen == cycles.isOpen && known.group != "once")
        return known.group;
    ir::LoopId loop = module_.families[f].loops[static_cast<size_t>(outline_.shapes[f].cycle)];
    const ir::Space& space = module_[module_[loop].space];
    std::string name = space.name;
    if (name.empty() && space.kind == ir::Space::EveryNth && !module_[space.base].name.empty())
      name = fmt::format("{}_step_{}", module_[space.base].name, space.n);
    if (name.empty()) name = module_[loop].variable;
    cycles.group = identifier(name, used);
    outline_.groups.push_back(std::move(cycles));
    return outline_.groups.back().group;
  }

  // ---- variables

  /// Lists that multiply where the members are a product in every cycle, else lists side by side.
  void setVariables(uint32_t f) {
    Shape& shape = outline_.shapes[f];
    if (shape.variables.empty() || shape.isFound) return;
    std::vector<std::vector<std::string>> rows;
    std::set<std::vector<std::string>> seen;
    std::map<int64_t, size_t> perCycle;
    for (const Member& member : members_[f]) {
      ++perCycle[member.time];
      if (seen.insert(member.rest).second) rows.push_back(member.rest);
    }
    bool isEven = std::all_of(perCycle.begin(), perCycle.end(),
                              [&](const auto& count) { return count.second == rows.size(); });
    if (!isEven) shape.gate = "its members differ from cycle to cycle";
    size_t product = 1;
    std::vector<std::vector<std::string>> lists(shape.variables.size());
    for (size_t v = 0; v < lists.size(); ++v) {
      std::set<std::string> known;
      for (const std::vector<std::string>& row : rows)
        if (known.insert(row[v]).second) lists[v].push_back(row[v]);
      product *= lists[v].size();
    }
    shape.isProduct = product == rows.size();
    for (size_t v = 0; v < lists.size(); ++v) {
      if (shape.isProduct)
        shape.variables[v].values = std::move(lists[v]);
      else
        for (const std::vector<std::string>& row : rows)
          shape.variables[v].values.push_back(row[v]);
    }
  }

  const run::Plan& plan_;
  const ir::Module& module_;
  run::Engine engine_;
  Members members_;
  Outline outline_;
};

std::string replaced(llvm::StringRef text, char from, char to) {
  std::string result = text.str();
  std::replace(result.begin(), result.end(), from, to);
  return result;
}

}  // namespace

std::string Shape::taskName() const {
  std::string text = name;
  for (size_t v = 0; v < variables.size(); ++v)
    text += fmt::format("{}#{}#", v == 0 ? "." : ":", variables[v].name);
  return text;
}

std::string fileOf(const ir::Family& family) { return rocotoKey(target::fileName(family.name)); }
std::string rocotoKey(llvm::StringRef key) { return replaced(key, '%', '='); }
std::string flowKey(llvm::StringRef key) { return replaced(key, '=', '%'); }

std::string markerOf(const run::Engine& engine, const Shape& shape, run::InstanceId instance) {
  std::string text;
  for (const std::string& key : engine.keysOf(instance))
    text += (text.empty() ? "/" : ",") + rocotoKey(key);
  return shape.file + text;
}

int64_t calendarEnd() { return *ir::parseInstant("2099-12-31T00:00:00Z"); }

std::string cycleStamp(int64_t seconds) {
  std::string digits;
  for (char c : ir::instantText(seconds))
    if (llvm::isDigit(c)) digits += c;
  return digits.substr(0, 12);
}

Place placeOf(const run::Engine& engine, const Outline& outline, run::InstanceId instance) {
  const Shape& shape = outline.shapes[instance.family];
  const ir::Family& family = engine.plan().module().families[instance.family];
  int64_t time = outline.groups.front().starts.front();
  if (shape.cycle >= 0)
    time = engine.scopeOf(instance, 0).loopVar(family.loops[static_cast<size_t>(shape.cycle)])->i;
  std::vector<std::string> keys = engine.keysOf(instance);
  Place place{cycleStamp(time), shape.name};
  for (size_t v = 0; v < shape.variables.size(); ++v)
    place.task += (v == 0 ? "." : ":") + rocotoKey(keys[shape.variables[v].depth]);
  return place;
}

Outline outlineOf(const run::Plan& plan) { return Outliner(plan).all(); }

}  // namespace wfc::targets::rocoto
