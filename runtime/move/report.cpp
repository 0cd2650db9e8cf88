// See report.h.
#include "runtime/move/report.h"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/base/json.h"

namespace wfc::move {

namespace {

constexpr size_t kShown = 10;
constexpr long kBtrfs = 0x9123683E, kXfs = 0x58465342;

}  // namespace

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string bytesText(uint64_t bytes) {
  static const char* const kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 999.95 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string countText(uint64_t count) {
  std::string digits = fmt::format("{}", count), text;
  for (size_t n = 0; n < digits.size(); ++n) {
    if (n != 0 && (digits.size() - n) % 3 == 0) text += ',';
    text += digits[n];
  }
  return text;
}

bool checkRoom(Work& work, int folder, const std::string& path, const Room& need) {
  struct statvfs room{};
  struct statfs kind{};
  if (::fstatvfs(folder, &room) != 0 || ::fstatfs(folder, &kind) != 0) return true;
  // Blocks may be shared there.
  bool isShared = kind.f_type == kBtrfs || kind.f_type == kXfs;
  bool isRoot = ::geteuid() == 0;
  uint64_t blocks = isRoot ? room.f_bfree : room.f_bavail;
  uint64_t inodes = isRoot ? room.f_ffree : room.f_favail;
  uint64_t bytes = blocks * room.f_frsize;
  if (need.bytes > bytes && !isShared)
    return work.refuse(
        path,
        fmt::format("needs {}, and {} are free there", bytesText(need.bytes), bytesText(bytes)),
        "free some there, or choose another place; nothing was written");
  // Some file systems make inodes as they go, and count none.
  if (room.f_files != 0 && need.inodes > inodes)
    return work.refuse(path,
                       fmt::format("needs {} inodes, and {} are free there", countText(need.inodes),
                                   countText(inodes)),
                       "remove files there, or pack the folder instead (`wfr move pack`)");
  return true;
}

Progress::Progress(const Work& work, std::string verb)
    : work_(work), verb_(std::move(verb)), begun_(secondsNow()) {
  const char* term = ::getenv("TERM");
  bool isTerminal = ::isatty(2) != 0 && term != nullptr && llvm::StringRef(term) != "dumb";
  if (isTerminal && !work.options.isQuiet) thread_ = std::thread([this] { loop(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    isOver_ = true;
  }
  over_.notify_all();
  thread_.join();
  fmt::print(stderr, "\r\033[K");
}

void Progress::loop() {
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, std::chrono::milliseconds(250), [this] { return isOver_; })) {
    fmt::print(stderr, "\r\033[K{}", line());
    std::fflush(stderr);
  }
}

std::string Progress::line() const {
  const Counts& count = work_.count;
  uint64_t bytes = count.bytes, todo = count.todoBytes;
  double seconds = secondsNow() - begun_;
  double rate = seconds > 0 ? static_cast<double>(bytes) / seconds : 0;
  if (todo == 0) return fmt::format("{}: looking", verb_);
  std::string left;
  if (rate > 0 && todo > bytes && seconds > 2)
    left = fmt::format(", {:.0f} s left", static_cast<double>(todo - bytes) / rate);
  return fmt::format("{}: {} of {} files, {} of {}, {}/s{}", verb_, countText(count.files),
                     countText(count.todoFiles), bytesText(bytes), bytesText(todo),
                     bytesText(static_cast<uint64_t>(rate)), left);
}

namespace {

const char* verifiedBy(Verify verify) {
  return verify == Verify::Disk ? "disk" : verify == Verify::Written ? "written" : "none";
}

const char* wordFor(int status) {
  return status == Good      ? "done"
         : status == Stopped ? "stopped"
         : status == Refused ? "refused"
                             : "failed";
}

/// What is there now; and unless `isFor` keeps it out, how it came there, which differs from one
/// time to another.
void printJson(const Work& work, const Summary& summary, SummaryFor isFor, llvm::raw_ostream& out) {
  const Counts& count = work.count;
  auto text = [](const std::string& bytes) { return llvm::json::fixUTF8(bytes); };
  llvm::json::OStream json(out, 2);
  json.object([&] {
    json.attribute("verb", summary.verb);
    if (isFor == SummaryFor::Reading) json.attribute("source", text(summary.from));
    json.attribute("destination", text(summary.to));
    json.attribute("outcome", wordFor(work.status()));
    json.attribute("files", count.files.load());
    json.attribute("folders", count.folders.load());
    json.attribute("links", count.links.load());
    json.attribute("hard_links", count.hardLinks.load());
    json.attribute("bytes", count.bytes.load());
    if (summary.hash.empty())
      json.attribute("hash", nullptr);
    else
      json.attribute("hash", "blake3:" + summary.hash);
    json.attribute("verified", verifiedBy(work.options.verify));
    json.attribute("skipped", count.skipped.load());
    json.attribute("merged", count.merged.load());
    json.attribute("rows", count.rows.load());
    if (isFor == SummaryFor::Keeping) return;
    base::writeNumber(json, "seconds", summary.seconds);
    json.attribute("was_there", summary.wasThere);
    json.attribute("same", count.same.load());
    json.attribute("removed", count.removed.load());
    json.attribute("cloned", count.cloned.load());
    json.attributeObject("resumed", [&] {
      json.attribute("files", count.resumed.load());
      json.attribute("bytes", count.resumedBytes.load());
    });
    json.attributeObject("forecast", [&] {
      json.attribute("files", count.todoFiles.load());
      json.attribute("bytes", count.todoBytes.load());
      json.attribute("new_inodes", count.todoInodes.load());
    });
    json.attributeArray("problems", [&] {
      for (const Problem& problem : work.problems())
        json.object([&] {
          json.attribute("path", text(problem.path));
          json.attribute("problem", problem.what);
          if (!problem.fix.empty()) json.attribute("fix", text(problem.fix));
        });
    });
  });
  out << "\n";
  out.flush();
}

void printProblems(const Work& work) {
  std::vector<Problem> problems = work.problems();
  for (size_t n = 0; n < problems.size() && n < kShown; ++n) {
    const Problem& problem = problems[n];
    fmt::print(stderr, "wfr: {}: {}\n", shown(problem.path), problem.what);
    if (!problem.fix.empty()) fmt::print(stderr, "  {}\n", problem.fix);
  }
  if (problems.size() > kShown)
    fmt::print(stderr, "wfr: and {} more; --json names all\n", countText(problems.size() - kShown));
}

std::string doneText(const Work& work, const Summary& summary) {
  const Counts& count = work.count;
  uint64_t bytes = count.bytes;
  std::string text = fmt::format("{} files, {}", countText(count.files), bytesText(bytes));
  if (count.links > 0) text += fmt::format(", {} links", countText(count.links));
  if (count.resumed > 0) text += fmt::format(", {} of them there before", countText(count.resumed));
  if (count.same > 0) text += fmt::format(", {} left as they are", countText(count.same));
  if (count.skipped > 0) text += fmt::format(", {} left out", countText(count.skipped));
  if (count.merged > 0)
    text +=
        fmt::format(", {} merged, {} rows more", countText(count.merged), countText(count.rows));
  if (count.removed > 0) text += fmt::format(", {} removed", countText(count.removed));
  text += fmt::format(" in {:.1f} s", summary.seconds);
  if (summary.seconds > 0 && bytes > 0)
    text += fmt::format(
        " ({}/s)", bytesText(static_cast<uint64_t>(static_cast<double>(bytes) / summary.seconds)));
  if (!summary.hash.empty()) text += ", blake3 " + summary.hash.substr(0, 16) + "…";
  return text;
}

}  // namespace

std::string shown(const std::string& path) {
  std::string text;
  for (char c : path) {
    bool isControl = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    text += isControl ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return text;
}

void print(const Work& work, const Summary& summary, bool isJson) {
  if (isJson) printJson(work, summary, SummaryFor::Reading, llvm::outs());
  printProblems(work);
  if (work.status() == Stopped)
    fmt::print(stderr, "wfr: stopped; the same command goes on from what is there\n");
  if (work.status() != Good || isJson || work.options.isQuiet) return;
  if (summary.wasThere)
    fmt::print(stderr, "{}: {} is there already, with the same content\n", summary.verb,
               shown(summary.to));
  else
    fmt::print(stderr, "{}: {}\n", summary.verb, doneText(work, summary));
}

void writeSummary(Work& work, const Summary& summary, SummaryFor isFor, const std::string& path) {
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (!error) {
    printJson(work, summary, isFor, file);
    error = file.error();
    file.clear_error();
  }
  if (error) work.fail(path, "cannot be written: " + error.message());
}

}  // namespace wfc::move
