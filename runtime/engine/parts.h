// Small words of the engine's inside: places, readers, and what references name.
#pragma once

#include <deque>

#include <llvm/ADT/DenseSet.h>

#include "runtime/engine/engine.h"

namespace wfc::run {

/// A place in the tree of loops: an iteration of a loop; loop invalid: outside all.
struct Where {
  ir::LoopId loop{};
  uint32_t iteration = 0;
};

/// Who waits. `kind` tells what `a` is: a family, a loop, a publish; `iteration` is of it.
struct Reader {
  enum Kind : uint8_t { OfInstance, OfBrood, OfPublish } kind = OfInstance;
  uint32_t a = 0, iteration = 0;
};

/// All instances of a family below one iteration of its loop number `depth - 1`; depth = number of
/// loops: one instance.
struct Term {
  uint32_t family = 0, depth = 0, iteration = 0;
};

enum class Verdict : uint8_t { Open, Met, Skip, Cancel };

/// What must change before an open reference is looked at again.
struct Spot {
  enum Kind : uint8_t { None, OnInstance, OnTally, OnBrood } kind = None;
  uint32_t a = 0, depth = 0, iteration = 0;
  bool isEager = false;
};

/// The terms a reference names from somewhere, or why they are not known.
struct Terms {
  std::vector<Term> list;
  /// Broods not known yet (`unread` watches the first), or known never to be.
  Spot unread;
  bool isBrokenBad = false, isBrokenSkip = false;
  /// A single key outside its space.
  bool isOutside = false;
};

/// An element of a space read at run time.
struct Item {
  ir::Value value;
  std::string key;
  std::vector<InstanceId> members;
};

struct LimitState {
  /// As the flow says, or as a person has set it since.
  int64_t count = 0;
  uint64_t open = 0;
  bool isDraining = false;
  llvm::DenseSet<uint32_t> iterations;
  /// Of a loop whose iterations open in order: by iteration of its parent, the first that is to
  /// open.
  mutable llvm::DenseMap<uint32_t, uint32_t> next;
  std::deque<int64_t> starts;
};

inline bool isFailure(ir::Outcome outcome) {
  return outcome >= ir::Outcome::Failed && outcome <= ir::Outcome::NodeLost;
}
inline bool isBad(ir::Outcome outcome) {
  return isFailure(outcome) || outcome == ir::Outcome::Cancelled;
}

/// What waits, and who waits for the same besides.
struct WatchNode {
  Reader reader;
  uint32_t next = kNone;
};

}  // namespace wfc::run
