// Metatasks expanded, cycles understood, tasks filled: in the order in which Rocoto does it.
#include "targets/rocoto/foreign/document.h"

#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace wfc::targets::rocoto::foreign {

namespace {

constexpr size_t kMostTasks = 100000;

bool isTrue(llvm::StringRef value) {
  // /^t|true$/ of Rocoto's.
  std::string lower = value.lower();
  return llvm::StringRef(lower).starts_with("t") || llvm::StringRef(lower).ends_with("true");
}

int integer(llvm::StringRef text, int otherwise) {
  int value = 0;
  return text.trim().consumeInteger(10, value) ? otherwise : value;
}

/// A task that is being expanded.
struct Raw {
  Node node;
  std::vector<std::string> metatasks;
  std::vector<const Node*> nodes;
  std::vector<int> sequence;
  const Node* origin = nullptr;
  std::vector<const Node*> loops = {};
  std::vector<size_t> indices = {};
};

void replace(Node& node, llvm::StringRef name, const Text& value) {
  node.text = node.text.with(name, value);
  for (Attribute& attribute : node.attributes) attribute.value = attribute.value.with(name, value);
  for (Node& child : node.children) replace(child, name, value);
}

class Expander {
 public:
  explicit Expander(Document& document) : document_(document) {}

  void all() {
    for (const Node& child : document_.xml.root.children) {
      if (child.name == "cycledef") document_.cycledefs.push_back(cycleDef(child));
      if (child.name == "task") take({child, {}, {}, {}, &child});
      if (child.name != "metatask") continue;
      for (Raw& raw : expand(child, {}, {}, {})) take(std::move(raw));
    }
    for (size_t n = 0; n < document_.tasks.size(); ++n) {
      for (const std::string& metatask : document_.tasks[n].metatasks)
        members_[metatask].push_back(n);
      document_.byName[document_.tasks[n].name.str()] = n;
    }
    for (Task& task : document_.tasks) fillDependencies(task);
  }

 private:
  // ---- metatasks

  Metatask describe(const Node& node, bool isNested) {
    Metatask metatask;
    metatask.node = &node;
    metatask.name = node.attribute("name") != nullptr ? node.value("name").str()
                                                      : fmt::format("metatask{}", unnamed_++);
    metatask.isSerial = node.value("mode") == "serial";
    metatask.throttle = integer(node.value("throttle"), 0);
    metatask.isNested = isNested;
    for (const Node& child : node.children)
      if (child.name == "var")
        metatask.variables.push_back({&child, child.value("name").str(), child.content().words()});
    return metatask;
  }

  std::vector<Raw> expand(const Node& node, std::vector<std::string> outer,
                          std::vector<const Node*> nodes, const std::vector<int>& prefix) {
    Metatask metatask = describe(node, !outer.empty());
    outer.push_back(metatask.name);
    nodes.push_back(&node);
    document_.metatasks.push_back(metatask);
    std::vector<Raw> inner;
    int sequence = 0;
    for (const Node& child : node.children) {
      if (child.name != "task" && child.name != "metatask") continue;
      std::vector<int> own = prefix;
      own.push_back(++sequence);
      if (child.name == "task")
        inner.push_back({child, outer, nodes, own, &child});
      else
        llvm::append_range(inner, expand(child, outer, nodes, own));
    }
    size_t length = kMostTasks;
    for (const auto& variable : metatask.variables)
      length = std::min(length, variable.values.size());
    if (metatask.variables.empty()) return {};
    return multiplied(inner, metatask, length, outer.size() - 1);
  }

  std::vector<Raw> multiplied(const std::vector<Raw>& inner, const Metatask& metatask,
                              size_t length, size_t depth) {
    std::vector<Raw> all;
    int most = inner.empty() ? 0 : inner.back().sequence[depth];
    for (size_t index = 0; index < length; ++index)
      for (const Raw& task : inner) {
        if (all.size() >= kMostTasks) return all;
        Raw copy = task;
        if (length > 1) {
          copy.indices.insert(copy.indices.begin(), index);
          copy.loops.insert(copy.loops.begin(), metatask.node);
        }
        copy.sequence[depth] += most * static_cast<int>(index);
        for (const auto& variable : metatask.variables) {
          replace(copy.node, variable.name, variable.values[index]);
          for (std::string& name : copy.metatasks) {
            Text text;
            text.append(name, {});
            name = text.with(variable.name, variable.values[index]).str();
          }
        }
        all.push_back(std::move(copy));
      }
    return all;
  }

  // ---- tasks

  void take(Raw raw) {
    if (document_.tasks.size() >= kMostTasks) return;
    Task task;
    task.metatasks = std::move(raw.metatasks);
    task.metataskNodes = std::move(raw.nodes);
    task.origin = raw.origin;
    task.loops = std::move(raw.loops);
    task.indices = std::move(raw.indices);
    task.sequence = std::move(raw.sequence);
    task.node = std::move(raw.node);
    if (const Attribute* name = task.node.attribute("name")) task.name = name->value;
    if (const Attribute* groups = task.node.attribute("cycledefs")) {
      task.isOfAllCycles = false;
      Text text;
      std::string spaced = groups->value.str();
      for (size_t begin = 0; begin < spaced.size();) {
        size_t end = spaced.find_first_of(", \t\n", begin);
        if (end == std::string::npos) end = spaced.size();
        if (end > begin) task.groups.push_back(groups->value.slice(begin, end));
        begin = end + 1;
      }
    }
    for (const Node& child : task.node.children) takeItem(task, child);
    document_.tasks.push_back(std::move(task));
  }

  static void takeItem(Task& task, const Node& child) {
    if (!child.isElement() || child.name == "dependency" || child.name == "hangdependency") return;
    if (child.name == "native") {
      task.natives.push_back(timeStringOf(child));
    } else if (child.name == "envar") {
      std::pair<TimeString, TimeString> variable;
      if (const Node* name = child.child("name")) variable.first = timeStringOf(*name);
      if (const Node* value = child.child("value")) variable.second = timeStringOf(*value);
      task.variables.push_back(std::move(variable));
    } else {
      task.items[child.name] = timeStringOf(child);
    }
  }

  // ---- dependencies

  void fillDependencies(Task& task) {
    for (auto [tag, into] :
         {std::pair{"dependency", &task.dependency}, {"hangdependency", &task.hang}})
      if (const Node* node = task.node.child(tag))
        for (const Node& child : node->children)
          if (child.isElement() && !*into) *into = dependencyOf(child);
    addSerial(task);
  }

  Dependency dependencyOf(const Node& node) {
    Dependency found;
    found.kind = node.name;
    found.node = &node;
    found.at = node.all;
    if (const Attribute* offset = node.attribute("cycle_offset"))
      found.offset = secondsOf(offset->value.str());
    if (node.attribute("state") != nullptr) found.state = node.value("state").upper();
    if (node.attribute("threshold") != nullptr)
      (void)node.value("threshold").getAsDouble(found.threshold);
    if (const Attribute* task = node.attribute("task")) found.name = task->value;
    if (node.name == "metataskdep") return membersOf(node, std::move(found));
    if (node.name == "streq" || node.name == "strneq") {
      if (const Node* left = node.child("left")) found.text = timeStringOf(*left);
      if (const Node* right = node.child("right")) found.other = timeStringOf(*right);
    } else if (node.name == "datadep" || node.name == "timedep" || node.name == "sh" ||
               node.name == "rb") {
      found.text = timeStringOf(node);
    } else {
      for (const Node& child : node.children)
        if (child.isElement()) found.children.push_back(dependencyOf(child));
    }
    return found;
  }

  Dependency membersOf(const Node& node, Dependency found) {
    found.kind = "some";
    found.isMetatask = true;
    if (const Attribute* name = node.attribute("metatask")) found.name = name->value;
    auto members = members_.find(found.name.str());
    if (members == members_.end()) return found;
    for (size_t n : members->second) {
      Dependency one;
      one.kind = "taskdep";
      one.node = &node;
      one.at = node.all;
      one.name = document_.tasks[n].name;
      one.state = found.state;
      one.offset = found.offset;
      found.children.push_back(std::move(one));
    }
    return found;
  }

  /// What Rocoto adds for metatasks whose mode is serial: the tasks one step before.
  void addSerial(Task& task) {
    std::vector<Dependency> before;
    for (size_t depth = 0; depth < task.metatasks.size(); ++depth) {
      const std::string& name = task.metatasks[depth];
      if (!isSerial(name) || task.sequence[depth] <= 1) continue;
      std::vector<int> wanted(task.sequence.begin(),
                              task.sequence.begin() + static_cast<long>(depth) + 1);
      --wanted.back();
      for (size_t n : members_[name]) {
        const std::vector<int>& other = document_.tasks[n].sequence;
        if (other.size() < wanted.size() ||
            !std::equal(wanted.begin(), wanted.end(), other.begin()))
          continue;
        Dependency one;
        one.kind = "taskdep";
        one.node = &task.node;
        one.at = task.name.at();
        one.name = document_.tasks[n].name;
        one.isSerial = true;
        before.push_back(std::move(one));
      }
    }
    if (before.empty()) return;
    if (!task.dependency || task.dependency->kind != "and") {
      Dependency all;
      all.kind = "and";
      all.node = &task.node;
      all.at = task.dependency ? task.dependency->at : task.name.at();
      if (task.dependency) all.children.push_back(std::move(*task.dependency));
      task.dependency = std::move(all);
    }
    llvm::append_range(task.dependency->children, before);
  }

  bool isSerial(const std::string& name) const {
    bool isFound = false;
    for (const Metatask& metatask : document_.metatasks)
      if (metatask.name == name) isFound = metatask.isSerial;
    return isFound;
  }

  // ---- cycles

  static CycleDef cycleDef(const Node& node) {
    CycleDef def;
    def.node = &node;
    def.group = node.value("group").str();
    def.text = node.content().trimmed();
    if (const Attribute* offset = node.attribute("activation_offset"))
      def.activation = secondsOf(offset->value.str()).value_or(0);
    std::vector<Text> fields = def.text.words();
    if (fields.size() == 3)
      interval(def, fields);
    else if (fields.size() == 6)
      cron(def, fields);
    else
      def.problem = fmt::format("it has {} fields: three of start, end and step, or six as of cron",
                                fields.size());
    return def;
  }

  static void interval(CycleDef& def, const std::vector<Text>& fields) {
    std::optional<int64_t> start = instantOf(fields[0].str()), finish = instantOf(fields[1].str());
    std::optional<int64_t> step = secondsOf(fields[2].str());
    if (start) def.start = *start;
    if (!finish && start)
      if (std::optional<int64_t> length = secondsOf(fields[1].str())) finish = *start + *length;
    def.finish = finish.value_or(def.start);
    if (!start)
      def.problem = fmt::format("`{}` is no time of the form YYYYMMDDHHMM", fields[0].str());
    else if (!finish)
      def.problem = fmt::format("`{}` is neither a time of the form YYYYMMDDHHMM nor a length",
                                fields[1].str());
    else if (!step)
      def.problem =
          fmt::format("`{}` is no step: [[dd:]hh:]mm:ss, at most four fields", fields[2].str());
    else if (*step <= 0)
      def.problem = "its step is nothing";
    else if (def.finish < def.start)
      def.problem = "it ends before it starts";
    def.step = def.problem.empty() ? *step : 0;
  }

  static void cron(CycleDef& def, const std::vector<Text>& fields) {
    static constexpr std::pair<int, int> kRanges[] = {{0, 59}, {0, 23},      {1, 31},
                                                      {1, 12}, {1900, 9999}, {0, 6}};
    def.isCron = true;
    for (size_t n = 0; n < 6; ++n) {
      std::set<int> values;
      if (!cronField(fields[n].str(), kRanges[n], values))
        def.problem = fmt::format("`{}` is no field of a cron for {} to {}", fields[n].str(),
                                  kRanges[n].first, kRanges[n].second);
      def.fields.push_back(std::move(values));
    }
  }

  static bool cronField(llvm::StringRef text, std::pair<int, int> range, std::set<int>& values) {
    llvm::SmallVector<llvm::StringRef> parts;
    text.split(parts, ',');
    for (llvm::StringRef part : parts) {
      auto [body, stepText] = part.split('/');
      int first = range.first, last = range.second, step = 1;
      bool hasStep = part.contains('/');
      if (hasStep && (stepText.getAsInteger(10, step) || step < 1)) return false;
      if (body == "*") {
        if (parts.size() > 1) return false;
      } else {
        auto [from, to] = body.split('-');
        if (from.getAsInteger(10, first)) return false;
        last = first;
        if (body.contains('-') && to.getAsInteger(10, last)) return false;
        if (hasStep && !body.contains('-')) return false;
        if (first < range.first || last > range.second) return false;
      }
      for (int value = first; value <= last; value += step) values.insert(value);
    }
    return !values.empty();
  }

  Document& document_;
  std::map<std::string, std::vector<size_t>> members_;
  int unnamed_ = 1;
};

}  // namespace

const TimeString* Task::item(const std::string& wanted) const {
  auto it = items.find(wanted);
  return it == items.end() ? nullptr : &it->second;
}

std::string Task::written(const std::string& wanted) const {
  const TimeString* found = item(wanted);
  return found == nullptr ? std::string() : found->written();
}

bool Document::isAt(const Task& task, int64_t time) const {
  return llvm::any_of(cycledefs, [&](const CycleDef& def) {
    bool isOwn = task.isOfAllCycles || llvm::any_of(task.groups, [&](const Text& group) {
                   return group.str() == def.group;
                 });
    return isOwn && def.holds(time);
  });
}

bool Document::isCycle(int64_t time) const {
  return llvm::any_of(cycledefs, [&](const CycleDef& def) { return def.holds(time); });
}

const Task* Document::find(llvm::StringRef name) const {
  auto it = byName.find(name.str());
  return it == byName.end() ? nullptr : &tasks[it->second];
}

Document documentOf(source::FileId file, Xml xml) {
  Document document;
  document.file = file;
  document.xml = std::move(xml);
  const Node& root = document.xml.root;
  document.scheduler = root.value("scheduler").str();
  document.isRealtime = isTrue(root.value("realtime"));
  document.cyclethrottle = integer(root.value("cyclethrottle"), 1);
  Expander(document).all();
  return document;
}

}  // namespace wfc::targets::rocoto::foreign
