// What a run of a planned module will ask for, before anything runs: a value, made from families
// and never from instances, so that a sweep of a million costs what its text costs.
//
// Nothing here is a guess. Hours are what is asked (needs × time), not what will be used; how long
// jobs wait in a queue is not said; what only the run can tell is said to be so, and is in no sum.
// Where a number is a bound and not exact, it is marked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::forecast {

/// A number of things.
struct Count {
  enum How : uint8_t {
    Exactly,
    AtMost,      ///< a condition, or the end of a repeat, is read by the run
    FoundByRun,  ///< and no bound is declared; n is 0
    NoEnd,       ///< a cycle without an end; n is 0
  };
  uint64_t n = 0;
  How how = Exactly;
  bool isKnown() const { return how <= AtMost; }
};

/// An amount summed over instances.
struct Amount {
  double value = 0;
  bool isAtMost = false;
};

/// What is asked for, in hours.
struct Hours {
  double wall = 0, node = 0, core = 0, gpu = 0;
  Hours& operator+=(const Hours& other);
  Hours operator*(double times) const;
};

/// What outputs are said to hold. A file is one inode whether anything is said or not.
struct Stated {
  double amount = 0;
  uint64_t parts = 0;      ///< outputs of which it is known
  uint64_t notStated = 0;  ///< outputs of which nothing is said
};

/// What is asked at once, at most.
struct Load {
  double instances = 0, nodes = 0, cores = 0, gpus = 0;
};

struct Family {
  ir::FamilyId family{};
  Count instances;
  std::string why;        ///< where the number is no exact one
  uint64_t attempts = 1;  ///< of one instance, at most, those that count against a limit
  bool hasHours = false;  ///< a task, all of whose needs are known
  std::vector<std::string> atRunTime;  ///< needs that only the run can tell
  Hours each;                          ///< one attempt of the instance that asks most
  Hours once, ceiling;                 ///< all of it: one attempt for each, and with every retry
  Load one, all;                       ///< what one of it asks at most, and all of it together
  std::optional<double> start, end;  ///< hours from the start of the run: of its first, of its last
  Count atOnce;                      ///< as many as the graph and the limits let run at once
  Stated bytes, inodes;              ///< of all its instances
  double oneBytes = 0;               ///< of one instance, at most
  bool isTemp = false;
};

struct Pool {
  std::string name, partition;
  Hours once, ceiling;  ///< of the allocation
  uint64_t attempts = 1;
  Load load;
};

/// A part of the longest chain: one family, or several that need each other in turn.
struct Step {
  std::vector<std::pair<ir::FamilyId, uint64_t>> families;  ///< and how many of each in a row
  double hours = 0;
};

struct Forecast {
  std::vector<Family> families;  ///< as in the module
  std::vector<Pool> pools;
  Count instances;  ///< of work and waits; what the run finds is not in it
  Count attempts;   ///< at most
  Hours once, ceiling;
  bool isAtMost = false;   ///< some of the sums are bounds
  std::vector<Step> path;  ///< the critical path, first step first
  double pathHours = 0;
  bool isPathPartial = false;    ///< the length of a chain in it, or a time, is the run's to find
  Load peak;                     ///< at most
  Stated bytes, inodes;          ///< on the shared disk, all that is ever made
  Amount peakBytes, peakInodes;  ///< temps gone after their last reader
  uint64_t foundByRun = 0;       ///< families that are in no sum
};

/// Counts, hours and sizes of one family; not its place in time. Of a module that is checked alone,
/// cores are those that the task states.
Family measured(const ir::Module& module, ir::FamilyId family);

/// The module is planned or legal.
Forecast forecast(const ir::Module& module);

}  // namespace wfc::forecast
