// Relations are tried, not reasoned about: a form is taken if it names the same instances for every
// member.
#include "targets/rocoto/foreign/relations.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/STLExtras.h"

#include "compiler/ir/calendar.h"

namespace wfc::targets::rocoto::foreign {

namespace {

using Indices = std::vector<size_t>;

/// One place of a dependency that names one family, or a file, or an instant, or some of these
/// that may come either way.
struct Site {
  source::Range at;
  Need::Kind kind;
  size_t family = 0;
  std::vector<std::vector<source::Range>> any;
  auto operator<=>(const Site&) const = default;
};

class Relations {
 public:
  Relations(const Document& document, const FlowOf& flow, const TaskFamily& family,
            std::vector<Refusal>& refusals)
      : document_(document), flow_(flow), family_(family), refusals_(refusals) {}

  std::vector<Branch> all() {
    if (!collect()) return {};
    std::map<std::vector<Site>, Branch> bySites;
    std::map<std::vector<Site>, std::pair<std::set<int64_t>, std::set<const Task*>>> where;
    for (const Task* member : family_.members)
      for (int64_t time : family_.times) {
        auto& [times, members] = where[sitesOf(member, time)];
        times.insert(time);
        members.insert(member);
      }
    if (where.size() > 2)
      return refuse(family_.origin->at, "a task that waits for three things in turn");
    std::vector<Branch> branches;
    size_t covered = 0;
    for (auto& [sites, of] : where) {
      Branch branch;
      branch.times.assign(of.first.begin(), of.first.end());
      for (const Task* member : family_.members)
        if (of.second.contains(member)) branch.members.push_back(member);
      covered += branch.times.size() * branch.members.size();
      branch.condition = branch.members.size() == family_.members.size()
                             ? conditionFor(flow_.cycles[family_.cycles].times, branch.times)
                             : conditionOf(branch.members);
      if (where.size() == 1) branch.condition = "";
      for (const Site& site : sites)
        if (!add(site, branch)) return {};
      branches.push_back(std::move(branch));
    }
    if (covered != family_.times.size() * family_.members.size())
      return refuse(family_.origin->at, "a task that waits for other things by cycle and by value");
    return branches;
  }

 private:
  std::vector<Branch> refuse(source::Range at, std::string what, std::string why = {}) {
    refusals_.push_back({at, std::move(what), std::move(why)});
    return {};
  }

  bool collect() {
    for (const Task* member : family_.members)
      for (int64_t time : family_.times) {
        Refusal refusal;
        auto needs = needsOf(document_, flow_, *member, time, refusal);
        if (!needs) {
          refusals_.push_back(refusal);
          return false;
        }
        for (Need& need : *needs) {
          needs_[siteOf(need)][{member, time}].push_back(need);
        }
      }
    return true;
  }

  Site siteOf(const Need& need) const {
    Site site{need.at, need.kind, 0, {}};
    if (need.producer != nullptr) site.family = flow_.familyOf.at(need.producer);
    for (const std::vector<Need>& all : need.any) {
      std::vector<source::Range>& places = site.any.emplace_back();
      for (const Need& part : all) places.push_back(part.at);
    }
    return site;
  }

  std::vector<Site> sitesOf(const Task* member, int64_t time) const {
    std::vector<Site> found;
    for (const auto& [site, where] : needs_)
      if (where.contains({member, time})) found.push_back(site);
    return found;
  }

  /// What tells these members from the others: a value of one of the loops.
  std::optional<std::string> conditionOf(const std::vector<const Task*>& members) const {
    for (size_t depth = 0; depth < family_.loops.size(); ++depth) {
      const ListLoop& loop = flow_.loops[family_.loops[depth]];
      std::set<size_t> chosen;
      for (const Task* member : members) chosen.insert(member->indices[depth]);
      size_t holding = 0;
      for (const Task* member : family_.members)
        holding += chosen.contains(member->indices[depth]) ? 1 : 0;
      if (holding != members.size()) continue;
      if (chosen == std::set<size_t>{0}) return loop.variable + " is first";
      if (chosen == std::set<size_t>{loop.size() - 1}) return loop.variable + " is last";
      for (size_t v = 0; v < loop.fields.size(); ++v) {
        if (equal(loop, v, loop.value(v, *chosen.begin())).size() > 1 || chosen.size() > 20)
          continue;
        std::vector<std::string> values;
        for (size_t n : chosen) values.push_back(fmt::format("\"{}\"", loop.value(v, n)));
        return chosen.size() == 1
                   ? fmt::format("{} == {}", loop.field(v), values[0])
                   : fmt::format("{} is in [{}]", loop.field(v), fmt::join(values, ", "));
      }
    }
    return std::nullopt;
  }

  bool add(const Site& site, Branch& branch) {
    return site.kind == Need::OfTask ? addTask(site, branch) : addAwait(site, branch);
  }

  // ---- files and instants

  bool addAwait(const Site& site, Branch& branch) {
    Await whole{"await ", 0};
    auto add = [&](const char* word, auto part) {
      std::optional<Await> one = awaited(site, part);
      if (!one) return false;
      whole.text += word + one->text;
      whole.depth = std::max(whole.depth, one->depth);
      return true;
    };
    if (site.any.empty() && !add("", [](const Need& need) -> const Need& { return need; }))
      return false;
    for (size_t n = 0; n < site.any.size(); ++n)
      for (size_t m = 0; m < site.any[n].size(); ++m) {
        const char* word = m > 0 ? "\nand " : n > 0 ? "\nor " : "";
        if (!add(word, [n, m](const Need& need) -> const Need& { return need.any[n][m]; }))
          return false;
      }
    branch.awaits.push_back(std::move(whole));
    return true;
  }

  /// One file or instant of a site; nullopt, with a refusal, where nothing says it for all.
  template <typename Part>
  std::optional<Await> awaited(const Site& site, Part part) {
    const Need& first = part(needs_[site].begin()->second.front());
    if (first.kind == Need::Instant) return instant(site, first.at, part);
    const Node* written = findAt(*family_.origin, first.at);
    Texts texts(flow_, family_, false);
    Refusal refusal;
    auto path = written == nullptr ? std::nullopt : texts.string(timeStringOf(*written), refusal);
    if (!path) {
      refusals_.push_back(refusal);
      return std::nullopt;
    }
    Await file{fmt::format("\"{}\"{}", *path, ageAndSize(*written)), 0};
    for (const auto& [loop, variable] : texts.uses().variables)
      file.depth = std::max(
          file.depth,
          static_cast<size_t>(llvm::find(family_.loops, loop) - family_.loops.begin()) + 1);
    return file;
  }

  /// So long after its cycle for all, or by a variable of a metatask.
  template <typename Part>
  std::optional<Await> instant(const Site& site, source::Range at, Part part) {
    std::map<const Task*, std::set<int64_t>> offsets;
    std::set<int64_t> all;
    for (const auto& [place, needs] : needs_[site]) {
      int64_t offset = part(needs.front()).time - place.second;
      offsets[place.first].insert(offset);
      all.insert(offset);
    }
    if (all.size() == 1)
      return Await{fmt::format("c.start {} {}", *all.begin() < 0 ? "-" : "+",
                               durationText(std::abs(*all.begin()))),
                   0};
    for (size_t depth = 0; depth < family_.loops.size(); ++depth)
      for (size_t v = 0; v < flow_.loops[family_.loops[depth]].fields.size(); ++v)
        if (std::optional<std::string> table = tableOf(depth, v, offsets))
          return Await{"c.start + " + *table, depth + 1};
    refuse(at, "a `<timedep>` that is not so long after its cycle");
    return std::nullopt;
  }

  /// `["a": 1h, "b": -2h][m.x]`, if that tells how long it is.
  std::optional<std::string> tableOf(
      size_t depth, size_t variable,
      const std::map<const Task*, std::set<int64_t>>& offsets) const {
    const ListLoop& loop = flow_.loops[family_.loops[depth]];
    std::map<std::string, int64_t> byValue;
    for (const auto& [member, own] : offsets) {
      const std::string& value = loop.value(variable, member->indices[depth]);
      if (own.size() > 1 || byValue.try_emplace(value, *own.begin()).first->second != *own.begin())
        return std::nullopt;
    }
    std::vector<std::string> entries;
    for (const auto& [value, offset] : byValue)
      entries.push_back(fmt::format("{}: {}{}", target::flowString(value), offset < 0 ? "-" : "",
                                    durationText(std::abs(offset))));
    return fmt::format("[{}][{}]", fmt::join(entries, ", "), loop.field(variable));
  }

  static const Node* findAt(const Node& node, source::Range at) {
    if (node.isElement() && node.all == at) return &node;
    for (const Node& child : node.children)
      if (const Node* found = findAt(child, at)) return found;
    return nullptr;
  }

  static std::string ageAndSize(const Node& node) {
    std::string text;
    if (int64_t age = secondsOf(node.value("age")).value_or(0); age != 0)
      text += ", age " + durationText(age);
    llvm::StringRef size = node.value("minsize").trim();
    static constexpr llvm::StringRef kUnits = "BKMGTPE";
    int64_t bytes = 0;
    if (!size.consumeInteger(10, bytes) && bytes > 0) {
      size_t unit = size.empty() ? 0 : kUnits.find(size.upper()[0]);
      static constexpr const char* kNames[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
      text += fmt::format(", size {}{}", bytes, kNames[unit == llvm::StringRef::npos ? 0 : unit]);
    }
    return text;
  }

  // ---- tasks

  bool addTask(const Site& site, Branch& branch) {
    const TaskFamily& from = flow_.families[site.family];
    std::map<Indices, std::set<Indices>> named;
    std::optional<int64_t> offset;
    for (const Task* member : branch.members)
      for (int64_t time : branch.times) {
        std::set<Indices> own;
        for (const Need& need : needs_[site][{member, time}]) {
          own.insert(need.producer->indices);
          if (offset && *offset != need.time - time)
            return !refuse(site.at, "a dependency on several cycles at one place").empty();
          offset = need.time - time;
        }
        auto [known, isNew] = named.emplace(member->indices, own);
        if (known->second != own)
          return !refuse(site.at, "a dependency that differs by cycle").empty();
      }
    std::optional<std::string> indices = indicesOf(from, named, *offset, branch);
    if (!indices)
      return !refuse(site.at, "a dependency whose tasks no index names",
                     "it follows no variable of the metatasks")
                  .empty();
    std::string text = from.name + *indices;
    if (!llvm::is_contained(branch.after, text)) branch.after.push_back(text);
    return true;
  }

  /// What stands in brackets behind the producer's name: for its loops, or those beyond the shared.
  std::optional<std::string> indicesOf(const TaskFamily& from,
                                       const std::map<Indices, std::set<Indices>>& named,
                                       int64_t offset, const Branch& branch) const {
    std::vector<std::string> forms;
    for (size_t depth = 0; depth < from.loops.size(); ++depth) {
      std::optional<std::string> form = formOf(from, depth, named);
      if (!form) return std::nullopt;
      forms.push_back(*form);
    }
    if (!isProduct(from, named)) return std::nullopt;
    bool isSame = from.cycles == family_.cycles && offset == 0;
    if (isSame && forms.empty()) return std::string();
    // Loops stand apart in what is for the first cycle, for later ones, and for all.
    bool isInFirst =
        family_.isSplit && branch.times.front() == flow_.cycles[family_.cycles].times.front();
    bool isInLater = family_.isLater || (family_.isSplit && !isInFirst);
    bool isBeside = !from.isSplit && from.isLater == isInLater && !isInFirst;
    size_t shared = 0;
    while (isSame && isBeside && shared < std::min(from.loops.size(), family_.loops.size()) &&
           from.loops[shared] == family_.loops[shared] &&
           forms[shared] == flow_.loops[from.loops[shared]].variable)
      ++shared;
    // Loops that both stand in are shared by name alone; another index there has to be written out.
    bool isShared = shared == from.loops.size() || shared == family_.loops.size() ||
                    from.loops[shared] != family_.loops[shared];
    if (isSame && isBeside && isShared)
      forms.erase(forms.begin(), forms.begin() + static_cast<long>(shared));
    else
      forms.insert(forms.begin(), cycleIndex(from, offset));
    return forms.empty() ? std::string() : fmt::format("[{}]", fmt::join(forms, ", "));
  }

  /// The producer's cycle, seen from one's own: so many steps away, or by its time.
  std::string cycleIndex(const TaskFamily& from, int64_t offset) const {
    const CycleLoop& cycles = flow_.cycles[from.cycles];
    if (from.cycles == family_.cycles && offset == 0) return "c";
    const char* sign = offset < 0 ? "-" : "+";
    if (from.cycles == family_.cycles && offset % cycles.step == 0)
      return fmt::format("c {} {}", sign, std::abs(offset / cycles.step));
    std::string when =
        offset == 0 ? "" : fmt::format(" {} {}", sign, durationText(std::abs(offset)));
    return fmt::format("o in {} if o.start == c.start{}", cycles.name, when);
  }

  /// Whether each member's set is all combinations of what it names in each loop.
  bool isProduct(const TaskFamily& from, const std::map<Indices, std::set<Indices>>& named) const {
    return llvm::all_of(named, [&](const auto& one) {
      size_t product = 1;
      for (size_t depth = 0; depth < from.loops.size(); ++depth)
        product *= valuesAt(one.second, depth).size();
      return product == one.second.size();
    });
  }

  static std::set<size_t> valuesAt(const std::set<Indices>& rows, size_t depth) {
    std::set<size_t> values;
    for (const Indices& row : rows) values.insert(row[depth]);
    return values;
  }

  std::optional<std::string> formOf(const TaskFamily& from, size_t depth,
                                    const std::map<Indices, std::set<Indices>>& named) const {
    size_t at = from.loops[depth];
    const ListLoop& loop = flow_.loops[at];
    auto holds = [&](auto wanted) {
      return llvm::all_of(
          named, [&](const auto& one) { return valuesAt(one.second, depth) == wanted(one.first); });
    };
    for (size_t own = 0; own < family_.loops.size(); ++own)
      if (family_.loops[own] == at &&
          holds([&](const Indices& i) { return std::set<size_t>{i[own]}; }))
        return loop.variable;
    for (size_t own = 0; own < family_.loops.size(); ++own) {
      if (family_.loops[own] != at) continue;
      std::set<size_t> first = valuesAt(named.begin()->second, depth);
      size_t mine = named.begin()->first[own];
      if (first.size() != 1 || *first.begin() == mine) continue;
      size_t step = *first.begin() - mine;  // which wraps below zero, and back
      if (holds([&](const Indices& i) { return std::set<size_t>{i[own] + step}; }))
        return *first.begin() < mine ? fmt::format("{} - {}", loop.variable, mine - *first.begin())
                                     : fmt::format("{} + {}", loop.variable, step);
    }
    std::set<size_t> every;
    for (size_t n = 0; n < loop.size(); ++n) every.insert(n);
    if (holds([&](const Indices&) { return every; })) return "*";
    std::set<size_t> first = valuesAt(named.begin()->second, depth);
    if (first.size() == 1 && holds([&](const Indices&) { return first; }))
      return literal(loop, *first.begin());
    for (size_t own = 0; own < family_.loops.size(); ++own) {
      const ListLoop& mine = flow_.loops[family_.loops[own]];
      for (size_t v = 0; v < mine.fields.size(); ++v)
        for (size_t w = 0; w < loop.fields.size(); ++w)
          if (holds([&](const Indices& i) { return equal(loop, w, mine.value(v, i[own])); }))
            return match(loop, w, mine.field(v));
    }
    return std::nullopt;
  }

  static std::set<size_t> equal(const ListLoop& loop, size_t variable, const std::string& value) {
    std::set<size_t> found;
    for (size_t n = 0; n < loop.size(); ++n)
      if (loop.value(variable, n) == value) found.insert(n);
    return found;
  }

  static std::string match(const ListLoop& loop, size_t variable, const std::string& value) {
    if (loop.record.empty()) return value;
    return fmt::format("x in {} if x.{} == {}", loop.set, loop.fields[variable], value);
  }

  static std::string literal(const ListLoop& loop, size_t index) {
    for (size_t v = 0; v < loop.fields.size(); ++v)
      if (equal(loop, v, loop.value(v, index)).size() == 1)
        return match(loop, v, fmt::format("\"{}\"", loop.value(v, index)));
    return "*";
  }

  const Document& document_;
  const FlowOf& flow_;
  const TaskFamily& family_;
  std::vector<Refusal>& refusals_;
  std::map<Site, std::map<std::pair<const Task*, int64_t>, std::vector<Need>>> needs_;
};

}  // namespace

std::vector<Branch> branchesOf(const Document& document, const FlowOf& flow,
                               const TaskFamily& family, std::vector<Refusal>& refusals) {
  return Relations(document, flow, family, refusals).all();
}

std::optional<std::string> conditionFor(const std::vector<int64_t>& all,
                                        const std::vector<int64_t>& times) {
  if (times == all) return std::string();
  if (times.size() == 1 && times[0] == all.front()) return "c is first";
  if (times.size() == 1 && times[0] == all.back()) return "c is last";
  if (times.size() + 1 == all.size() && times.front() != all.front()) return "not (c is first)";
  std::set<int64_t> hours;
  for (int64_t time : times) hours.insert(ir::floorMod(time, kDay) / 3600);
  auto holds = [&](bool byHour, bool byStart, bool byEnd) {
    std::vector<int64_t> chosen;
    for (int64_t time : all)
      if ((!byHour || hours.contains(ir::floorMod(time, kDay) / 3600)) &&
          (!byStart || time >= times.front()) && (!byEnd || time <= times.back()))
        chosen.push_back(time);
    return chosen == times;
  };
  for (int form = 1; form < 8; ++form) {
    bool byHour = (form & 1) != 0, byStart = (form & 2) != 0, byEnd = (form & 4) != 0;
    if (!holds(byHour, byStart, byEnd)) continue;
    std::vector<std::string> parts;
    if (byHour)
      parts.push_back(hours.size() == 1
                          ? fmt::format("c.start.hour == {}", *hours.begin())
                          : fmt::format("c.start.hour is in [{}]", fmt::join(hours, ", ")));
    if (byStart) parts.push_back("c.start >= " + timeText(times.front()));
    if (byEnd) parts.push_back("c.start <= " + timeText(times.back()));
    return fmt::format("{}", fmt::join(parts, " and "));
  }
  if (times.size() > 40) return std::nullopt;
  std::vector<std::string> texts;
  for (int64_t time : times) texts.push_back(timeText(time));
  return fmt::format("c.start is in [{}]", fmt::join(texts, ", "));
}

}  // namespace wfc::targets::rocoto::foreign
