// SVG and DOT of a graph. The SVG stands alone: no script, no font, no reference to the outside.
#include <algorithm>

#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/driver/graph/graph.h"
#include "compiler/target/text/xml.h"

namespace wfc::driver::graph {

namespace {

/// Fill and line of the boxes of the n-th loop; the first is for boxes in no loop.
struct Colour {
  const char *fill, *line;
};
constexpr Colour kColours[] = {
    {"#f4f4f2", "#6b6b66"}, {"#e3f0fb", "#2b6cb0"}, {"#fdf1dc", "#b7791f"}, {"#e4f5e8", "#2f855a"},
    {"#f9e4ee", "#b83280"}, {"#ece7fb", "#6b46c1"}, {"#dff5f5", "#2c7a7b"}};

Colour colourOf(const Graph& graph, const Box& box) {
  if (box.kind == Box::Kind::Publish) return {"#ffffff", "#6b6b66"};
  std::vector<std::string> groups = {""};
  for (const Box& each : graph.boxes)
    if (std::find(groups.begin(), groups.end(), each.group) == groups.end())
      groups.push_back(each.group);
  size_t index =
      static_cast<size_t>(std::find(groups.begin(), groups.end(), box.group) - groups.begin());
  constexpr size_t kLoops = std::size(kColours) - 1;
  return kColours[index == 0 ? 0 : 1 + (index - 1) % kLoops];
}

std::string curve(const std::vector<Point>& points) {
  std::string path = fmt::format("M{:.1f} {:.1f}", points[0].x, points[0].y);
  for (size_t i = 1; i < points.size(); ++i) {
    double bend = (points[i].y - points[i - 1].y) / 2;
    path += fmt::format(" C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", points[i - 1].x,
                        points[i - 1].y + bend, points[i].x, points[i].y - bend, points[i].x,
                        points[i].y);
  }
  return path;
}

/// From the right side of a box out and back (to itself, or up to one before it).
std::string returning(const Box& from, const Box& to) {
  double right = std::max(from.x + from.width, to.x + to.width);
  double y = from.y + from.height * 0.7, end = to.y + to.height * 0.3;
  return fmt::format("M{:.1f} {:.1f} C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}",
                     from.x + from.width, y, right + 34, y + 4, right + 34, end - 4,
                     to.x + to.width, end);
}

/// Twice: a light halo first, because the label lies on its edge.
void drawLabel(base::Writer& out, const char* anchor, double x, double y, const std::string& text) {
  for (const char* kind : {"halo", "label"})
    out.line("<text class=\"{}\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", kind,
             anchor, x, y, target::xmlText(text));
}

void drawEdge(base::Writer& out, const Graph& graph, const Edge& edge) {
  const Box &from = graph.boxes[edge.from], &to = graph.boxes[edge.to];
  bool isReturning = edge.points.empty();
  std::string path = isReturning ? returning(from, to) : curve(edge.points);
  const char* dash = edge.isOrderOnly  ? " stroke-dasharray=\"2 4\""
                     : edge.isTolerant ? " stroke-dasharray=\"7 4\""
                                       : "";
  out.line("<path class=\"edge\" d=\"{}\"{} marker-end=\"url(#arrow)\"/>", path, dash);
  if (edge.label.empty()) return;
  if (isReturning) {
    double right = std::max(from.x + from.width, to.x + to.width);
    return drawLabel(out, "start", right + 29, (from.y + from.height + to.y) / 2 + 4, edge.label);
  }
  // Near the reader: there the label says how it sees the other.
  const Point &a = edge.points[edge.points.size() - 2], &b = edge.points.back();
  drawLabel(out, "middle", a.x + (b.x - a.x) * 0.72, a.y + (b.y - a.y) * 0.68, edge.label);
}

void drawBox(base::Writer& out, const Graph& graph, const Box& box) {
  Colour colour = colourOf(graph, box);
  bool isDashed = box.kind == Box::Kind::Publish || box.kind == Box::Kind::Hook;
  double corner = box.kind == Box::Kind::Wait ? box.height / 2 : 7;
  double middle = box.x + box.width / 2;
  // Editors mark the family under the cursor by this.
  std::string family = box.kind == Box::Kind::Publish
                           ? ""
                           : fmt::format(" data-family=\"{}\"", target::xmlText(box.title));
  out.line(
      "<rect{} x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{:.1f}\" "
      "fill=\"{}\" stroke=\"{}\"{}/>",
      family, box.x, box.y, box.width, box.height, corner, colour.fill, colour.line,
      isDashed ? " stroke-dasharray=\"5 3\"" : "");
  out.line("<text class=\"title\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", middle,
           box.below.empty() ? box.y + 28 : box.y + 20, target::xmlText(box.title));
  if (!box.below.empty())
    out.line("<text class=\"below\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", middle, box.y + 37,
             target::xmlText(box.below));
}

}  // namespace

std::string svg(const Graph& graph) {
  base::Writer out;
  out.line(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\">",
      std::max(graph.width, 200.0), std::max(graph.height, 80.0));
  auto inside = out.indent();
  out.line("<title>{}</title>", target::xmlText(graph.title));
  out.raw(
      "<style>text{font-family:system-ui,sans-serif;fill:#1f1f1c}.head{font-size:15px;font-weight:"
      "600}"
      ".title{font-size:14px;font-weight:600;text-anchor:middle}.below{font-size:12px;fill:#55554f;"
      "text-anchor:middle}"
      ".label,.halo{font-size:11px;fill:#3a3a36}.halo{stroke:#fff;stroke-width:4px}"
      ".edge{fill:none;stroke:#77776f;stroke-width:1.4}</style>");
  out.raw(
      "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"8\" "
      "markerHeight=\"8\" orient=\"auto\">"
      "<path d=\"M0 0.8 L8 4 L0 7.2 z\" fill=\"#77776f\"/></marker></defs>");
  out.raw("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
  out.line("<text class=\"head\" x=\"28\" y=\"30\">{}</text>", target::xmlText(graph.title));
  for (const Edge& edge : graph.edges) drawEdge(out, graph, edge);
  for (const Box& box : graph.boxes) drawBox(out, graph, box);
  return out.take() + "</svg>\n";
}

std::string dot(const Graph& graph) {
  auto quoted = [](const std::string& text) {
    std::string result = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') result += '\\';
      result += c == '\n' ? ' ' : c;
    }
    return result + "\"";
  };
  base::Writer out;
  out.line("digraph {} {{", quoted(graph.title));
  {
    auto inside = out.indent();
    out.raw("node [shape=box, style=rounded];");
    for (size_t i = 0; i < graph.boxes.size(); ++i) {
      const Box& box = graph.boxes[i];
      std::string label = quoted(box.title);
      if (!box.below.empty())
        label.insert(label.size() - 1,
                     "\\n" + quoted(box.below).substr(1, quoted(box.below).size() - 2));
      out.line("n{} [label={}];", i, label);
    }
    for (const Edge& edge : graph.edges)
      out.line("n{} -> n{} [label={}{}];", edge.from, edge.to, quoted(edge.label),
               edge.isOrderOnly  ? ", style=dotted"
               : edge.isTolerant ? ", style=dashed"
                                 : "");
  }
  out.raw("}");
  return out.take();
}

}  // namespace wfc::driver::graph
