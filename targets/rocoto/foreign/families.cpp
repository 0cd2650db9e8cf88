// Families of a document and what they wait for.
#include "targets/rocoto/foreign/families.h"

#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace wfc::targets::rocoto::foreign {

namespace {

constexpr size_t kMostTimes = 5000;
/// More than that nobody reads.
constexpr size_t kMostAlternatives = 16;

/// What remains of a condition in one cycle, once all is known that the document says.
class Remainder {
 public:
  Remainder(const Document& document, const FlowOf& flow, int64_t time, Refusal& refusal)
      : document_(document), flow_(flow), time_(time), refusal_(refusal) {}

  enum State { False, True, Open, Refused };

  State of(const Dependency& d, std::vector<Need>& needs) {
    if (d.kind == "taskdep") return task(d, needs);
    if (d.kind == "true") return True;
    if (d.kind == "false") return False;
    if (d.kind == "streq" || d.kind == "strneq")
      return known((d.text.render(time_) == d.other.render(time_)) == (d.kind == "streq"));
    if (d.kind == "cycleexistdep") return known(document_.isCycle(time_ + d.offset.value_or(0)));
    if (d.kind == "taskvalid") {
      const Task* task = document_.find(d.name.str());
      return known(task != nullptr && document_.isAt(*task, time_));
    }
    if (d.kind == "datadep") return file(d, needs);
    if (d.kind == "timedep") return instant(d, needs);
    if (d.kind == "and") return all(d, needs);
    if (d.kind == "some")
      return d.threshold > 0.9999 ? all(d, needs)
                                  : refuse(d, "`<metataskdep>` with a threshold",
                                           "a quorum of a flow waits until all have ended");
    if (d.kind == "or") return any(d, needs);
    if (d.kind == "not" || d.kind == "nor" || d.kind == "nand") return negated(d, needs);
    if (d.kind == "sh" || d.kind == "rb")
      return refuse(
          d, fmt::format("`<{}>` in a dependency", d.kind),
          "it asks the outside again and again, and a flow waits for files, instants and tasks");
    return refuse(d, fmt::format("`<{}>`", d.kind), "");
  }

 private:
  static State known(bool holds) { return holds ? True : False; }

  State refuse(const Dependency& d, std::string what, std::string why) {
    refusal_ = {d.at, std::move(what), std::move(why)};
    return Refused;
  }

  State task(const Dependency& d, std::vector<Need>& needs) {
    if (d.state != "SUCCEEDED")
      return refuse(d, fmt::format("`state=\"{}\"`", d.state), "a flow goes on with what is ok");
    const Task* producer = document_.find(d.name.str());
    int64_t then = time_ + d.offset.value_or(0);
    if (producer == nullptr || !document_.isAt(*producer, then) ||
        flow_.gone.contains({producer, then}))
      return False;
    needs.push_back({Need::OfTask, &d, d.at, producer, then, {}, {}});
    return Open;
  }

  State file(const Dependency& d, std::vector<Need>& needs) {
    needs.push_back({Need::File, &d, d.at, nullptr, 0, d.text.render(time_), {}});
    return Open;
  }

  State instant(const Dependency& d, std::vector<Need>& needs) {
    std::string text = d.text.render(time_);
    std::optional<int64_t> then = instantOf(llvm::StringRef(text).take_front(12));
    int seconds = 0;
    if (!then || llvm::StringRef(text).drop_front(12).take_front(2).getAsInteger(10, seconds))
      return refuse(d, "`<timedep>` that is no time", "");
    needs.push_back({Need::Instant, &d, d.at, nullptr, *then + seconds, {}, {}});
    return Open;
  }

  State all(const Dependency& d, std::vector<Need>& needs) {
    bool isOpen = false;
    for (const Dependency& child : d.children) {
      State state = of(child, needs);
      if (state == False || state == Refused) return state;
      isOpen |= state == Open;
    }
    return isOpen ? Open : True;
  }

  State any(const Dependency& d, std::vector<Need>& needs) {
    std::vector<std::vector<Need>> open;
    for (const Dependency& child : d.children) {
      std::vector<Need> own;
      State state = of(child, own);
      if (state == True || state == Refused) return state;
      if (state == Open) open.push_back(std::move(own));
    }
    if (open.empty()) return False;
    if (open.size() > 1) return either(d, open, needs);
    llvm::append_range(needs, open.front());
    return Open;
  }

  /// What a wait of a flow says: files and instants, of each alternative all.
  State either(const Dependency& d, const std::vector<std::vector<Need>>& open,
               std::vector<Need>& needs) {
    Need either{Need::Any, &d, d.at, nullptr, 0, {}, {}};
    for (const std::vector<Need>& own : open) {
      std::vector<std::vector<Need>> rows{{}};
      for (const Need& need : own) {
        if (need.kind == Need::OfTask)
          return refuse(d, "`<or>` with a task in it",
                        "a flow waits for all tasks that it names; only files and instants may "
                        "come either way");
        rows = product(rows, need);
      }
      if (either.any.size() + rows.size() > kMostAlternatives)
        return refuse(d, fmt::format("`<or>` of more than {} alternatives", kMostAlternatives), "");
      llvm::append_range(either.any, rows);
    }
    needs.push_back(std::move(either));
    return Open;
  }

  /// Each row with the need, or with each alternative of it.
  static std::vector<std::vector<Need>> product(const std::vector<std::vector<Need>>& rows,
                                                const Need& need) {
    std::vector<std::vector<Need>> all;
    std::vector<std::vector<Need>> each =
        need.kind == Need::Any ? need.any : std::vector<std::vector<Need>>{{need}};
    for (const std::vector<Need>& row : rows)
      for (const std::vector<Need>& more : each) {
        all.push_back(row);
        llvm::append_range(all.back(), more);
      }
    return all;
  }

  State negated(const Dependency& d, std::vector<Need>&) {
    bool isAll = true, isAny = false;
    for (const Dependency& child : d.children) {
      std::vector<Need> ignored;
      State state = of(child, ignored);
      if (state == Refused) return state;
      if (state == Open)
        return refuse(d, fmt::format("`<{}>` of what is known at run time only", d.kind),
                      "a flow waits for what comes to be, not for what is not there yet");
      isAll &= state == True;
      isAny |= state == True;
    }
    return known(d.kind == "nor" ? !isAny : !isAll);
  }

  const Document& document_;
  const FlowOf& flow_;
  int64_t time_;
  Refusal& refusal_;
};

/// A name without the variables of metatasks in it.
std::string withoutVariables(llvm::StringRef text) {
  std::string rest;
  bool isMark = false;
  for (char c : text) {
    if (c == '#')
      isMark = !isMark;
    else if (!isMark)
      rest += c;
  }
  return rest;
}

/// Beside words of the language, those that mean something in a task.
target::IsReserved isTaken(const target::IsReserved& isReserved) {
  return [isReserved](llvm::StringRef word) {
    return isReserved(word) || llvm::is_contained({"tmp", "instance", "run", "attempt", "cycle",
                                                   "args", "values", "needs", "last"},
                                                  word);
  };
}

class FlowMaker {
 public:
  FlowMaker(const Document& document, const target::IsReserved& isReserved,
            std::vector<Refusal>& refusals)
      : document_(document), refusals_(refusals), isReserved_(isTaken(isReserved)) {}

  FlowOf make() {
    for (const Task& task : document_.tasks) {
      if (document_.find(task.name.str()) != &task)
        refuse(task.name.at(), "two tasks of one name", "Rocoto keeps one of them only");
      add(task);
    }
    setTimes();
    return std::move(flow_);
  }

 private:
  void refuse(source::Range at, std::string what, std::string why) {
    refusals_.push_back({at, std::move(what), std::move(why)});
  }

  void add(const Task& task) {
    auto known = llvm::find_if(flow_.families, [&](auto& f) { return f.origin == task.origin; });
    if (known == flow_.families.end()) {
      TaskFamily family;
      family.name = names_.like(withoutVariables(task.origin->value("name")));
      family.origin = task.origin;
      for (const Node* node : task.loops) family.loops.push_back(loopOf(node));
      for (const Metatask& metatask : document_.metatasks)
        if (llvm::is_contained(task.metataskNodes, metatask.node) &&
            !llvm::is_contained(task.loops, metatask.node))
          for (const auto& variable : metatask.variables)
            family.constants[variable.name] = variable.values[0].str();
      known = flow_.families.insert(flow_.families.end(), std::move(family));
    }
    known->members.push_back(&task);
    flow_.familyOf[&task] = static_cast<size_t>(known - flow_.families.begin());
  }

  size_t loopOf(const Node* node) {
    auto known = llvm::find_if(flow_.loops, [&](auto& l) { return l.metatask->node == node; });
    if (known != flow_.loops.end()) return static_cast<size_t>(known - flow_.loops.begin());
    ListLoop loop;
    loop.metatask = &*llvm::find_if(document_.metatasks, [&](auto& m) { return m.node == node; });
    const auto& variables = loop.metatask->variables;
    bool isPlain = variables.size() == 1;
    std::string base = loop.metatask->name;
    loop.set = sets_.like(isPlain ? variables[0].name + "s" : withoutVariables(base) + "_all");
    loop.variable = sets_.like(isPlain ? variables[0].name : "m");
    if (!isPlain) loop.record = sets_.like("R_" + withoutVariables(base));
    target::FlowNames fields(isReserved_);
    bool hasKey = false;
    for (const auto& variable : variables) {
      loop.fields.push_back(fields.like(variable.name));
      std::set<std::string> values;
      for (const Text& value : variable.values) {
        values.insert(value.str());
        if (value.str().find('#') != std::string::npos)
          refuse(variable.node->at, "a metatask whose values come from another one",
                 "a list of a flow is the same for all");
      }
      bool isUnique = values.size() == variable.values.size();
      loop.isKey.push_back(isUnique && !hasKey);
      hasKey |= isUnique;
    }
    if (!hasKey) loop.isKey.assign(variables.size(), true);
    if (!hasKey && isPlain)
      refuse(variables[0].node->at, "a value that a metatask has twice",
             "instances are named by it");
    // Two metatasks over the same values walk one list.
    for (const ListLoop& other : flow_.loops)
      if (sameValues(other, loop)) loop.set = other.set, loop.record = other.record;
    flow_.loops.push_back(std::move(loop));
    return flow_.loops.size() - 1;
  }

  static bool sameValues(const ListLoop& one, const ListLoop& other) {
    bool isPlain = one.record.empty() && other.record.empty();
    if (one.size() != other.size() || (!isPlain && one.fields != other.fields)) return false;
    for (size_t v = 0; v < one.fields.size(); ++v)
      for (size_t n = 0; n < one.size(); ++n)
        if (one.value(v, n) != other.value(v, n)) return false;
    return true;
  }

  void setTimes() {
    std::set<int64_t> all;
    for (const CycleDef& def : document_.cycledefs) {
      std::vector<int64_t> times = def.first(kMostTimes + 1);
      bool isEndless = def.isCron && def.fields.size() == 6 && def.fields[4].size() > 100;
      if (isEndless)
        return refuse(def.node->at, "cycles without a start", "a cycle of a flow begins somewhere");
      if (times.size() > kMostTimes)
        return refuse(def.node->at, fmt::format("more than {} cycles", kMostTimes), "");
      all.insert(times.begin(), times.end());
    }
    for (TaskFamily& family : flow_.families)
      for (int64_t time : all)
        if (document_.isAt(*family.members.front(), time)) family.times.push_back(time);
    if (refusals_.empty()) dropLost();
    dropEmpty();
    for (TaskFamily& family : flow_.families)
      if (family.times.empty())
        return refuse(family.origin->at,
                      fmt::format("`{}`, which never runs", family.members.front()->name.str()),
                      "a flow has no instance that waits for ever");
    // Longer rows first: one without the first cycle of another stands in the loop of that.
    std::vector<TaskFamily*> ordered;
    for (TaskFamily& family : flow_.families) ordered.push_back(&family);
    llvm::stable_sort(ordered, [](auto* a, auto* b) { return a->times.size() > b->times.size(); });
    for (TaskFamily* family : ordered) family->cycles = cyclesOf(*family);
    for (TaskFamily& family : flow_.families)
      family.isSplit = family.times.size() > 1 &&
                       placesAt(family, family.times[0]) != placesAt(family, family.times[1]);
  }

  /// Families of which nothing ever runs are none.
  void dropEmpty() {
    bool isAny = llvm::any_of(flow_.families, [](auto& f) { return !f.times.empty(); });
    if (!isAny || flow_.gone.empty()) return;
    llvm::erase_if(flow_.families, [](auto& f) { return f.times.empty(); });
    flow_.familyOf.clear();
    for (size_t n = 0; n < flow_.families.size(); ++n)
      for (const Task* member : flow_.families[n].members) flow_.familyOf[member] = n;
  }

  /// Where its dependencies name something in a cycle.
  std::set<source::Range> placesAt(const TaskFamily& family, int64_t time) const {
    std::set<source::Range> places;
    for (const Task* member : family.members) {
      Refusal ignored;
      auto needs = needsOf(document_, flow_, *member, time, ignored);
      for (const Need& need : needs ? *needs : std::vector<Need>()) places.insert(need.at);
    }
    return places;
  }

  size_t cyclesOf(TaskFamily& family) {
    for (size_t n = 0; n < flow_.cycles.size(); ++n)
      if (flow_.cycles[n].times == family.times) return n;
    for (size_t n = 0; n < flow_.cycles.size(); ++n) {
      llvm::ArrayRef<int64_t> times = flow_.cycles[n].times;
      family.isLater = times.drop_front() == llvm::ArrayRef<int64_t>(family.times);
      if (family.isLater) return n;
    }
    CycleLoop loop;
    loop.times = family.times;
    loop.step = loop.times.size() > 1 ? loop.times[1] - loop.times[0] : kDay;
    for (size_t n = 1; n < loop.times.size(); ++n)
      if (loop.times[n] - loop.times[n - 1] != loop.step) {
        refuse(family.origin->at, "cycles at uneven times",
               "the cycles of a flow are `every` so long");
        break;
      }
    loop.name = sets_.like(groupOf(family));
    flow_.cycles.push_back(std::move(loop));
    return flow_.cycles.size() - 1;
  }

  /// The group of just these cycles, if there is one.
  std::string groupOf(const TaskFamily& family) const {
    for (const CycleDef& def : document_.cycledefs)
      if (!def.group.empty() && def.first(kMostTimes) == family.times) return def.group;
    return "cycles";
  }

  /// Takes out what can never run, and what waits for that.
  void dropLost() {
    for (bool isChanged = true; isChanged;) {
      isChanged = false;
      for (const TaskFamily& family : flow_.families)
        for (const Task* member : family.members)
          for (int64_t time : family.times) {
            if (!member->dependency || flow_.gone.contains({member, time})) continue;
            Refusal ignored;
            std::vector<Need> needs;
            if (Remainder(document_, flow_, time, ignored).of(*member->dependency, needs) !=
                Remainder::False)
              continue;
            flow_.gone.insert({member, time});
            isChanged = true;
          }
    }
    for (TaskFamily& family : flow_.families) {
      auto lost = [&](int64_t time) {
        return llvm::count_if(family.members, [&](const Task* member) {
          return flow_.gone.contains({member, time});
        });
      };
      for (int64_t time : family.times)
        if (lost(time) != 0 && lost(time) != static_cast<long>(family.members.size()))
          return refuse(family.origin->at, "a metatask of which some tasks never run", "");
      llvm::erase_if(family.times, [&](int64_t time) { return lost(time) != 0; });
    }
  }

  const Document& document_;
  std::vector<Refusal>& refusals_;
  FlowOf flow_;
  target::IsReserved isReserved_;
  target::FlowNames names_{isReserved_}, sets_{isReserved_, {"c"}};
};

}  // namespace

std::string ListLoop::field(size_t n) const {
  return record.empty() ? variable : variable + "." + fields[n];
}

std::string ListLoop::keyOf(size_t index) const {
  std::string key;
  for (size_t n = 0; n < fields.size(); ++n) {
    if (!isKey[n]) continue;
    if (!key.empty()) key += ",";
    for (char c : value(n, index))
      key += llvm::isAlnum(c) || llvm::StringRef("._+-").contains(c)
                 ? std::string(1, c)
                 : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return key;
}

FlowOf flowOf(const Document& document, const target::IsReserved& isReserved,
              std::vector<Refusal>& refusals) {
  return FlowMaker(document, isReserved, refusals).make();
}

std::optional<std::vector<Need>> needsOf(const Document& document, const FlowOf& flow,
                                         const Task& task, int64_t time, Refusal& refusal) {
  std::vector<Need> needs;
  if (!task.dependency) return needs;
  Remainder remainder(document, flow, time, refusal);
  Remainder::State state = remainder.of(*task.dependency, needs);
  if (state == Remainder::False)
    refusal = {
        task.dependency->at,
        fmt::format("`{}`, which never runs in the cycle {}", task.name.str(), stampOf(time)),
        "a flow has no instance that waits for ever; give it cycles of its own first"};
  if (state == Remainder::True) needs.clear();
  if (state == Remainder::False || state == Remainder::Refused) return std::nullopt;
  return needs;
}

}  // namespace wfc::targets::rocoto::foreign
