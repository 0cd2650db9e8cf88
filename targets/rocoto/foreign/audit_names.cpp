// Metatasks, cycledefs and the names of tasks: what is defined twice, never, or for nothing.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/base/suggest.h"

#include "targets/rocoto/foreign/audit.h"

namespace wfc::targets::rocoto::foreign {

namespace {

bool mentions(const Node& node, const std::string& mark) {
  auto has = [&](const Text& text) { return text.str().find(mark) != std::string::npos; };
  if (has(node.text)) return true;
  for (const Attribute& attribute : node.attributes)
    if (has(attribute.value)) return true;
  return llvm::any_of(node.children, [&](const Node& child) { return mentions(child, mark); });
}

/// `#name#` in a text: its first place and name.
std::optional<std::pair<size_t, std::string>> markIn(llvm::StringRef text, size_t from) {
  for (size_t at = text.find('#', from); at != llvm::StringRef::npos; at = text.find('#', at + 1)) {
    size_t end = at + 1;
    while (end < text.size() && (llvm::isAlnum(text[end]) || text[end] == '_')) ++end;
    if (end > at + 1 && end < text.size() && text[end] == '#')
      return std::pair{at, text.slice(at + 1, end).str()};
  }
  return std::nullopt;
}

void marksLeft(Audit& audit, const Node& node, const std::vector<std::string>& known) {
  auto look = [&](const Text& text) {
    for (auto mark = markIn(text.str(), 0); mark; mark = markIn(text.str(), mark->first + 1)) {
      source::Range at = text.at(mark->first, mark->first + mark->second.size() + 2);
      diag::UndefinedVariable report;
      report.variable = mark->second;
      report.hint = nearest(mark->second, known);
      if (auto near = base::suggest(mark->second, known))
        report.fix = diag::Fix{at, fmt::format("#{}#", *near)};
      audit.report(at, std::move(report), Audit::usedAt(text, mark->first));
    }
  };
  look(node.text);
  for (const Attribute& attribute : node.attributes) look(attribute.value);
  for (const Node& child : node.children) marksLeft(audit, child, known);
}

void lengths(Audit& audit, const Metatask& metatask) {
  for (const auto& variable : metatask.variables) {
    const auto& first = metatask.variables.front();
    if (variable.values.empty())
      audit.report(variable.node->at, diag::EmptyVariable{.variable = variable.name});
    else if (variable.values.size() != first.values.size() && !first.values.empty())
      audit.report(variable.node->at,
                   diag::VariableLengths{.variable = variable.name,
                                         .count = std::to_string(variable.values.size()),
                                         .other = first.name,
                                         .otherCount = std::to_string(first.values.size()),
                                         .otherAt = first.node->at});
  }
}

}  // namespace

void auditMetatasks(Audit& audit) {
  std::map<std::string, std::vector<std::string>> variables;
  for (const Metatask& metatask : audit.document.metatasks) {
    lengths(audit, metatask);
    std::vector<std::string> names;
    for (const auto& variable : metatask.variables) {
      names.push_back(variable.name);
      // One value of one variable is how tasks are put into a group.
      bool isGroup = metatask.variables.size() == 1 && variable.values.size() == 1;
      bool isUsed = isGroup || llvm::any_of(metatask.node->children, [&](const Node& child) {
                      return &child != variable.node && mentions(child, "#" + variable.name + "#");
                    });
      if (!isUsed) audit.report(variable.node->at, diag::UnusedVariable{.variable = variable.name});
    }
    variables[metatask.name] = names;
    bool isNamedByVariable = metatask.isNested && markIn(metatask.name, 0).has_value();
    const Attribute* lost = metatask.throttle > 0 ? metatask.node->attribute("throttle")
                            : metatask.isSerial   ? metatask.node->attribute("mode")
                                                  : nullptr;
    if (isNamedByVariable && lost != nullptr)
      audit.report(lost->at,
                   diag::IgnoredPart{.what = fmt::format("`{}`", lost->name),
                                     .why = "Rocoto looks it up by the name with the variable's "
                                            "value, and knows the metatask by the name without"});
  }
  std::map<std::string, const Node*> first;
  for (const Task& task : audit.document.tasks) {
    if (task.metatasks.empty()) continue;
    for (size_t n = 0; n < task.metatasks.size(); ++n) {
      auto [before, isNew] = first.emplace(task.metatasks[n], task.metataskNodes[n]);
      if (!isNew && before->second->at != task.metataskNodes[n]->at)
        audit.report(
            task.metataskNodes[n]->at,
            diag::DuplicateMetatask{.metatask = task.metatasks[n], .firstAt = before->second->at});
    }
    std::vector<std::string> known;
    for (const Metatask& metatask : audit.document.metatasks)
      if (llvm::is_contained(task.metatasks, metatask.name))
        llvm::append_range(known, variables[metatask.name]);
    marksLeft(audit, task.node, known);
  }
}

void auditCycles(Audit& audit) {
  const Document& document = audit.document;
  std::vector<std::string> groups;
  for (const CycleDef& def : document.cycledefs) {
    groups.push_back(def.group);
    if (def.problem.empty()) continue;
    source::Range at = def.text.at();
    audit.report(at.valid() ? at : def.node->at, diag::CycledefFormat{.what = def.problem},
                 Audit::usedAt(def.text, 0));
  }
  std::set<std::string> named;
  bool hasAll = false;
  for (const Task& task : document.tasks) {
    hasAll |= task.isOfAllCycles;
    for (const Text& group : task.groups) {
      named.insert(group.str());
      if (llvm::is_contained(groups, group.str())) continue;
      diag::UndefinedGroup report;
      report.group = group.str();
      report.task = task.name.str();
      report.hint = nearest(group.str(), groups);
      if (report.hint.empty() && !groups.empty())
        report.hint = fmt::format(
            "there are {}", fmt::join(std::set<std::string>(groups.begin(), groups.end()), ", "));
      if (auto near = base::suggest(group.str(), groups))
        report.fix = diag::Fix{group.at(), std::string(*near)};
      audit.report(group.at(), std::move(report));
    }
    if (!task.isOfAllCycles && task.groups.empty())
      audit.report(task.node.attribute("cycledefs")->at,
                   diag::UndefinedGroup{.group = "",
                                        .task = task.name.str(),
                                        .hint = "an empty list is no cycle at all",
                                        .fix = {}});
  }
  for (const CycleDef& def : document.cycledefs)
    if (!hasAll && !document.tasks.empty() && !named.contains(def.group))
      audit.report(def.node->at, diag::UnusedGroup{.group = def.group});
}

namespace {

/// What dependencies name, by the place where they do: a metatask may name a task there that exists
/// for some of its values only, and another in its stead for the others.
class Named {
 public:
  explicit Named(Audit& audit) : audit_(audit), document_(audit.document) {}

  void look(const Dependency& d) {
    bool isTask = d.kind == "taskdep" || d.kind == "taskvalid";
    if (isTask && !d.isSerial) note(d, "task", document_.find(d.name.str()) != nullptr);
    if (d.isMetatask) note(d, "metatask", !d.children.empty());
    // What a metatask was expanded to is named by nobody.
    if (!d.isMetatask)
      for (const Dependency& child : d.children) look(child);
  }

  void report() {
    std::vector<std::string> tasks, metatasks;
    for (const auto& [name, n] : document_.byName) tasks.push_back(name);
    for (const Task& task : document_.tasks) llvm::append_range(metatasks, task.metatasks);
    for (const auto& [at, place] : places_) {
      if (place.isFound && place.kind == "task") continue;
      if (place.missing == nullptr) continue;
      std::string name = place.missing->name.str();
      bool isOther = place.kind == "task" ? llvm::is_contained(metatasks, name)
                                          : llvm::is_contained(tasks, name);
      std::string hint = nearest(name, place.kind == "task" ? tasks : metatasks);
      if (isOther && place.kind == "task")
        hint = "there is a metatask of this name: `<metataskdep>` waits for all of it";
      if (isOther && place.kind == "metatask")
        hint = "there is a task of this name: `<taskdep>` waits for it";
      audit_.report(at, diag::UnknownTask{.kind = place.kind, .name = name, .hint = hint});
    }
  }

 private:
  struct Place {
    std::string kind;
    bool isFound = false;
    const Dependency* missing = nullptr;
  };

  void note(const Dependency& d, const char* kind, bool isFound) {
    source::Range at = d.name.at();
    Place& place = places_[at.valid() ? at : d.at];
    place.kind = kind;
    place.isFound |= isFound;
    if (!isFound && place.missing == nullptr) place.missing = &d;
  }

  Audit& audit_;
  const Document& document_;
  std::map<source::Range, Place> places_;
};

}  // namespace

void auditNames(Audit& audit) {
  const Document& document = audit.document;
  std::map<std::string, const Task*> first;
  for (const Task& task : document.tasks) {
    if (task.name.empty()) {
      audit.report(task.node.at, diag::EmptyValue{.what = "the name of this task", .hint = ""});
      continue;
    }
    auto [before, isNew] = first.emplace(task.name.str(), &task);
    if (isNew) continue;
    bool isSame = before->second->node.at == task.node.at;
    diag::DuplicateTask report;
    report.task = task.name.str();
    report.what = isSame ? "its metatask makes several of this name" : "another task has this name";
    report.hint = isSame ? "put the metatask's variable into the name" : "give each its own name";
    if (!isSame) report.firstAt = before->second->node.at;
    audit.report(task.name.at(), std::move(report));
  }
  Named named(audit);
  for (const Task& task : document.tasks)
    for (const auto* tree : {&task.dependency, &task.hang})
      if (*tree) named.look(**tree);
  named.report();
}

}  // namespace wfc::targets::rocoto::foreign
