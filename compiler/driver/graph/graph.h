// The picture of a flow: families as boxes, what orders them as edges. A value that is laid out and
// then drawn; it knows nothing of modules (model.cpp makes it from one) and its layout is the same
// for the same flow.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::driver::graph {

struct Box {
  enum class Kind { Task, Wait, Hook, Publish };
  Kind kind = Kind::Task;
  std::string title;  ///< `model`
  std::string below;  ///< `13 windows · train`
  std::string group;  ///< its innermost loop: boxes of one loop have one colour
  size_t layer = 0;
  double x = 0, y = 0, width = 0, height = 0;  ///< x, y: the upper left corner
};

struct Point {
  double x = 0, y = 0;
};

struct Edge {
  size_t from = 0, to = 0;
  std::string label;          ///< the relation, `w - 1`; empty: the same index, or the only one
  bool isOrderOnly = false;   ///< `after`
  bool isTolerant = false;    ///< `.ok`, a quorum, ended
  std::vector<Point> points;  ///< from the lower side of one to the upper side of the other
};

struct Graph {
  std::string title;
  std::vector<Box> boxes;
  std::vector<Edge> edges;
  double width = 0, height = 0;
};

Graph graphOf(const ir::Module& module);
/// Boxes that instanceGraphOf would draw.
uint64_t instancesIn(const ir::Module& module);
/// A box for each instance.
Graph instanceGraphOf(const ir::Module& module);
void layOut(Graph& graph);
std::string svg(const Graph& graph);
std::string dot(const Graph& graph);

}  // namespace wfc::driver::graph
