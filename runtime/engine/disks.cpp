// What lies on the disks of nodes: where its readers have to run, and what is to be made again when
// a node is no more (semantics §12 "Pools").
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/engine/impl.h"

namespace wfc::run {

std::vector<InstanceId> Engine::Impl::readOnNode(InstanceId reader) const {
  std::vector<InstanceId> found;
  for (ir::RefId ref : plan.family(reader.family).nodeReads) {
    std::vector<InstanceId> made = okOf(m[ref], termsOf(m[ref], whereOf(reader)), -1);
    found.insert(found.end(), made.begin(), made.end());
  }
  return found;
}

std::string Engine::Impl::nodeFor(InstanceId id) const {
  if (plan.family(id.family).nodeReads.empty()) return {};
  for (InstanceId producer : readOnNode(id))
    if (std::optional<Attempt> last = lastOf(producer)) return detailsOf(*last).node;
  return {};
}

std::string Engine::Impl::copyOf(InstanceId producer) const {
  // One that was made again is another: a node may still have the copy of the one before.
  std::optional<Attempt> last = lastOf(producer);
  return fmt::format("{}/{}/{}/{}", nodeFolder, abi::kCopiesDir, !last ? 0 : last->n,
                     llvm::StringRef(plainPathOf(producer, 0)).ltrim('/').str());
}

std::string Engine::copyOf(InstanceId producer) const { return impl_->copyOf(producer); }

std::vector<InstanceId> Engine::lostOnNodes(
    const std::function<bool(const Details&)>& isThere) const {
  const Impl& e = *impl_;
  std::vector<InstanceId> found;
  std::set<InstanceId> lost;
  bool isNews = true;
  auto look = [&](InstanceId reader) {
    Phase phase = e.state.at(reader).phase;
    bool isToRead = phase == Phase::Waiting || phase == Phase::Ready || phase == Phase::Delayed ||
                    lost.contains(reader);
    if (!isToRead) return;
    bool isHit = false;
    for (InstanceId producer : e.readOnNode(reader)) {
      std::optional<Attempt> last = e.lastOf(producer);
      if (lost.contains(producer)) isHit = true;
      if (!last || lost.contains(producer) || isThere(e.detailsOf(*last))) continue;
      lost.insert(producer);
      found.push_back(producer);
      isNews = isHit = true;
    }
    // Its delay would end without a look at what it reads.
    if (isHit && phase == Phase::Delayed && lost.insert(reader).second) found.push_back(reader);
  };
  // What is made again reads again: as often as a chain of readers is long.
  while (isNews) {
    isNews = false;
    for (uint32_t f = 0; f < e.m.families.size(); ++f) {
      if (e.plan.family(f).nodeReads.empty()) continue;
      for (uint32_t n = 0; n < e.state.families[f].instances.size(); ++n) look({f, n});
    }
  }
  auto isReader = [&](InstanceId id) { return e.state.at(id).phase != Phase::Ended; };
  std::stable_partition(found.begin(), found.end(), isReader);
  return found;
}

}  // namespace wfc::run
