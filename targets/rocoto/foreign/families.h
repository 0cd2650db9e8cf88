// A document seen as a flow: families of tasks over cycles and metatasks, and what each of their
// instances waits for. Both the import and the comparison look at it, so names are given here.
#pragma once

#include "compiler/target/text/flow.h"

#include "targets/rocoto/foreign/document.h"

namespace wfc::targets::rocoto::foreign {

/// A metatask as a loop.
struct ListLoop {
  const Metatask* metatask = nullptr;
  std::string set;                  ///< the constant that holds its values
  std::string variable;             ///< of the loop
  std::string record;               ///< the type of its values; empty: plain texts
  std::vector<std::string> fields;  ///< names of the variables, in order
  std::vector<bool> isKey;

  size_t size() const { return metatask->variables.front().values.size(); }
  /// `m.dep`, or `f` where the values are plain.
  std::string field(size_t variable) const;
  const std::string& value(size_t variable, size_t index) const {
    return metatask->variables[variable].values[index].str();
  }
  /// The key of an element as instances are named by it.
  std::string keyOf(size_t index) const;
};

/// The cycles of families that run in the same ones: a loop of the flow.
struct CycleLoop {
  std::string name;
  std::vector<int64_t> times;
  int64_t step = 0;
};

/// All tasks that came from one `<task>`.
struct TaskFamily {
  std::string name;
  const Node* origin = nullptr;
  std::vector<size_t> loops;  ///< indices into the flow's, outermost first
  std::vector<const Task*> members;
  std::vector<int64_t> times;
  size_t cycles = 0;     ///< which of the flow's
  bool isLater = false;  ///< not in the first of them
  bool isSplit = false;  ///< waits for other things in the first of them
  /// Variables of metatasks of one value.
  std::map<std::string, std::string> constants;
};

/// One thing that an instance waits for.
struct Need {
  enum Kind { OfTask, File, Instant, Any };
  Kind kind;
  const Dependency* dependency;
  source::Range at;
  const Task* producer = nullptr;
  int64_t time = 0;  ///< the producer's cycle, or the instant
  std::string path;
  std::vector<std::vector<Need>> any;  ///< of Any: files and instants, all of one alternative
};

struct FlowOf {
  std::vector<ListLoop> loops;
  std::vector<TaskFamily> families;
  std::vector<CycleLoop> cycles;
  std::map<const Task*, size_t> familyOf;
  /// What waits for something that never comes: a flow has no such instance.
  std::set<std::pair<const Task*, int64_t>> gone;
};

/// Why something has no place in a flow.
struct Refusal {
  source::Range at;
  std::string what, why;
};

/// The flow that a document is, or what keeps it from being one.
FlowOf flowOf(const Document& document, const target::IsReserved& isReserved,
              std::vector<Refusal>& refusals);

/// What a task waits for in a cycle, all of it at once; nullopt, with a refusal, where it is not a
/// plain list, or never comes true.
std::optional<std::vector<Need>> needsOf(const Document& document, const FlowOf& flow,
                                         const Task& task, int64_t time, Refusal& refusal);

}  // namespace wfc::targets::rocoto::foreign
