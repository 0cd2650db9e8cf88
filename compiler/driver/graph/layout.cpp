// A layered layout from top to bottom: each box below all it waits for, long edges routed through
// the layers between, crossings lessened by sorting layers by the middle of their neighbours, then
// boxes pulled towards those neighbours.
//
// A family that waits for itself, and an edge against the order of the text, do not count for the
// layers.
#include <algorithm>
#include <numeric>

#include "compiler/driver/graph/graph.h"

namespace wfc::driver::graph {

namespace {

constexpr double kLetter = 7.4, kPadding = 28, kHeight = 46, kGapX = 36, kGapY = 58, kMargin = 28;

/// Letters as they are seen, not bytes.
size_t lettersOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// A box, or a place where an edge passes a layer.
struct Spot {
  size_t layer = 0;
  double width = 0, centre = 0;
  std::vector<size_t> up, down;  ///< neighbours in the layers above and below
};

class Layout {
 public:
  explicit Layout(Graph& graph) : graph_(graph) {}

  void run() {
    size();
    rank();
    makeSpots();
    for (int sweep = 0; sweep < 12; ++sweep) sortLayers(sweep % 2 == 0);
    spread();
    for (int sweep = 0; sweep < 24; ++sweep) pull(sweep % 2 == 0);
    place();
  }

 private:
  void size() {
    for (Box& box : graph_.boxes) {
      size_t letters = std::max(lettersOf(box.title), lettersOf(box.below));
      box.width = std::max(90.0, static_cast<double>(letters) * kLetter + kPadding);
      box.height = kHeight;
    }
  }

  bool countsForLayers(const Edge& edge) const { return edge.from < edge.to; }

  void rank() {
    for (size_t round = 0; round < graph_.boxes.size(); ++round) {
      bool isStable = true;
      for (const Edge& edge : graph_.edges) {
        size_t least = graph_.boxes[edge.from].layer + 1;
        if (!countsForLayers(edge) || graph_.boxes[edge.to].layer >= least) continue;
        graph_.boxes[edge.to].layer = least;
        isStable = false;
      }
      if (isStable) break;
    }
  }

  void makeSpots() {
    for (const Box& box : graph_.boxes) add(box.layer, box.width);
    paths_.resize(graph_.edges.size());
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      if (!countsForLayers(edge)) continue;
      size_t last = edge.from;
      for (size_t layer = graph_.boxes[edge.from].layer + 1; layer < graph_.boxes[edge.to].layer;
           ++layer) {
        size_t spot = add(layer, 14);
        join(last, spot);
        paths_[i].push_back(spot);
        last = spot;
      }
      join(last, edge.to);
    }
  }

  size_t add(size_t layer, double width) {
    if (layer >= layers_.size()) layers_.resize(layer + 1);
    layers_[layer].push_back(spots_.size());
    spots_.push_back({layer, width, 0, {}, {}});
    return spots_.size() - 1;
  }

  void join(size_t above, size_t below) {
    spots_[above].down.push_back(below);
    spots_[below].up.push_back(above);
  }

  void sortLayers(bool downwards) {
    std::vector<double> rankOf(spots_.size());
    for (const std::vector<size_t>& layer : layers_)
      for (size_t i = 0; i < layer.size(); ++i) rankOf[layer[i]] = static_cast<double>(i);
    for (size_t n = 0; n < layers_.size(); ++n) {
      std::vector<size_t>& layer = layers_[downwards ? n : layers_.size() - 1 - n];
      std::vector<double> middle(spots_.size());
      for (size_t spot : layer) {
        const std::vector<size_t>& near = downwards ? spots_[spot].up : spots_[spot].down;
        double sum = std::accumulate(near.begin(), near.end(), 0.0,
                                     [&](double s, size_t other) { return s + rankOf[other]; });
        middle[spot] = near.empty() ? rankOf[spot] : sum / static_cast<double>(near.size());
      }
      std::stable_sort(layer.begin(), layer.end(),
                       [&](size_t a, size_t b) { return middle[a] < middle[b]; });
      for (size_t i = 0; i < layer.size(); ++i) rankOf[layer[i]] = static_cast<double>(i);
    }
  }

  static double apart(const Spot& a, const Spot& b) { return (a.width + b.width) / 2 + kGapX; }

  void spread() {
    for (const std::vector<size_t>& layer : layers_)
      for (size_t i = 1; i < layer.size(); ++i)
        spots_[layer[i]].centre =
            spots_[layer[i - 1]].centre + apart(spots_[layer[i - 1]], spots_[layer[i]]);
  }

  /// Moves each spot to the mean of its neighbours as far as the order in its layer lets it.
  void pull(bool downwards) {
    for (size_t n = 0; n < layers_.size(); ++n) {
      const std::vector<size_t>& layer = layers_[downwards ? n : layers_.size() - 1 - n];
      std::vector<double> wish;
      for (size_t spot : layer) {
        const std::vector<size_t>& near = downwards ? spots_[spot].up : spots_[spot].down;
        double sum = 0;
        for (size_t other : near) sum += spots_[other].centre;
        wish.push_back(near.empty() ? spots_[spot].centre : sum / static_cast<double>(near.size()));
      }
      settle(layer, wish);
    }
  }

  /// The mean of pushing everything right of its left neighbour, and everything left of its right
  /// one.
  void settle(const std::vector<size_t>& layer, const std::vector<double>& wish) {
    std::vector<double> right = wish, left = wish;
    for (size_t i = 1; i < layer.size(); ++i)
      right[i] = std::max(right[i], right[i - 1] + apart(spots_[layer[i - 1]], spots_[layer[i]]));
    for (size_t i = layer.size(); i-- > 1;)
      left[i - 1] = std::min(left[i - 1], left[i] - apart(spots_[layer[i - 1]], spots_[layer[i]]));
    for (size_t i = 0; i < layer.size(); ++i) spots_[layer[i]].centre = (right[i] + left[i]) / 2;
  }

  void place() {
    double least = 0;
    for (size_t i = 0; i < spots_.size(); ++i)
      if (i == 0 || spots_[i].centre - spots_[i].width / 2 < least)
        least = spots_[i].centre - spots_[i].width / 2;
    for (Spot& spot : spots_) {
      spot.centre += kMargin - least;
      graph_.width = std::max(graph_.width, spot.centre + spot.width / 2 + kMargin);
    }
    for (size_t i = 0; i < graph_.boxes.size(); ++i) {
      Box& box = graph_.boxes[i];
      box.x = spots_[i].centre - box.width / 2;
      box.y = top(box.layer);
    }
    graph_.height = top(layers_.size()) - kGapY + kMargin;
    // Room for what returns to its own box, at the right.
    graph_.width += 60;
    for (size_t i = 0; i < graph_.edges.size(); ++i) route(graph_.edges[i], paths_[i]);
  }

  static double top(size_t layer) {
    return kMargin + 26 + static_cast<double>(layer) * (kHeight + kGapY);
  }

  void route(Edge& edge, const std::vector<size_t>& path) const {
    if (!countsForLayers(edge)) return;
    const Box &from = graph_.boxes[edge.from], &to = graph_.boxes[edge.to];
    edge.points.push_back({from.x + from.width / 2, from.y + from.height});
    for (size_t spot : path) {
      edge.points.push_back({spots_[spot].centre, top(spots_[spot].layer)});
      edge.points.push_back({spots_[spot].centre, top(spots_[spot].layer) + kHeight});
    }
    edge.points.push_back({to.x + to.width / 2, to.y});
  }

  Graph& graph_;
  std::vector<Spot> spots_;  ///< the boxes first, by their numbers
  std::vector<std::vector<size_t>> layers_, paths_;
};

}  // namespace

void layOut(Graph& graph) {
  if (!graph.boxes.empty()) Layout(graph).run();
}

}  // namespace wfc::driver::graph
