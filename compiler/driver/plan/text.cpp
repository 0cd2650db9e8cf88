// The plan for a terminal: a table by family, then what is to be known of all of it, then one line.
#include <algorithm>

#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/driver/plan/plan.h"

namespace wfc::driver::plan {

namespace {

using forecast::Count;
using forecast::Family;

/// Letters as they are seen, not bytes.
size_t lettersOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

class Text {
 public:
  Text(const Plan& plan, bool hasColour) : plan_(plan), f_(plan.forecast), hasColour_(hasColour) {}

  std::string take() {
    out_.line("{} {} for {}{}", bold(plan_.module.flow), dim("of " + plan_.source), plan_.target,
              plan_.module.site.empty() ? "" : fmt::format(" on {}", plan_.module.site));
    out_.line();
    writeTable();
    writeSums();
    writeRun();
    writeChanges();
    writeLast();
    return out_.take();
  }

 private:
  std::string coloured(const char* code, const std::string& text) const {
    return hasColour_ && !text.empty() ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
  }
  std::string bold(const std::string& text) const { return coloured("1", text); }
  std::string dim(const std::string& text) const { return coloured("2", text); }

  // ---- the table

  using Row = std::vector<std::string>;

  void writeTable() {
    std::vector<Row> rows = {{"", "instances", "attempts", "at once", "time", "node-h", "core-h",
                              "GPU-h", "bytes", "files"}};
    for (const Family& family : f_.families) rows.push_back(rowOf(family));
    for (const forecast::Pool& pool : f_.pools) rows.push_back(rowOf(pool));
    rows.push_back(totalRow());
    std::vector<size_t> widths(rows.front().size());
    for (const Row& row : rows)
      for (size_t n = 0; n < row.size(); ++n) widths[n] = std::max(widths[n], lettersOf(row[n]));
    // A column in which nothing stands is left out.
    for (size_t n = 5; n < widths.size(); ++n) {
      bool isEmpty = std::all_of(rows.begin() + 1, rows.end(), [&](const Row& row) {
        return row[n].empty() || row[n] == "0" || row[n] == "0 each" || row[n] == "·";
      });
      if (isEmpty) widths[n] = 0;
    }
    for (size_t r = 0; r < rows.size(); ++r) {
      std::string line = "  ";
      for (size_t n = 0; n < widths.size(); ++n) {
        if (widths[n] == 0) continue;
        std::string gap(widths[n] - lettersOf(rows[r][n]), ' ');
        line += n == 0 ? rows[r][n] + gap : "  " + gap + rows[r][n];
      }
      while (line.back() == ' ') line.pop_back();
      out_.raw(r == 0 ? dim(line) : r + 1 == rows.size() ? bold(line) : line);
    }
    out_.line();
  }

  Row rowOf(const Family& family) const {
    const ir::Family& written = plan_.module[family.family];
    bool isWork = written.task.valid();
    std::string name = written.name;
    if (written.role == ir::Family::Hook) return {name, "hook", "", "", "", "", "", "", "", ""};
    std::string count = family.instances.isKnown()             ? countText(family.instances)
                        : family.instances.how == Count::NoEnd ? "no end"
                                                               : "?";
    if (!isWork) return {name, count, "wait", "", "", "", "", "", "", ""};
    bool isEach = !family.instances.isKnown();
    std::string atOnce = family.atOnce.isKnown() ? grouped(family.atOnce.n) : "?";
    auto hours = [&](double all, double each) {
      if (!family.hasHours) return std::string("?");
      return isEach ? hoursText(each) + " each" : hoursText(all);
    };
    bool isInPool = !written.pool.empty();
    return {name,
            count,
            family.attempts == 1 ? "1" : fmt::format("1–{}", grouped(family.attempts)),
            atOnce,
            family.hasHours ? spanText(family.each.wall) : "?",
            isInPool ? "in pool" : hours(family.once.node, family.each.node),
            isInPool ? "" : hours(family.once.core, family.each.core),
            isInPool ? "" : hours(family.once.gpu, family.each.gpu),
            bytesCell(family.bytes, isEach),
            filesCell(family.inodes, isEach)};
  }

  Row rowOf(const forecast::Pool& pool) const {
    return {"pool " + pool.name,
            "",
            pool.attempts == 1 ? "1" : fmt::format("1–{}", grouped(pool.attempts)),
            "",
            spanText(pool.once.wall),
            hoursText(pool.once.node),
            hoursText(pool.once.core),
            hoursText(pool.once.gpu),
            "",
            ""};
  }

  Row totalRow() const {
    return {"in all",
            sumMark(f_.instances) + grouped(f_.instances.n),
            sumMark(f_.attempts) + grouped(f_.attempts.n),
            "",
            "",
            hoursText(f_.once.node),
            hoursText(f_.once.core),
            hoursText(f_.once.gpu),
            bytesCell(f_.bytes, false),
            filesCell(f_.inodes, false)};
  }

  std::string sumMark(const Count& count) const { return count.how == Count::AtMost ? "≤ " : ""; }

  /// A part of it is not stated: the rest is shown with a plus.
  static std::string bytesCell(const forecast::Stated& stated, bool isEach) {
    if (isEach || stated.parts + stated.notStated == 0) return "";
    if (stated.parts == 0) return "·";
    return bytesText(stated.amount) + (stated.notStated > 0 ? " +" : "");
  }
  static std::string filesCell(const forecast::Stated& stated, bool isEach) {
    if (isEach || stated.parts + stated.notStated == 0) return "";
    if (stated.parts == 0) return "·";
    return grouped(static_cast<uint64_t>(stated.amount)) + (stated.notStated > 0 ? " +" : "");
  }

  // ---- of all of it

  void say(const char* what, const std::string& text) {
    out_.line("  {}{}{}", bold(what), std::string(16 - lettersOf(what), ' '), text);
  }
  void also(const std::string& text) { out_.line("  {}{}", std::string(16, ' '), text); }

  void writeSums() {
    say("asked", fmt::format("{}{} node-hours, {} core-hours, {} GPU-hours with one attempt each",
                             f_.isAtMost ? "at most " : "", hoursText(f_.once.node),
                             hoursText(f_.once.core), hoursText(f_.once.gpu)));
    if (f_.ceiling.node > f_.once.node || f_.ceiling.core > f_.once.core)
      also(fmt::format("{} node-hours, {} core-hours, {} GPU-hours at most, with every retry",
                       hoursText(f_.ceiling.node), hoursText(f_.ceiling.core),
                       hoursText(f_.ceiling.gpu)));
    also(dim("needs × time, which is what is asked and not what will be used"));
    say("critical path", fmt::format("{}{}{}{}", spanText(f_.pathHours),
                                     f_.isPathPartial ? " and what the run finds" : "",
                                     f_.path.empty() ? "" : ": ", pathText(plan_)));
    also(dim("in a row, each as long as its time; waiting in queues is not guessed"));
    say("at once", fmt::format("at most {} instances, {} nodes, {} cores, {} GPUs",
                               hoursText(f_.peak.instances), hoursText(f_.peak.nodes),
                               hoursText(f_.peak.cores), hoursText(f_.peak.gpus)));
    writeDisk();
    writeCalls();
    writeFound();
    out_.line();
  }

  void writeDisk() {
    std::string open;
    if (f_.bytes.notStated > 0)
      open = fmt::format(", and {} output{} of which no size is stated",
                         grouped(f_.bytes.notStated), f_.bytes.notStated == 1 ? "" : "s");
    if (f_.bytes.parts > 0)
      say("disk", fmt::format("{} made, at most {} at once{}", bytesText(f_.bytes.amount),
                              bytesText(f_.peakBytes.value), open));
    else
      say("disk", f_.bytes.notStated > 0 ? "not stated" : "nothing is made");
    writeInodes();
    if (std::string quota = quotaText(plan_); !quota.empty())
      also(fmt::format("the site's quota is {}", quota));
  }

  void writeInodes() {
    if (f_.inodes.parts == 0) return;
    std::string rest =
        f_.inodes.notStated > 0
            ? fmt::format(", and {} folder{} of which no number is stated",
                          grouped(f_.inodes.notStated), f_.inodes.notStated == 1 ? "" : "s")
            : "";
    also(fmt::format("{} files and folders made, at most {} at once{}",
                     grouped(static_cast<uint64_t>(f_.inodes.amount)),
                     grouped(static_cast<uint64_t>(f_.peakInodes.value)), rest));
  }

  void writeCalls() {
    const char* what = "queue";
    if (plan_.calls.empty()) say(what, "nobody is asked: it runs here");
    for (const target::Calls& calls : plan_.calls) {
      std::string count = calls.hasNoBound ? fmt::format("{} and more", grouped(calls.least))
                          : calls.least == calls.most
                              ? grouped(calls.least)
                              : fmt::format("{} to {}", grouped(calls.least), grouped(calls.most));
      std::string text = fmt::format("{} × {}, {}", count, calls.program, calls.what);
      if (what)
        say(what, text);
      else
        also(text);
      what = nullptr;
    }
  }

  void writeFound() {
    const char* what = "open";
    for (const Family& family : f_.families) {
      std::string why = family.why;
      for (const std::string& need : family.atRunTime)
        why += fmt::format("{}{} is known when an instance starts", why.empty() ? "" : "; ", need);
      if (why.empty()) continue;
      std::string text = fmt::format("{}: {}", plan_.module[family.family].name, why);
      if (what)
        say(what, text);
      else
        also(text);
      what = nullptr;
    }
    if (f_.foundByRun > 0) also(dim("what the run finds is in no sum above"));
  }

  // ---- the run, and what was before

  void writeRun() {
    if (!plan_.run) return;
    if (plan_.run->isNew) {
      say("run", fmt::format("{} is new: everything runs", plan_.run->folder));
      return out_.line();
    }
    const llvm::json::Object* counts = plan_.run->fates.getObject("counts");
    auto count = [&](const char* fate) {
      return static_cast<uint64_t>(counts ? counts->getInteger(fate).value_or(0) : 0);
    };
    say("run", fmt::format("{}: {}, {}, {}, {}, {}", plan_.run->folder,
                           coloured("32", grouped(count("reused")) + " reused"),
                           coloured("33", grouped(count("rerun")) + " rerun"),
                           coloured("33", grouped(count("rerun_if_changed")) +
                                              " rerun if what they read changes"),
                           coloured("36", grouped(count("new")) + " new"),
                           coloured("31", grouped(count("orphaned")) + " orphaned")));
    writeReasons();
    out_.line();
  }

  /// Fates by reason, in order of appearance; three ids of each.
  void writeReasons() {
    struct Group {
      std::string fate, why, ids;
      size_t count = 0;
    };
    std::vector<Group> groups;
    const llvm::json::Array* instances = plan_.run->fates.getArray("instances");
    for (const llvm::json::Value& value : instances ? *instances : llvm::json::Array()) {
      const llvm::json::Object* each = value.getAsObject();
      std::string fate = each ? each->getString("fate").value_or("").str() : "";
      if (fate.empty() || fate == "reused") continue;
      std::string why = each->getString("why").value_or("").str();
      std::string id = each->getString("id").value_or("").str();
      auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
        return group.fate == fate && group.why == why;
      });
      if (same == groups.end()) same = groups.insert(same, {fate, why, "", 0});
      if (++same->count <= 3) same->ids += (same->ids.empty() ? "" : ", ") + id;
    }
    constexpr size_t kMost = 20;
    for (size_t n = 0; n < std::min(groups.size(), kMost); ++n) {
      const Group& group = groups[n];
      std::string more =
          group.count > 3 ? fmt::format(" and {} more", grouped(group.count - 3)) : "";
      also(fmt::format("{}: {}{}{}{}", group.fate == "rerun_if_changed" ? "if changed" : group.fate,
                       group.ids, more, group.why.empty() ? "" : ": ", group.why));
    }
    if (groups.size() > kMost)
      also(fmt::format("and {} more reasons; `wfr start --dry-run` tells them",
                       groups.size() - kMost));
  }

  void writeChanges() {
    if (plan_.against.empty()) return;
    say("against", plan_.against + (plan_.changes.empty() ? ": nothing changes" : ""));
    for (const Change& change : plan_.changes) {
      const char* sign = change.kind == Change::Added     ? "+"
                         : change.kind == Change::Removed ? "-"
                                                          : "~";
      const char* colour = change.kind == Change::Added     ? "32"
                           : change.kind == Change::Removed ? "31"
                                                            : "33";
      std::string how;
      for (const std::string& each : change.how) how += (how.empty() ? ": " : "; ") + each;
      also(coloured(colour, fmt::format("{} {}", sign, change.what)) + how);
    }
    out_.line();
  }

  void writeLast() {
    std::string more = f_.foundByRun > 0
                           ? fmt::format(" and what {} famil{}", grouped(f_.foundByRun),
                                         f_.foundByRun == 1 ? "y finds" : "ies find")
                           : "";
    std::string ceiling = hoursText(f_.once.node) == hoursText(f_.ceiling.node)
                              ? ""
                              : fmt::format(", {} with every retry", hoursText(f_.ceiling.node));
    out_.line("{} {}{} instance{}{}; {} node-hours asked{}; {} in a row.", bold("Plan:"),
              sumMark(f_.instances), grouped(f_.instances.n), f_.instances.n == 1 ? "" : "s", more,
              hoursText(f_.once.node), ceiling, spanText(f_.pathHours));
    out_.raw(plan_.hasWork() ? "Nothing was submitted." : "There is nothing to do.");
    if (!plan_.saved.empty())
      out_.line("Saved: `wfr start {} --run {}` executes it, and nothing else.", plan_.saved,
                plan_.run ? plan_.run->folder : "DIR");
  }

  const Plan& plan_;
  const forecast::Forecast& f_;
  bool hasColour_;
  base::Writer out_;
};

}  // namespace

std::string textOf(const Plan& plan, bool hasColour) { return Text(plan, hasColour).take(); }

}  // namespace wfc::driver::plan
