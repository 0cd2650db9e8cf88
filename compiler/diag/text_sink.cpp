// Reports for people.
//
//   error[WF0231]: `model` needs the window before the first one
//     ┌─ aurora.wf:47:28
//     │
//   46│   for w in windows {
//     │            ------- 13 windows, the first is 2025-01-01
//   47│     model = train(data, model_path: model[w - 1])
//     │                                     ^^^^^^^^^^^^ there is no window before 2025-01-01
//     │
//     = a recurrence states what happens where it begins
//   fix: model[w - 1] otherwise none
//
// Places in other files follow below the first, each file under its own header. LLVM's SourceMgr
// prints no carets on lines with UTF-8, which is why this exists.
#include <algorithm>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "compiler/diag/display.h"
#include "compiler/diag/sink.h"

namespace wfc::diag {

namespace {

using source::Range;
using source::Sources;

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kBlue = "\x1b[1;34m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kReset = "\x1b[0m";

std::string_view colourOf(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "\x1b[1;31m";
    case Severity::Warning:
      return "\x1b[1;33m";
    case Severity::Note:
      return "\x1b[1;36m";
  }
  return "";
}

/// One underlined place.
struct Mark {
  Range range;
  uint32_t line = 0;
  std::string_view text;
  bool isPrimary = false;
};

/// The marks of one file, by line and column.
struct Excerpt {
  source::FileId file = 0;
  std::vector<Mark> marks;
};

void addMark(std::vector<Excerpt>& excerpts, Mark mark) {
  auto it = std::find_if(excerpts.begin(), excerpts.end(),
                         [&](const Excerpt& e) { return e.file == mark.range.file; });
  if (it == excerpts.end()) it = excerpts.insert(it, Excerpt{mark.range.file, {}});
  it->marks.push_back(mark);
}

std::vector<Excerpt> excerptsOf(const Sources& sources, const Diagnostic& d) {
  std::vector<Excerpt> excerpts;
  auto add = [&](Range range, std::string_view text, bool isPrimary) {
    if (!range.valid()) return;
    uint32_t line = sources.lineColumn(range.file, range.begin).line;
    addMark(excerpts, {range, line, text, isPrimary});
  };
  add(d.at, d.label, true);
  for (const Label& label : d.labels) add(label.range, label.text, false);
  for (Excerpt& excerpt : excerpts) {
    std::stable_sort(excerpt.marks.begin(), excerpt.marks.end(), [](const Mark& a, const Mark& b) {
      return std::tie(a.line, a.range.begin) < std::tie(b.line, b.range.begin);
    });
  }
  return excerpts;
}

class TextSink {
 public:
  TextSink(const Sources& sources, bool colour) : sources_(sources), isColoured_(colour) {}

  void write(const Diagnostic& d) {
    severityColour_ = colourOf(d.severity);
    if (!out_.empty()) out_ += '\n';
    out_ += paint(severityColour_, fmt::format("{}[{}]", toString(d.severity), d.id));
    out_ += paint(kBold, ": " + printable(d.text)) + "\n";

    std::vector<Excerpt> excerpts = excerptsOf(sources_, d);
    uint32_t lastLine = 1;
    for (const Excerpt& excerpt : excerpts) {
      lastLine = std::max(lastLine, excerpt.marks.back().line);
    }
    gutter_ = std::to_string(lastLine).size();
    for (size_t i = 0; i < excerpts.size(); ++i) writeExcerpt(excerpts[i], i == 0);
    if (!excerpts.empty() && !(d.note.empty() && d.help.empty())) writeGutter("");
    writeRemark("", d.note);
    writeRemark("help: ", d.help);
    if (d.fix) writeFix(*d.fix);
  }

  std::string take() { return std::move(out_); }

 private:
  std::string paint(std::string_view colour, std::string_view text) const {
    if (!isColoured_) return std::string(text);
    return fmt::format("{}{}{}", colour, text, kReset);
  }

  /// A line below the gutter's bar, or the bar alone.
  void writeGutter(std::string_view text) {
    out_ += std::string(gutter_, ' ') + paint(kBlue, "│");
    if (!text.empty()) fmt::format_to(std::back_inserter(out_), " {}", text);
    out_ += '\n';
  }

  void writeExcerpt(const Excerpt& excerpt, bool isFirst) {
    const std::vector<Mark>& marks = excerpt.marks;
    auto shown =
        std::find_if(marks.begin(), marks.end(), [](const Mark& m) { return m.isPrimary; });
    if (shown == marks.end()) shown = marks.begin();
    source::LineColumn at = sources_.lineColumn(excerpt.file, shown->range.begin);
    out_ += std::string(gutter_, ' ') + paint(kBlue, "┌─ ");
    fmt::format_to(std::back_inserter(out_), "{}:{}:{}\n", printable(sources_.path(excerpt.file)),
                   at.line, at.column);
    if (isFirst) writeGutter("");

    uint32_t previous = 0;
    for (const Mark& mark : marks) {
      if (mark.line != previous) {
        writeContext(mark, previous);
        writeLine(excerpt.file, mark.line, mark.range.begin);
      }
      previous = mark.line;
      writeMark(mark);
    }
  }

  /// What stands between the line shown last and this one: the line before a primary place, and a
  /// sign that lines were left out.
  void writeContext(const Mark& mark, uint32_t previous) {
    uint32_t before = mark.line - 1;
    bool isShown = mark.isPrimary && before > previous && before > 0 &&
                   !isBlank(sources_.lineText(mark.range.file, before));
    uint32_t next = isShown ? before : mark.line;
    if (previous != 0 && next > previous + 1) {
      out_ += std::string(gutter_, ' ') + paint(kBlue, "·") + "\n";
    }
    if (isShown) writeLine(mark.range.file, before, sources_.lineStart(mark.range.file, before));
  }

  static bool isBlank(std::string_view line) {
    return line.find_first_not_of(" \t") == std::string_view::npos;
  }

  void writeLine(source::FileId file, uint32_t line, uint32_t focus) {
    DisplayLine display(sources_.lineText(file, line), focus - sources_.lineStart(file, line));
    std::string text = display.text();
    out_ += paint(kBlue, fmt::format("{:>{}}│", line, gutter_));
    if (!text.empty()) out_ += " " + text;
    out_ += '\n';
  }

  void writeMark(const Mark& mark) {
    uint32_t start = sources_.lineStart(mark.range.file, mark.line);
    std::string_view line = sources_.lineText(mark.range.file, mark.line);
    size_t begin = mark.range.begin - start;
    // A place of several lines is marked to the end of its first.
    size_t end = std::min<size_t>(mark.range.end - start, line.size());
    DisplayLine display(line, focusOf(mark.range.file, mark.line, begin));
    size_t from = display.column(begin);
    size_t to = std::max(end > begin ? display.column(end) : 0, from + 1);
    std::string row = std::string(to - from, mark.isPrimary ? '^' : '-');
    if (!mark.text.empty()) row += " " + printable(mark.text);
    writeGutter(std::string(from, ' ') + paint(mark.isPrimary ? severityColour_ : kBlue, row));
  }

  /// The focus the line was shown with: that of its first mark.
  size_t focusOf(source::FileId file, uint32_t line, size_t begin) {
    if (focusFile_ != file || focusLine_ != line) {
      focusFile_ = file;
      focusLine_ = line;
      focus_ = begin;
    }
    return focus_;
  }

  void writeRemark(std::string_view kind, std::string_view text) {
    std::string lead = std::string(gutter_, ' ') + paint(kBlue, "= ");
    std::string shown = printable(text);
    for (std::string_view rest = shown; !rest.empty();) {
      size_t end = std::min(rest.find('\n'), rest.size());
      fmt::format_to(std::back_inserter(out_), "{}{}{}\n", lead, kind, rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      lead = std::string(gutter_ + 2, ' ');
      kind = "";
    }
  }

  void writeFix(const Fix& fix) {
    std::string old(sources_.text(fix.range));
    std::string shown = fix.text.empty() ? "remove `" + old + "`"
                        : old.empty()    ? "insert `" + fix.text + "`"
                                         : fix.text;
    out_ += paint(kGreen, "fix: ");
    for (char c : printable(shown)) {
      out_ += c;
      if (c == '\n') out_ += "     ";
    }
    out_ += '\n';
  }

  const Sources& sources_;
  bool isColoured_;
  std::string_view severityColour_;
  size_t gutter_ = 1;
  source::FileId focusFile_ = 0;
  uint32_t focusLine_ = 0;
  size_t focus_ = 0;
  std::string out_;
};

}  // namespace

std::string renderText(const Sources& sources, const std::vector<Diagnostic>& diagnostics,
                       bool colour) {
  TextSink sink(sources, colour);
  for (const Diagnostic& diagnostic : diagnostics) sink.write(diagnostic);
  return sink.take();
}

}  // namespace wfc::diag
