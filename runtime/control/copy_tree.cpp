// See copy_tree.h.
#include "runtime/control/copy_tree.h"

#include <algorithm>

#include <llvm/ADT/STLExtras.h>

namespace wfc::run {

namespace {

/// So many nodes get it from each, while none is lost. With two, what a node sends is twice what it
/// receives, and a thousand nodes are ten levels.
constexpr size_t kFanOut = 2;
/// So many are named: one after the other may be lost.
constexpr size_t kMost = 6;

}  // namespace

std::vector<size_t> CopyTree::above(const std::string& copy, size_t node) {
  std::vector<size_t>& order = orders_[copy];
  auto place = llvm::find(order, node) - order.begin();
  if (static_cast<size_t>(place) == order.size()) order.push_back(node);
  std::vector<size_t> found;
  for (size_t at = static_cast<size_t>(place); at > 0;) {
    at = (at - 1) / kFanOut;
    found.push_back(order[at]);
  }
  for (size_t at = static_cast<size_t>(place); at-- > 0;)
    if (!llvm::is_contained(found, order[at])) found.push_back(order[at]);
  found.resize(std::min(found.size(), kMost));
  return found;
}

bool CopyTree::hasArrived(const std::string& copy, size_t node, const std::vector<size_t>& nodes) {
  std::set<size_t>& arrived = arrived_[copy];
  bool isNew = arrived.insert(node).second;
  return isNew && llvm::all_of(nodes, [&](size_t each) { return arrived.contains(each); });
}

}  // namespace wfc::run
