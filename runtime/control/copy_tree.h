// From whom each node of a pool gets what every one of them is to have: a tree, in the order in
// which they first want it, so that no node gives it to many and the disk that all share is read
// once.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace wfc::run {

class CopyTree {
 public:
  /// The nodes that this one may ask, nearest first; those above it in the tree, then others that
  /// wanted it earlier, so that no two wait for each other.
  std::vector<size_t> above(const std::string& copy, size_t node);
  /// A node has it. True, once: now all of `nodes` have.
  bool hasArrived(const std::string& copy, size_t node, const std::vector<size_t>& nodes);

 private:
  std::map<std::string, std::vector<size_t>> orders_;
  std::map<std::string, std::set<size_t>> arrived_;
};

}  // namespace wfc::run
