// One run of shellcheck over all scripts, as files of a temporary folder.
#include "compiler/driver/shellcheck.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

#include "fmt/format.h"
#include "llvm/Support/JSON.h"

#include "compiler/diag/catalog/check.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/process.h"
#include "compiler/ir/body.h"

namespace wfc::driver {

namespace {

namespace fs = std::filesystem;

/// Files that are sourced (they are not there), and variables that somebody else sets or reads: the
/// runtime does, and the check has its own rules for the others.
constexpr const char* kExcluded = "--exclude=SC1090,SC1091,SC2034,SC2154";

/// A folder that goes when this does.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "wfc-XXXXXX").string();
    if (!error && ::mkdtemp(name.data())) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  /// Empty if it could not be made.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A script as shellcheck gets it, and the way back.
class Listing {
 public:
  explicit Listing(const check::Script& script) : script_(script) {
    text_ = "#!/bin/bash\nset -euo pipefail\n";
    for (const ir::Hole& hole : script.body.holes)
      if (hole.list) text_ += hole.variable + "=()\n";
    head_ = text_.size();
    text_ += ir::bodyCode(script.body, &pieces_);
    size_t at = 0;
    for (const ir::Piece& piece : script.body.pieces) {
      starts_.push_back(at);
      at += piece.hole >= 0 ? 1 : piece.text.size();
    }
  }

  const std::string& text() const { return text_; }

  /// Where the bytes between two places of the text stand in the source; nowhere if they begin in a
  /// hole, or outside of the script.
  source::Range range(size_t begin, size_t end) const {
    std::optional<size_t> first = sourceByte(begin), last = sourceByte(std::max(begin, end - 1));
    if (!first || script_.body.pieces[pieceAt(begin)].hole >= 0) return {};
    return {script_.file, script_.at[*first], script_.end[last ? std::max(*first, *last) : *first]};
  }

  /// The byte at a 1-based line and column, which counts code points.
  size_t byteAt(int64_t line, int64_t column) const {
    size_t at = 0;
    for (; line > 1 && at < text_.size(); --line) at = text_.find('\n', at) + 1;
    for (; column > 1 && at < text_.size(); --column) {
      ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) ++at;
    }
    return at;
  }

 private:
  size_t pieceAt(size_t byte) const {
    size_t n = 0;
    while (n + 1 < pieces_.size() && pieces_[n].end + head_ <= byte) ++n;
    return n;
  }

  std::optional<size_t> sourceByte(size_t byte) const {
    if (byte < head_ || pieces_.empty() || script_.at.empty()) return std::nullopt;
    size_t n = pieceAt(byte);
    size_t inside = std::min(byte, pieces_[n].end + head_) - head_ - pieces_[n].begin;
    if (script_.body.pieces[n].hole >= 0) inside = 0;
    return std::min(starts_[n] + inside, script_.at.size() - 1);
  }

  const check::Script& script_;
  std::string text_;
  size_t head_ = 0;
  std::vector<ir::CodePiece> pieces_;
  std::vector<size_t> starts_;  ///< of each piece, in the bytes that Script::at counts
};

std::optional<diag::Diagnostic> reportOf(const Session& session, const Listing& listing,
                                         const llvm::json::Object& finding) {
  auto number = [&](const char* key) { return finding.getInteger(key).value_or(1); };
  source::Range at = listing.range(listing.byteAt(number("line"), number("column")),
                                   listing.byteAt(number("endLine"), number("endColumn")));
  if (!at.valid() || session.emitter.isReported(at)) return std::nullopt;
  std::string level = finding.getString("level").value_or("warning").str();
  diag::Diagnostic report =
      diag::ShellcheckFinding{.code = fmt::format("SC{}", number("code")),
                              .message = finding.getString("message").value_or("").rtrim('.').str()}
          .build(at);
  report.severity = level == "error"     ? diag::Severity::Error
                    : level == "warning" ? diag::Severity::Warning
                                         : diag::Severity::Note;
  return report;
}

/// Empty, or why there is no answer.
std::string ask(Session& session, const std::vector<Listing>& listings) {
  TemporaryFolder folder;
  if (folder.path().empty()) return "there is no temporary folder";
  std::vector<std::string> argv = {"shellcheck", "--norc", "--format=json1", kExcluded, "--"};
  for (size_t n = 0; n < listings.size(); ++n) {
    argv.push_back(fmt::format("{}/{}", folder.path(), n));
    if (std::error_code error = session.files->write(argv.back(), listings[n].text()))
      return error.message();
  }
  std::optional<Ran> ran = runProgram(argv);
  if (!ran) return std::strerror(errno);
  // 1 says that it found something.
  if (ran->status > 1) return fmt::format("exit status {}", ran->status);
  llvm::Expected<llvm::json::Value> answer = llvm::json::parse(ran->output);
  const llvm::json::Array* findings =
      answer && answer->getAsObject() ? answer->getAsObject()->getArray("comments") : nullptr;
  if (!answer) llvm::consumeError(answer.takeError());
  if (!findings) return "its answer is no list of findings";
  std::vector<diag::Diagnostic> reports;
  for (const llvm::json::Value& each : *findings) {
    const llvm::json::Object* finding = each.getAsObject();
    llvm::StringRef file = finding ? finding->getString("file").value_or("") : "";
    size_t n = 0;
    if (file.rsplit('/').second.getAsInteger(10, n) || n >= listings.size()) continue;
    if (auto report = reportOf(session, listings[n], *finding)) reports.push_back(*report);
  }
  for (diag::Diagnostic& report : reports) session.emitter.add(std::move(report));
  return {};
}

}  // namespace

bool findShellcheck(Session& session, std::string& wish) {
  if (wish != "auto" && wish != "always" && wish != "never") {
    rejectValue(session.emitter, "--shellcheck", wish, {"auto", "always", "never"});
    return false;
  }
  if (wish == "never" || !programOnPath("shellcheck").empty()) return true;
  if (wish == "always")
    session.emitter.report({}, diag::NoShellcheck{.why = "it is not on PATH"});
  else
    wish = "never";
  return wish == "never";
}

void runShellcheck(Session& session, const std::vector<check::Script>& scripts) {
  std::vector<Listing> listings;
  std::set<std::pair<source::FileId, uint32_t>> seen;
  for (const check::Script& script : scripts) {
    // The standard library is not for users to mend.
    bool isOurs = session.sources.path(script.file).starts_with("<stdlib>");
    if (!isOurs && !script.at.empty() && seen.emplace(script.file, script.at.front()).second)
      listings.emplace_back(script);
  }
  if (listings.empty()) return;
  if (std::string why = ask(session, listings); !why.empty())
    session.emitter.report({}, diag::NoShellcheck{.why = std::move(why)});
}

}  // namespace wfc::driver
