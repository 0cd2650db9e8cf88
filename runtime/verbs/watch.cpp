// watch: a run as it goes on, on a terminal; elsewhere a plain line for each change.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "compiler/ir/eval.h"

#include "runtime/report/report.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

volatile std::sig_atomic_t isResized = 0;
void onResize(int) { isResized = 1; }

std::string ageText(int64_t ms) {
  int64_t s = std::max<int64_t>(0, ms) / 1000;
  if (s < 60) return fmt::format("{}s", s);
  if (s < 3600) return fmt::format("{}m{:02}s", s / 60, s % 60);
  return fmt::format("{}h{:02}m", s / 3600, s / 60 % 60);
}

/// One look at a run, as lines of a terminal so wide and high.
class Look {
 public:
  Look(const RunView& view, bool hasColor) : view_(view), e_(*view.engine), hasColor_(hasColor) {
    e_.forEach([&](InstanceId id) { add(id); });
    for (const auto& [id, last] : e_.endedLast(kMost)) {
      if (last.started == 0) continue;
      keep(ends_,
           {-last.ended, fmt::format("{} {} after {}", e_.idOf(id), ir::name(last.outcome).str(),
                                     ageText(last.ended - last.started))});
    }
  }

  std::string lines(int width, int height) {
    std::string out = head();
    int left = height - 4;
    out += "\n";
    size_t name = 6;
    for (const auto& [family, counts] : families_) name = std::max(name, nameOf(family).size());
    name = std::min(name, static_cast<size_t>(std::max(8, width / 3)));
    size_t most = static_cast<size_t>(std::max(1, left - 8));
    for (size_t n = 0; n < families_.size() && n < most; ++n, --left) {
      const auto& [family, counts] = families_[n];
      out += fmt::format("  {:<{}.{}}  {}  {}\n", nameOf(family), name, name,
                         bar(counts, std::max(8, width / 4)), wordsOf(counts));
    }
    if (families_.size() > most) {
      out += fmt::format("  and {} more families\n", families_.size() - most);
      --left;
    }
    out += block("running", running_, (left - 3) / 2);
    out += block("ended last", ends_, (left - 3) / 2);
    return cut(out, width, height);
  }

  std::string summary() const {
    std::map<std::string, uint64_t> all;
    for (const auto& [family, counts] : families_)
      for (const auto& [state, count] : counts) all[state] += count;
    return wordsOf(all);
  }

  bool isOver() const { return view_.engine->state().isClosed; }

 private:
  using CountsOf = std::map<std::string, uint64_t>;
  struct Line {
    int64_t when;
    std::string text;
  };

  const std::string& nameOf(uint32_t family) const {
    return view_.plan->module().families[family].name;
  }

  void add(InstanceId id) {
    const Instance& instance = e_.state().at(id);
    if (view_.plan->module().families[id.family].role == ir::Family::Hook) return;
    if (families_.empty() || families_.back().first != id.family)
      families_.push_back({id.family, {}});
    std::string state = stateName(instance).str();
    ++families_.back().second[state];
    ++total_;
    ended_ += instance.phase == Phase::Ended;
    if (state != "running") return;
    int64_t started = e_.attemptsOf(id).back().started;
    if (started != 0)
      keep(running_, {started, fmt::format("{} {}", e_.idOf(id), ageText(now_ - started))});
  }

  /// More are not shown.
  static constexpr size_t kMost = 20;
  /// The foremost.
  static void keep(std::vector<Line>& lines, Line line) {
    auto place = std::upper_bound(lines.begin(), lines.end(), line,
                                  [](const Line& a, const Line& b) { return a.when < b.when; });
    if (place == lines.end() && lines.size() >= kMost) return;
    lines.insert(place, std::move(line));
    if (lines.size() > kMost) lines.pop_back();
  }

  std::string painted(const std::string& text, const char* code) const {
    return hasColor_ && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }

  std::string head() const {
    std::string eta;
    // As fast as so far.
    if (ended_ > 0 && ended_ < total_ && e_.firstStarted() > 0 && stateOfRun(view_) == "running")
      eta = fmt::format(", about {} left",
                        ageText((now_ - e_.firstStarted()) * static_cast<int64_t>(total_ - ended_) /
                                static_cast<int64_t>(ended_)));
    return fmt::format("{} on {}: {}  {}\n", painted(view_.header.flow, "1"), view_.header.target,
                       stateOfRun(view_).str(),
                       painted(fmt::format("{} of {} ended{}", ended_, total_, eta), "2"));
  }

  std::string bar(const CountsOf& counts, int width) const {
    uint64_t total = 0, done = 0, bad = 0;
    for (const auto& [state, count] : counts) {
      total += count;
      if (state == "ok" || state == "no_data" || state == "skipped") done += count;
      if (state == "failed" || state == "cancelled") bad += count;
    }
    auto cells = [&](uint64_t count) {
      return static_cast<int>((count * static_cast<uint64_t>(width) + total - 1) / total);
    };
    int badCells = std::min(width, cells(bad));
    int doneCells =
        std::min(width - badCells, static_cast<int>(done * static_cast<uint64_t>(width) / total));
    std::string full, broken, empty;
    for (int n = 0; n < doneCells; ++n) full += "━";
    for (int n = 0; n < badCells; ++n) broken += hasColor_ ? "━" : "x";
    for (int n = doneCells + badCells; n < width; ++n) empty += hasColor_ ? "━" : "·";
    return painted(full, "32") + painted(broken, "31") + painted(empty, "90");
  }

  std::string wordsOf(const CountsOf& counts) const {
    std::string text;
    for (const auto& [state, count] : counts) {
      std::string word = fmt::format("{} {}", count, state);
      text += (text.empty() ? "" : ", ") + (state == "failed"    ? painted(word, "31")
                                            : state == "running" ? painted(word, "36")
                                                                 : word);
    }
    return text;
  }

  std::string block(const char* title, const std::vector<Line>& lines, int most) const {
    if (lines.empty() || most < 2) return {};
    std::string text = fmt::format("\n{}\n", painted(title, "2"));
    for (size_t n = 0; n < lines.size() && n + 1 < static_cast<size_t>(most); ++n)
      text += "  " + lines[n].text + "\n";
    return text;
  }

  /// No line is longer than the terminal; colours take no room.
  static std::string cut(const std::string& text, int width, int height) {
    std::string out;
    int column = 0, row = 0;
    bool isCode = false;
    for (char c : text) {
      if (c == '\n') {
        if (++row >= height - 1) break;
        out += "\x1b[0m\x1b[K\n";
        column = 0;
        continue;
      }
      if (c == '\x1b') isCode = true;
      bool isFirst = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      if (!isCode && isFirst) ++column;
      if (isCode || column <= width) out += c;
      if (isCode && c == 'm') isCode = false;
    }
    return out;
  }

  const RunView& view_;
  const Engine& e_;
  bool hasColor_;
  int64_t now_ = nowMs();
  uint64_t total_ = 0, ended_ = 0;
  std::vector<std::pair<uint32_t, CountsOf>> families_;
  std::vector<Line> running_, ends_;
};

/// The terminal, without echo and on its other screen, until the end.
class Screen {
 public:
  Screen() {
    ::tcgetattr(0, &old_);
    termios raw = old_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(0, TCSANOW, &raw);
    fmt::print("\x1b[?1049h\x1b[?25l");
  }
  ~Screen() {
    fmt::print("\x1b[?25h\x1b[?1049l");
    std::fflush(stdout);
    ::tcsetattr(0, TCSANOW, &old_);
  }
  void draw(const std::string& text) const {
    fmt::print("\x1b[H{}\x1b[J{}", text, "q quits");
    std::fflush(stdout);
  }
  /// Waits; true if a person wants to leave.
  bool wantsEnd(int64_t ms) const {
    pollfd in{0, POLLIN, 0};
    for (int64_t left = ms; left > 0 && isResized == 0; left -= 100) {
      if (::poll(&in, 1, static_cast<int>(std::min<int64_t>(left, 100))) <= 0) continue;
      char key = 0;
      if (::read(0, &key, 1) <= 0 || key == 'q' || key == 3) return true;
    }
    isResized = 0;
    return false;
  }

 private:
  termios old_{};
};

int watchPlain(const std::string& run) {
  std::string before, error;
  while (true) {
    int64_t began = nowMs();
    std::unique_ptr<RunView> view = RunView::read(run, error);
    if (!view) return wrongUse(error);
    view->engine->settle(nowMs());
    Look look(*view, false);
    std::string text = fmt::format("{}: {}", stateOfRun(*view).str(), look.summary());
    if (text != before) fmt::print("{}\n", before = text);
    std::fflush(stdout);
    if (look.isOver() || stateOfRun(*view) != "running") return abi::Good;
    ::usleep(static_cast<useconds_t>(std::max<int64_t>(1000, (nowMs() - began) * 20) * 1000));
  }
}

}  // namespace

int verbWatch(const Given& given) {
  std::string run = absolute(given.words[0]), error;
  if (!::isatty(1) || !::isatty(0)) return watchPlain(run);
  const char* plain = std::getenv("NO_COLOR");
  bool hasColor = plain == nullptr || *plain == '\0';
  if (!RunView::read(run, error)) return wrongUse(error);
  std::signal(SIGWINCH, onResize);
  Screen screen;
  while (true) {
    int64_t began = nowMs();
    std::unique_ptr<RunView> view = RunView::read(run, error);
    if (view) {
      view->engine->settle(nowMs());
      winsize size{};
      ::ioctl(1, TIOCGWINSZ, &size);
      int width = size.ws_col == 0 ? 80 : size.ws_col, height = size.ws_row == 0 ? 24 : size.ws_row;
      screen.draw(Look(*view, hasColor).lines(width, height));
    }
    if (screen.wantsEnd(std::max<int64_t>(1000, (nowMs() - began) * 20))) return abi::Good;
  }
}

}  // namespace wfc::run
