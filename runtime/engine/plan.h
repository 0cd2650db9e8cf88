// The module as the engine runs it: immutable tables worked out once, so that deciding about an
// instance costs no search.
//
// It also says, before anything starts, what of the module this engine does not carry: nothing in a
// plan is ever ignored.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/StringMap.h>

#include "compiler/ir/module.h"

namespace wfc::run {

/// What a family waits for: a reference written in its arguments or after it, or the members of a
/// loop it stands in.
struct Wait {
  ir::RefId ref{};
  /// Valid: the demand is on the members which the iteration of this loop holds (batches, groups),
  /// by `ref`'s demand.
  ir::LoopId members{};
};

/// One family, with everything that hangs on it.
struct FamilyPlan {
  /// Innermost loop; invalid: one instance.
  ir::LoopId inner{};
  /// References that must settle, without doubles, in order of appearance.
  std::vector<Wait> waits;
  /// The first so many of `waits` are named by guards read at run time: they are settled before the
  /// others count.
  unsigned guardWaits = 0;
  /// For each guard read at run time, where its waits end.
  std::vector<unsigned> guardEnds;
  /// Indices into Module::limits (those of its own and those of its loops), ::stops, ::publishes.
  std::vector<uint32_t> limits;
  std::vector<uint32_t> stops;
  std::vector<uint32_t> publishes;
  /// Temps that it reads: the family that makes them, and by which reference; none for a loop's
  /// set.
  std::vector<std::pair<ir::FamilyId, ir::RefId>> temps;
  /// By which it reads what lies on the disk of one node: there it runs.
  std::vector<ir::RefId> nodeReads;
  /// Families of role Hook that watch instances of this one.
  std::vector<ir::FamilyId> hooks;
  /// Innermost loop that is a Repeat with an end condition, or invalid.
  ir::LoopId repeat{};
  bool hasStaticGuards = false;
  bool hasGuards = false;
};

struct LoopPlan {
  std::vector<ir::LoopId> children;
  /// Families whose innermost loop this is.
  std::vector<ir::FamilyId> families;
  /// Families that stand in it at any depth, and where in their loops it is.
  std::vector<std::pair<ir::FamilyId, unsigned>> below;
  /// 0 for a loop that stands in no other.
  unsigned depth = 0;
  /// Its elements follow from the module alone and are computed, never stored.
  bool isStatic = true;
  /// A cycle without an end: iterations come with time.
  bool isOpen = false;
  /// Some iteration reads another: under a limit they open one after the other, or the first to
  /// open could wait for ever for one that may not.
  bool isOrdered = false;
  /// Its iterations hold instances: the reference that names them, below Batches, Groups and so on.
  ir::RefId members{};
  /// Limits that count iterations of this loop.
  std::vector<uint32_t> limits;
};

/// Whether who is given this reads what its producer wrote, not only a value or that it ended.
bool readsFiles(const ir::Module& module, const ir::Ref& ref);

class Plan {
 public:
  explicit Plan(ir::Module module);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const ir::Module& module() const { return module_; }
  const FamilyPlan& family(uint32_t family) const { return families_[family]; }
  const LoopPlan& loop(uint32_t loop) const { return loops_[loop]; }
  /// Families that stand in no loop.
  const std::vector<ir::FamilyId>& outside() const { return outside_; }
  /// Loops that stand in no other.
  const std::vector<ir::LoopId>& outermost() const { return outermost_; }
  std::optional<uint32_t> familyNamed(llvm::StringRef name) const;
  /// Families in which a hook, publish or reference names `family`'s outputs: the readers that a
  /// temp waits for.
  const std::vector<std::pair<ir::FamilyId, ir::RefId>>& readers(uint32_t family) const {
    return readers_[family];
  }

  /// What this engine does not carry, one line each with `file:line`; empty: it can run.
  std::vector<std::string> unsupported() const;

 private:
  void planLoops();
  void planFamily(uint32_t index);
  void planReaders(uint32_t index);
  void noteOrder(uint32_t reader, const ir::Ref& ref);
  void planTables();
  ir::Module module_;
  std::vector<FamilyPlan> families_;
  std::vector<LoopPlan> loops_;
  std::vector<ir::FamilyId> outside_;
  std::vector<ir::LoopId> outermost_;
  std::vector<std::vector<std::pair<ir::FamilyId, ir::RefId>>> readers_;
  llvm::StringMap<uint32_t> names_;
};

/// `aurora.wf:41`, or empty.
std::string place(const ir::Module& module, ir::Loc loc);

}  // namespace wfc::run
