// What can be handed to slurmctld at once: the families whose instances and edges are all known, as
// arrays with dependencies, held until everything is submitted. A pure function of the engine's
// state, so it can be printed and tested without a SLURM.
//
// Whole-family edges become afterok (or afterany, where the demand tolerates failures and the
// body's own guard judges), same-index edges of arrays with equal indices become aftercorr, and
// edges that differ by index become one update for every index of the array, in ascending order: an
// index that depends on an unsplit part of its own array is a circular dependency to slurmctld.
// What it leaves to steps it names with the reason.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::slurm {

enum class How : uint8_t { AfterOk, AfterAny, AfterCorr };

/// One thing that must have ended: an array of the plan (whole, or one index), or a job that is
/// already in the queue.
struct Edge {
  How how = How::AfterOk;
  uint32_t array = run::kNone;  ///< index into Ahead::arrays
  uint32_t index = run::kNone;  ///< kNone: all of it
  std::string job;              ///< instead of `array`: its id
  bool operator==(const Edge&) const = default;
};

/// One call of sbatch.
struct AheadArray {
  uint32_t family = 0;
  uint32_t offset = 0;            ///< iteration of index 0
  std::vector<uint32_t> indices;  ///< ascending, less the offset
  bool isVaried = false;  ///< its needs vary by index: the first's are those of all in this array
  bool isSingle = false;  ///< the family has no loops: a plain job
  int64_t limit = 0;      ///< at most so many at once; 0: no limit
  int64_t nice = 0;
  std::vector<Edge> edges;  ///< of all its indices
};

/// An index whose dependencies are its own; they replace those of the array.
struct AheadIndex {
  uint32_t array = 0;
  uint32_t index = 0;  ///< kNone: the plain job
  std::vector<Edge> edges;
};

struct Ahead {
  std::vector<AheadArray> arrays;   ///< parents first
  std::vector<AheadIndex> indices;  ///< in the order in which they must be said
  /// Families left to steps, and why.
  std::vector<std::pair<uint32_t, std::string>> bySteps;
};

struct AheadLimits {
  uint64_t arraySize = 1000;   ///< largest index of an array is one less
  uint64_t jobs = UINT64_MAX;  ///< so many more may be queued
  /// The live job that carries an instance, empty: none. May be unset.
  std::function<std::string(run::InstanceId)> jobOf;
};

/// `engine` has settled. Instances that have ended, run, or have a live job are left out.
Ahead planAhead(const run::Engine& engine, const AheadLimits& limits);

/// `0-3,7,9-12`
std::string rangesText(llvm::ArrayRef<uint32_t> indices);
/// What --dependency or Dependency= is told; `idOf` names the job of an array.
std::string dependencyText(llvm::ArrayRef<Edge> edges,
                           const std::function<std::string(uint32_t array)>& idOf);
/// One line for each call and each update, with families for ids.
std::string describe(const run::Engine& engine, const Ahead& ahead);

}  // namespace wfc::slurm
