// The plan as one page, in the look of a run's report (whose style sheet it takes): figures, the
// graph, a table by family, and families in time.
#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "llvm/Support/Base64.h"

#include "compiler/base/writer.h"
#include "compiler/driver/graph/graph.h"
#include "compiler/driver/plan/plan.h"
#include "compiler/target/text/xml.h"

#include "runtime/report/template.h"

namespace wfc::driver::plan {

namespace {

using forecast::Family;
using target::xmlText;

/// What is between two marks of the report's page.
std::string styleOfReports() {
  llvm::StringRef page(run::kReportTemplate.data(), run::kReportTemplate.size());
  return page.split("<style>").second.split("</style>").first.str();
}

class Page {
 public:
  explicit Page(const Plan& plan) : plan_(plan), f_(plan.forecast) {}

  std::string take() {
    out_.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    out_.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out_.raw("<meta name=\"color-scheme\" content=\"light dark\">");
    out_.line("<title>{}, a plan</title>", xmlText(plan_.module.flow));
    out_.line("<style>{}{}</style>\n</head>\n<body>\n<main>", styleOfReports(), kOwnStyle);
    out_.line("<header><h1>{}<span class=\"pill\">plan</span></h1><p>{} for {}{}</p></header>",
              xmlText(plan_.module.flow), xmlText(plan_.source), xmlText(plan_.target),
              plan_.module.site.empty() ? "" : " on " + xmlText(plan_.module.site));
    writeCards();
    writeGraph();
    writeTable();
    writeTime();
    writeRest();
    out_.raw("</main>\n</body>\n</html>");
    return out_.take();
  }

 private:
  static constexpr const char* kOwnStyle =
      ".figure { background: #fff; border-radius: 8px; padding: 8px; display: inline-block; }\n"
      "svg .bar1 { fill: var(--queued); } svg .on { fill: var(--accent); }\n"
      "tr.sum td { font-weight: 600; } .note { color: var(--soft); font-size: 13px; }\n";

  void card(const std::string& figure, const std::string& what) {
    out_.line("<div class=\"card\"><b>{}</b><span>{}</span></div>", xmlText(figure), xmlText(what));
  }

  void writeCards() {
    std::string mark = f_.isAtMost ? "≤ " : "";
    out_.raw("<section><div class=\"cards\">");
    card(mark + grouped(f_.instances.n),
         f_.foundByRun > 0 ? "instances, and what the run finds" : "instances");
    card(mark + hoursText(f_.once.node), "node-hours asked");
    card(hoursText(f_.ceiling.node), "at most, with every retry");
    card(mark + hoursText(f_.once.core), "core-hours asked");
    if (f_.once.gpu > 0) card(mark + hoursText(f_.once.gpu), "GPU-hours asked");
    card(spanText(f_.pathHours),
         f_.isPathPartial ? "in a row, and what the run finds" : "in a row");
    card(hoursText(f_.peak.instances), "at once, at most");
    if (f_.bytes.parts > 0)
      card(bytesText(f_.peakBytes.value),
           f_.bytes.notStated > 0 ? "on disk, of what is stated" : "on disk, at most");
    out_.line(
        "</div><p class=\"note\">Hours are needs × time: what is asked, not what will be used. "
        "Waiting in queues is not guessed.</p></section>");
  }

  void writeGraph() {
    graph::Graph graph = graph::graphOf(plan_.module);
    graph::layOut(graph);
    out_.line(
        "<section><h2>Graph</h2><div class=\"scroll\"><img class=\"figure\" alt=\"families, and "
        "what orders them\" src=\"data:image/svg+xml;base64,{}\"></div></section>",
        llvm::encodeBase64(graph::svg(graph)));
  }

  // ---- the table

  void cell(const std::string& text) { out_.line("<td class=\"n\">{}</td>", xmlText(text)); }

  void writeTable() {
    out_.raw("<section><h2>Families</h2><div class=\"scroll\"><table>");
    std::string head = "<tr><th>Family";
    for (const char* name : {"Instances", "Attempts", "At once", "Time", "Node-hours", "Core-hours",
                             "GPU-hours", "Bytes", "Inodes"})
      head += fmt::format("<th class=\"n\">{}", name);
    out_.raw(head + "</tr>");
    for (const Family& family : f_.families)
      if (plan_.module[family.family].role == ir::Family::Work) writeRow(family);
    for (const forecast::Pool& pool : f_.pools) writePool(pool);
    out_.raw("<tr class=\"sum\"><td>in all</td>");
    for (const std::string& text :
         {countText(f_.instances), countText(f_.attempts), std::string(), std::string(),
          hoursText(f_.once.node), hoursText(f_.once.core), hoursText(f_.once.gpu),
          statedText(f_.bytes, true), statedText(f_.inodes, false)})
      cell(text);
    out_.raw("</tr></table></div></section>");
  }

  void writeRow(const Family& family) {
    const ir::Family& written = plan_.module[family.family];
    bool isKnown = family.instances.isKnown(), isInPool = !written.pool.empty();
    auto hours = [&](double all, double each) {
      if (isInPool) return std::string("in pool");
      if (!family.hasHours) return std::string("?");
      return isKnown ? hoursText(all) : hoursText(each) + " each";
    };
    out_.line("<tr><td title=\"{}\">{}</td>",
              xmlText(target::locationText(plan_.module, written.loc)), xmlText(written.name));
    cell(countText(family.instances));
    cell(family.attempts == 1 ? "1" : "1–" + grouped(family.attempts));
    cell(family.atOnce.isKnown() ? grouped(family.atOnce.n) : "?");
    cell(family.hasHours ? spanText(family.each.wall) : "?");
    cell(hours(family.once.node, family.each.node));
    cell(hours(family.once.core, family.each.core));
    cell(hours(family.once.gpu, family.each.gpu));
    cell(isKnown ? statedText(family.bytes, true) : "");
    cell(isKnown ? statedText(family.inodes, false) : "");
    out_.raw("</tr>");
  }

  void writePool(const forecast::Pool& pool) {
    out_.line("<tr><td>pool {}</td>", xmlText(pool.name));
    for (const std::string& text :
         {std::string(), "1–" + grouped(pool.attempts), std::string(), spanText(pool.once.wall),
          hoursText(pool.once.node), hoursText(pool.once.core), hoursText(pool.once.gpu),
          std::string(), std::string()})
      cell(text);
    out_.raw("</tr>");
  }

  static std::string statedText(const forecast::Stated& stated, bool isBytes) {
    if (stated.parts == 0) return stated.notStated > 0 ? "not stated" : "";
    std::string text =
        isBytes ? bytesText(stated.amount) : grouped(static_cast<uint64_t>(stated.amount));
    return text + (stated.notStated > 0 ? " +" : "");
  }

  // ---- families in time

  bool isOnPath(ir::FamilyId id) const {
    for (const forecast::Step& step : f_.path)
      for (const auto& [family, count] : step.families)
        if (family == id) return true;
    return false;
  }

  void writeTime() {
    std::vector<const Family*> rows;
    double end = 0;
    for (const Family& family : f_.families) {
      bool isShown = family.start && plan_.module[family.family].role == ir::Family::Work;
      if (!isShown) continue;
      rows.push_back(&family);
      end = std::max(end, *family.end);
    }
    if (rows.empty() || end <= 0) return;
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Family* a, const Family* b) { return *a->start < *b->start; });
    constexpr double kLeft = 170, kWidth = 880, kRow = 26;
    double height = static_cast<double>(rows.size()) * kRow + 34;
    out_.line(
        "<section><h2>In time</h2><div class=\"scroll\"><svg width=\"{0:.0f}\" "
        "height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\">",
        kLeft + kWidth + 8, height);
    for (int n = 0; n <= 4; ++n) {
      double x = kLeft + kWidth * n / 4;
      out_.line("<line class=\"rule\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"18\" y2=\"{1:.1f}\"/>", x,
                height - 12);
      out_.line("<text class=\"soft\" x=\"{:.1f}\" y=\"12\" text-anchor=\"{}\">{}</text>", x,
                n == 0   ? "start"
                : n == 4 ? "end"
                         : "middle",
                spanText(end * n / 4));
    }
    for (size_t n = 0; n < rows.size(); ++n) {
      double y = 26 + static_cast<double>(n) * kRow;
      double x = kLeft + kWidth * *rows[n]->start / end;
      double width = std::max(2.0, kWidth * (*rows[n]->end - *rows[n]->start) / end);
      std::string name = plan_.module[rows[n]->family].name;
      out_.line("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kLeft - 10, y + 13,
                xmlText(name));
      out_.line(
          "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" "
          "rx=\"4\"><title>{}: from {} to {}</title></rect>",
          isOnPath(rows[n]->family) ? "on" : "bar1", x, y, width, xmlText(name),
          spanText(*rows[n]->start), spanText(*rows[n]->end));
    }
    out_.line(
        "</svg></div><p class=\"note\">From the earliest start of its first to the end of its "
        "last, each as long as its time, without limits and queues. Dark: the critical path, "
        "{}</p></section>",
        xmlText(pathText(plan_)));
  }

  // ---- what is left

  void item(const std::string& name, const std::string& text) {
    out_.line("<dt>{}</dt><dd>{}</dd>", xmlText(name), xmlText(text));
  }

  void writeRest() {
    out_.raw("<section><h2>Queue, disk, and what is open</h2><dl>");
    for (const target::Calls& calls : plan_.calls)
      item(calls.program, fmt::format("{}{}, {}", grouped(calls.least),
                                      calls.hasNoBound            ? " and more"
                                      : calls.most == calls.least ? ""
                                                                  : " to " + grouped(calls.most),
                                      calls.what));
    item("disk", f_.bytes.parts == 0
                     ? "not stated"
                     : fmt::format("{} made, at most {} at once", bytesText(f_.bytes.amount),
                                   bytesText(f_.peakBytes.value)));
    item("inodes", fmt::format("{} made, at most {} at once",
                               grouped(static_cast<uint64_t>(f_.inodes.amount)),
                               grouped(static_cast<uint64_t>(f_.peakInodes.value))));
    if (std::string quota = quotaText(plan_); !quota.empty()) item("quota", quota);
    for (const Family& family : f_.families)
      if (!family.why.empty()) item(plan_.module[family.family].name, family.why);
    for (const Change& change : plan_.changes) {
      std::string how;
      for (const std::string& each : change.how) how += (how.empty() ? "" : "; ") + each;
      item((change.kind == Change::Added     ? "+ "
            : change.kind == Change::Removed ? "− "
                                             : "~ ") +
               change.what,
           how);
    }
    item("artifact", plan_.artifact);
    out_.raw("</dl></section>");
  }

  const Plan& plan_;
  const forecast::Forecast& f_;
  base::Writer out_{0};
};

}  // namespace

std::string pageOf(const Plan& plan) { return Page(plan).take(); }

}  // namespace wfc::driver::plan
