// Small words of the engine's inside: places, readers, and what references name.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringSet.h>

#include "runtime/engine/engine.h"
#include "runtime/engine/selector.h"

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
  /// The reference names nothing else.
  bool isAlone = false;
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
  /// A family waits for room in it.
  bool isWanted = false;
};

inline bool isFailure(ir::Outcome outcome) {
  return outcome >= ir::Outcome::Failed && outcome <= ir::Outcome::NodeLost;
}
inline bool isBad(ir::Outcome outcome) {
  return isFailure(outcome) || outcome == ir::Outcome::Cancelled;
}

/// Of a family whose instances each wait for the one so far before them in another, or the same:
/// what a watch for each would say.
struct Follower {
  uint32_t family = 0;
  uint32_t distance = 0;  ///< modulo 2^32
  bool operator==(const Follower&) const = default;
};

/// What waits, and who waits for the same besides.
struct WatchNode {
  Reader reader;
  uint32_t next = kNone;
};

/// What a published link names.
struct Link {
  uint32_t publish = 0, iteration = 0;
  std::vector<uint32_t> order;
  std::vector<std::string> targets;
};

/// What persons ask for, and what follows (wishes.cpp, reopen.cpp).
struct Wishes {
  /// In the order in which they were asked for; the last that names an instance counts.
  std::vector<std::pair<Selector, bool>> holds;
  /// What this start runs: `only`, `until`, `skip`; empty: everything.
  std::string part;
  std::vector<Selector> partSelectors;
  /// Of `until`, by family and iteration: named, or upstream of what is.
  std::vector<std::vector<bool>> partWanted;
  bool isPartKnown = false;
  std::set<InstanceId> heldBack;
  /// To be reopened: true if rewound, else retried.
  std::map<InstanceId, bool> asked;
  /// Wishes taken in, by their own names: one that is read twice counts once.
  llvm::StringSet<> seen;
  /// Reopened ones that others have settled on, with the outcome they had.
  struct Settled {
    ir::Outcome outcome;
    std::vector<InstanceId> readers;
  };
  std::map<InstanceId, Settled> settledOn;
  std::map<InstanceId, int64_t> reopenedAt;
  /// By attempt, the recipe under which it may stand (Engine::keptOf).
  llvm::DenseMap<uint32_t, std::string> kept;
  /// Last attempts of instances whose set is to be read again, by id.
  llvm::StringMap<uint32_t> left;
  /// Limit and iteration, where less may be open than was counted.
  std::set<std::pair<uint32_t, uint32_t>> recounts;
  bool needsRecheck = false, hasReopened = false;
};

/// The ready ones of a family: bits, where the order of iterations is that of keys.
class Ready {
 public:
  using Before = std::function<bool(InstanceId, InstanceId)>;
  Ready(uint32_t family, bool isInOrder, const Before& before)
      : family_(family), isInOrder_(isInOrder), queue_(before) {}
  bool empty() const { return isInOrder_ ? count_ == 0 : queue_.empty(); }
  InstanceId first() const;
  void insert(InstanceId id);
  void erase(InstanceId id);
  void clear();

 private:
  uint32_t family_;
  bool isInOrder_;
  std::set<InstanceId, Before> queue_;
  llvm::BitVector bits_;
  uint32_t count_ = 0;
  /// None is before it.
  mutable uint32_t from_ = 0;
};

}  // namespace wfc::run
