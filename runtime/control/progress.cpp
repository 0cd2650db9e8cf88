// See progress.h. Counting a million instances for every redraw would cost more than the tasks, so
// the block is drawn at most five times a second, and less often the longer a count takes.
#include "runtime/control/progress.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

std::string timeText(int64_t ms) {
  int64_t s = ms / 1000;
  if (s >= 3600) return fmt::format("{}h{:02}min", s / 3600, s / 60 % 60);
  if (s >= 60) return fmt::format("{}min{:02}s", s / 60, s % 60);
  return fmt::format("{}s", s);
}

}  // namespace

Progress::Progress(const Engine& engine) : engine_(engine), begun_(nowMs()) {
  const char* term = ::getenv("TERM");
  isTerminal_ =
      ::isatty(STDERR_FILENO) != 0 && (term == nullptr || std::string_view(term) != "dumb");
  const char* noColor = ::getenv("NO_COLOR");
  hasColor_ = isTerminal_ && (noColor == nullptr || *noColor == '\0');
}

std::string Progress::painted(const std::string& text, const char* code) const {
  return hasColor_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string Progress::summary() const {
  Counts counts = engine_.counts();
  std::string text;
  auto add = [&](uint64_t count, const char* word, const char* code) {
    if (count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, painted(word, code));
  };
  uint64_t failed = 0;
  for (auto outcome : {ir::Outcome::Failed, ir::Outcome::TimedOut, ir::Outcome::OutOfMemory,
                       ir::Outcome::Preempted, ir::Outcome::NodeLost})
    failed += counts.ended[static_cast<size_t>(outcome)];
  add(counts.ended[static_cast<size_t>(ir::Outcome::Ok)], "ok", "32");
  add(counts.ended[static_cast<size_t>(ir::Outcome::NoData)], "no data", "36");
  add(failed, "failed", "31");
  add(counts.ended[static_cast<size_t>(ir::Outcome::Cancelled)], "cancelled", "33");
  add(counts.ended[static_cast<size_t>(ir::Outcome::Skipped)], "skipped", "36");
  add(counts.running, "running", "34");
  add(counts.ready + counts.delayed, "ready", "0");
  add(counts.waiting, "waiting", "0");
  return fmt::format("{} of {}", text.empty() ? "0" : text, counts.total);
}

std::string Progress::remaining(int64_t now) const {
  Counts counts = engine_.counts();
  uint64_t left = counts.waiting + counts.ready + counts.delayed + counts.running;
  if (ends_ < 2 || left == 0) return {};
  return fmt::format(
      ", about {} left",
      timeText(static_cast<int64_t>(static_cast<double>(now - begun_) / static_cast<double>(ends_) *
                                    static_cast<double>(left))));
}

void Progress::clear() {
  if (lines_ > 0) fmt::print(stderr, "\x1b[{}A\r\x1b[J", lines_);
  lines_ = 0;
}

void Progress::say(const std::string& line) {
  if (isTerminal_) clear();
  fmt::print(stderr, "{}\n", line);
}

void Progress::started(InstanceId instance, uint32_t, int64_t now) {
  if (isTerminal_) running_[instance] = now;
}

void Progress::ended(InstanceId instance, const Record& record, int64_t) {
  ++ends_;
  if (isTerminal_) running_.erase(instance);
  bool isGood =
      record.outcome == ir::Outcome::Ok || record.outcome == ir::Outcome::NoData || record.slice;
  if (isGood && (isTerminal_ || record.outcome == ir::Outcome::Ok)) return;
  std::string line = fmt::format("{}: {}", engine_.idOf(instance),
                                 painted(ir::name(record.outcome).str(), isGood ? "36" : "31"));
  if (!record.text.empty()) line += fmt::format(", {}", record.text.str());
  Phase phase = engine_.state().at(instance).phase;
  if (!isGood && phase != Phase::Ended)
    line += fmt::format(" (attempt {}, it is tried again)", record.attempt);
  say(line);
}

void Progress::tick(int64_t now) {
  if (!isTerminal_) {
    // Elsewhere a sign of life now and then.
    if (drawn_ == 0) drawn_ = now;
    if (now - drawn_ < 30000) return;
    drawn_ = now;
    fmt::print(stderr, "{}{}\n", summary(), remaining(now));
    return;
  }
  if (now - drawn_ < 200) return;
  std::string block = fmt::format("{}{}\n", summary(), remaining(now));
  int lines = 1;
  for (const auto& [instance, since] : running_) {
    if (lines > 8) {
      block += fmt::format("  and {} more\n", running_.size() - 8);
      ++lines;
      break;
    }
    block += fmt::format("  {} {}\n", engine_.idOf(instance), timeText(now - since));
    ++lines;
  }
  clear();
  fmt::print(stderr, "{}", block);
  lines_ = lines;
  int64_t took = nowMs() - now;
  drawn_ = now + took * 20;
}

void Progress::finish(int64_t now) {
  if (isTerminal_) clear();
  fmt::print(stderr, "{} in {}\n", summary(), timeText(now - begun_));
}

}  // namespace wfc::run
