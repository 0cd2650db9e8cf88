// See index.h.
#include "compiler/lsp/index.h"

#include <algorithm>

namespace wfc::lsp {

void Collector::onName(source::Range at, source::Range declaredAt) {
  if (at != declaredAt) add({.at = at, .declaredAt = declaredAt});
}

void Collector::onType(source::Range at, size_t flow, ir::TypeId type, bool isSet) {
  add({.at = at, .type = type, .flow = static_cast<uint32_t>(flow), .isSet = isSet});
}

void Collector::onFamily(source::Range at, size_t flow, ir::FamilyId family) {
  add({.at = at, .family = family, .flow = static_cast<uint32_t>(flow)});
}

void Collector::onModule(size_t flow, ir::Module module) {
  if (modules.size() <= flow) modules.resize(flow + 1);
  modules[flow] = std::move(module);
}

namespace {

/// Puts what another fact of the same name says into this one.
void merge(Fact& into, const Fact& fact) {
  if (!into.declaredAt.valid()) into.declaredAt = fact.declaredAt;
  // What was found first counts: a flow that is called is first seen by its caller.
  bool saysMore = !into.type.valid() && !into.family.valid();
  if (saysMore || into.flow == fact.flow) {
    into.flow = saysMore ? fact.flow : into.flow;
    if (!into.type.valid()) into.type = fact.type, into.isSet = fact.isSet;
    if (!into.family.valid()) into.family = fact.family;
  }
}

}  // namespace

Index::Index(std::vector<Fact> told) {
  auto isBefore = [](const Fact& a, const Fact& b) { return a.at.begin < b.at.begin; };
  std::stable_sort(told.begin(), told.end(), isBefore);
  facts_.reserve(told.size() / 2);
  size_t first = 0;  // of those at this place
  for (const Fact& fact : told) {
    if (facts_.empty() || facts_[first].at != fact.at) first = facts_.size();
    auto isSame = [&](const Fact& known) {
      return !fact.declaredAt.valid() || !known.declaredAt.valid() ||
             known.declaredAt == fact.declaredAt;
    };
    auto known = std::find_if(facts_.begin() + static_cast<ptrdiff_t>(first), facts_.end(), isSame);
    if (known == facts_.end())
      facts_.push_back(fact);
    else
      merge(*known, fact);
  }
}

llvm::ArrayRef<Fact> Index::at(uint32_t offset) const {
  auto next = std::upper_bound(facts_.begin(), facts_.end(), offset,
                               [](uint32_t at, const Fact& fact) { return at < fact.at.begin; });
  // The innermost is the last that begins here or before; one that ended before is none.
  for (auto it = next; it != facts_.begin();) {
    --it;
    if (it->at.end < offset) {
      if (offset - it->at.begin > 4096) break;
      continue;
    }
    auto first = it;
    while (first != facts_.begin() && std::prev(first)->at == it->at) --first;
    return {&*first, static_cast<size_t>(it - first) + 1};
  }
  return {};
}

void Chooser::onUnknown(source::Range at, llvm::ArrayRef<std::string> names) {
  if (at.file == file_ && at.begin <= offset_ && offset_ < at.end && known.empty())
    known = names.vec();
}

}  // namespace wfc::lsp
