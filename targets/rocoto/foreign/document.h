// A document as Rocoto holds it: cycles, and tasks with every metatask expanded, in its order.
//
// Reading it reports nothing: what is wrong with a document is found by the audit, which looks at
// this and at the tree it was made from. What cannot be read is left out here and said there.
#pragma once

#include <map>
#include <set>

#include "targets/rocoto/foreign/cyclestr.h"

namespace wfc::targets::rocoto::foreign {

struct CycleDef {
  const Node* node = nullptr;
  std::string group;
  Text text;
  std::string problem;  ///< why Rocoto cannot take it; empty: nothing
  bool isCron = false;
  int64_t start = 0, finish = 0, step = 0;
  std::vector<std::set<int>> fields;  ///< of a cron: minute, hour, day, month, year, weekday
  int64_t activation = 0;

  /// Whether there is a cycle then. Of one that cannot be taken: whether there may be.
  bool holds(int64_t time) const;
  /// The first cycles, at most so many; and the last, where there is one near.
  std::vector<int64_t> first(size_t most) const;
};

struct Dependency {
  /// The tag: `and`, `taskdep` … A `metataskdep` is a `some` of tasks here.
  std::string kind;
  const Node* node = nullptr;
  source::Range at;
  Text name;  ///< of the task, or the metatask it came from
  bool isMetatask = false;
  bool isSerial = false;  ///< Rocoto's own, for a metatask whose mode is serial
  std::string state = "SUCCEEDED";
  std::optional<int64_t> offset;
  double threshold = 1;
  TimeString text, other;  ///< a path, a command or a time; the sides of streq
  std::vector<Dependency> children;
};

struct Task {
  Node node;  ///< its own, with variables replaced
  Text name;
  std::vector<std::string> metatasks;
  std::vector<const Node*> metataskNodes;
  const Node* origin = nullptr;  ///< as it was written, before variables were replaced
  /// Its metatasks of more than one value, outermost first, and which value of each this is.
  std::vector<const Node*> loops;
  std::vector<size_t> indices;
  std::vector<int> sequence;
  bool isOfAllCycles = true;
  std::vector<Text> groups;
  std::map<std::string, TimeString> items;  ///< command, account, queue, nodes …
  std::vector<TimeString> natives;
  std::vector<std::pair<TimeString, TimeString>> variables;
  std::optional<Dependency> dependency, hang;

  const TimeString* item(const std::string& name) const;
  /// An item without its times, or empty.
  std::string written(const std::string& name) const;
};

struct Metatask {
  const Node* node = nullptr;
  std::string name;
  bool isSerial = false;
  int throttle = 0;  ///< 0: none
  bool isNested = false;
  struct Variable {
    const Node* node;
    std::string name;
    std::vector<Text> values;
  };
  std::vector<Variable> variables;
};

struct Document {
  source::FileId file = 0;
  Xml xml;
  std::string scheduler;
  bool isRealtime = false;
  int64_t cyclethrottle = 1;
  std::vector<CycleDef> cycledefs;
  std::vector<Metatask> metatasks;
  std::vector<Task> tasks;               ///< every one that was written, in order
  std::map<std::string, size_t> byName;  ///< the last of a name: Rocoto forgets the others

  bool isAt(const Task& task, int64_t time) const;
  bool isCycle(int64_t time) const;
  const Task* find(llvm::StringRef name) const;
};

/// Expands a document; its tree stays in it.
Document documentOf(source::FileId file, Xml xml);

}  // namespace wfc::targets::rocoto::foreign
