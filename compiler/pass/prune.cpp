// Takes out the families that can never have an instance, where another branch of their `if` bears
// their name: nobody wants to read the job of a branch that was not chosen when the flow was built.
//
// One that is named alone stays, because what waits for it is decided by the meaning of guards.
#include <algorithm>

#include "llvm/ADT/STLExtras.h"

#include "compiler/ir/eval.h"
#include "compiler/pass/pass.h"

namespace wfc::pass {

namespace {

using Families = std::vector<ir::FamilyId>;

/// A guard that is false whatever the loops.
bool isNever(const ir::Module& module, const ir::Family& family) {
  return llvm::any_of(family.guards, [&](const ir::Guard& guard) {
    if (!guard.isStatic) return false;
    ir::Result value = ir::evaluate(module, guard.condition, {});
    return value && (value.value->i != 0) != guard.wanted;
  });
}

/// Every list of families in the module, but those of blocks, which may become empty.
template <typename Module, typename Visit>
void eachList(Module& module, Visit visit) {
  for (auto& ref : module.refs) visit(ref.families);
  for (auto& limit : module.limits) visit(limit.families);
  for (auto& family : module.families) visit(family.hook.of);
}

class Pruner {
 public:
  explicit Pruner(ir::Module module) : m_(std::move(module)), gone_(m_.families.size()) {}

  ir::Module run() {
    for (size_t n = 0; n < gone_.size(); ++n) gone_[n] = isNever(m_, m_.families[n]);
    if (llvm::is_contained(gone_, true)) keepThoseNamedAlone();
    if (!llvm::is_contained(gone_, true)) return std::move(m_);
    renumber();
    return std::move(m_);
  }

 private:
  bool isGone(ir::FamilyId id) const { return gone_[id.index()]; }

  void keepThoseNamedAlone() {
    std::vector<bool> isShared(gone_.size());
    eachList(std::as_const(m_), [&](const Families& list) {
      bool hasOthers = !llvm::all_of(list, [&](ir::FamilyId id) { return isGone(id); });
      for (ir::FamilyId id : list) {
        if (hasOthers) isShared[id.index()] = true;
      }
    });
    eachList(std::as_const(m_), [&](const Families& list) {
      if (!llvm::all_of(list, [&](ir::FamilyId id) { return isGone(id); })) return;
      for (ir::FamilyId id : list) isShared[id.index()] = false;
    });
    for (size_t n = 0; n < gone_.size(); ++n) gone_[n] = gone_[n] && isShared[n];
  }

  void renumber() {
    std::vector<uint32_t> now(gone_.size());
    uint32_t next = 0;
    for (size_t n = 0; n < gone_.size(); ++n) now[n] = gone_[n] ? next : next++;
    auto thin = [&](Families& list) {
      llvm::erase_if(list, [&](ir::FamilyId id) { return isGone(id); });
      for (ir::FamilyId& id : list) id = ir::FamilyId(now[id.index()]);
    };
    eachList(m_, thin);
    for (ir::StopAfter& stop : m_.stops) thin(stop.families);
    size_t n = 0;
    llvm::erase_if(m_.families, [&](const ir::Family&) { return gone_[n++]; });
  }

  ir::Module m_;
  std::vector<bool> gone_;
};

}  // namespace

ir::Module prune(ir::Module module, const Context&) { return Pruner(std::move(module)).run(); }

}  // namespace wfc::pass
