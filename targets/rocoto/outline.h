// What stands where in the document: which loop of a family is Rocoto's cycle, which are variables
// of metatasks, and which of its references Rocoto's own words can say.
//
// A form is never reasoned about, it is tried: the engine names the instances that each member
// waits for, and a form is taken if it names the same ones for every member. So a word in the
// document is right or it is not there, and what no word says waits for a marker of the runtime.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::targets::rocoto {

constexpr int64_t kDay = 86400;

/// A variable of a metatask: a loop that is not the cycle.
struct Variable {
  std::string name;
  unsigned depth = 0;               ///< in the family's loops
  std::vector<std::string> values;  ///< of a product each once, else one for each member
};

/// One thing that a task waits for.
struct Word {
  enum Kind : uint8_t { Task, Metatask, Marker };
  Kind kind = Task;
  std::string what;        ///< a name, with variables; of a marker its path below the run
  int64_t offset = 0;      ///< seconds from the task's own cycle
  bool isGuarded = false;  ///< where that cycle does not exist there is nothing to wait for
};

/// A set of cycles: a step and its bounds, or, where the calendar gives no step, each by itself.
struct Cycles {
  std::string group;
  std::vector<int64_t> starts;  ///< seconds; of one without an end the first few
  int64_t step = 0;             ///< seconds; of one without an end, 0: none
  bool isOpen = false;
};

struct Shape {
  bool isTask = false;
  std::string name;       ///< of task or metatask: letters, digits, `_`; unique
  std::string file;       ///< of its script and markers
  int cycle = -1;         ///< which loop is Rocoto's cycle; -1: none, it stands in `once`
  std::string cycleText;  ///< its key in the flags of a cyclestr: `@Y-@m-@d`
  std::string group;
  bool isOpen = false;  ///< its cycle has no end: each waits for its time
  std::vector<Variable> variables;
  bool isProduct = false;
  /// Its members become known at run time: the lists stand in the run's entities.
  bool isFound = false;
  bool isEmpty = false;  ///< it has no member at all, and so no task
  /// Waits for the runtime's marker: why, in words.
  std::string gate;
  /// The runtime chooses among the ready, for a limit that Rocoto has no word for.
  bool isChosen = false;
  std::vector<Word> words;
  /// At most so many at once, where that is this family's alone; 0: no limit.
  int64_t throttle = 0;
  /// Resources that differ by member or attempt: they stand in the run's entities.
  bool isVarying = false;

  /// `model.#a#:#b#`: of one member, in its own variables.
  std::string taskName() const;
};

struct Outline {
  std::vector<Shape> shapes;   ///< one for each family, in order
  std::vector<Cycles> groups;  ///< `once` first
  uint64_t cycles = 0;         ///< how many there are; of one without an end those seen
};

Outline outlineOf(const run::Plan& plan);

/// How Rocoto calls a member: `202501010000`, `model`.
struct Place {
  std::string cycle, task;
};
Place placeOf(const run::Engine& engine, const Outline& outline, run::InstanceId instance);
/// `202501010000`
std::string cycleStamp(int64_t seconds);
/// As far as a cycle without an end is written: the end of 2099, in seconds.
int64_t calendarEnd();

/// The name of a family's script and of its markers' folder.
std::string fileOf(const ir::Family& family);
/// Keys as they stand in the document: sbatch and strftime read `%`, so it is written `=`.
std::string rocotoKey(llvm::StringRef key);
/// The way back, of a whole id.
std::string flowKey(llvm::StringRef key);
/// The file of a member's marker below `ok/`, `go/` or `held/`: `model/2025-03-02`, or `data`.
std::string markerOf(const run::Engine& engine, const Shape& shape, run::InstanceId instance);

}  // namespace wfc::targets::rocoto
