// The graph of families: who reads whom, and in which direction along a loop they share. Private to
// check/.
#pragma once

#include "compiler/check/session.h"

namespace wfc::check {

/// Direction of a reference along the loop that reader and producer have in common.
enum class Direction : uint8_t { Here, Before, After };

struct Edge {
  ir::FamilyId reader, producer;
  ir::RefId ref;
  Direction direction = Direction::Here;
  int64_t steps = 0;  ///< how far, where it is constant
};

/// Every reference of every family: arguments, order, guards, and the sets its loops run over.
std::vector<Edge> edgesOf(Session& s);

/// Throttles on loops must let every dependency along them live.
void proveThrottles(Session& s, llvm::ArrayRef<Edge> edges);

/// instances.cpp: chosen paths tell the instances apart, meet no other and stay in their folder.
void provePaths(Session& s);
/// disks.cpp: what lies on the disk of a node is read there, and by somebody.
void proveDisks(Session& s);
/// instances.cpp: what is computed for single instances has a value, where that is known already.
void proveValues(Session& s);

}  // namespace wfc::check
