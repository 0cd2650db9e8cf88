// The table's text: one line an event, words separated by tabs, a line without its newline is torn
// and ignored.
//
//   open PROCESS      intent TOKEN KIND FAMILY OFFSET RANGES|- held|ready      id TOKEN ID|-
//   gone JOB          hold JOB          free JOB          released          closed
//   begun JOB         end JOB OUTCOME counted|uncounted TIME WHY            past POOL
#include "targets/slurm/backend/table.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/ledger/folder.h"
#include "runtime/ledger/record.h"
#include "runtime/ledger/series.h"
#include "targets/slurm/backend/ahead.h"
#include "targets/slurm/backend/files.h"

namespace wfc::slurm {

namespace {

using llvm::StringRef;

constexpr StringRef kKinds[] = {"work", "sweep", "end", "pool"};

std::vector<uint32_t> parseRanges(StringRef text) {
  std::vector<uint32_t> indices;
  llvm::SmallVector<StringRef> parts;
  text.split(parts, ',', -1, false);
  for (StringRef part : parts) {
    auto [first, last] = part.split('-');
    uint32_t from = 0, to = 0;
    if (first.getAsInteger(10, from)) continue;
    if (last.empty() || last.getAsInteger(10, to)) to = from;
    for (uint32_t n = from; n <= to; ++n) indices.push_back(n);
  }
  return indices;
}

/// More files than this are folded.
constexpr size_t kHandful = 8;

run::Series seriesOf(const std::string& run) { return {jobsFolder(run), "", 6}; }

/// Its appender said so, or is gone. One on another host that said nothing was killed, or works and
/// is soon done: it is left alone.
bool isClosed(const run::Series::File& file) {
  StringRef text = file.text->getBuffer();
  if (text.ends_with("closed\n") ||
      text.drop_front(std::min<size_t>(9, text.size())).starts_with("fold\t"))
    return true;
  auto [word, name] = text.take_front(text.find('\n')).split('\t');
  std::optional<run::ProcessName> appender =
      run::ProcessName::parse(std::string_view(name.data(), name.size()));
  return word == "open" && appender && run::lives(*appender) == 0;
}

}  // namespace

bool Entry::carries(uint32_t iteration) const {
  return iteration >= offset &&
         std::binary_search(indices.begin(), indices.end(), iteration - offset);
}

std::string Entry::jobOf(uint32_t iteration) const {
  return isSingle ? id : fmt::format("{}_{}", id, iteration - offset);
}

Table::Table(std::string run) : run_(std::move(run)) {
  std::string header =
      run::readFile(fmt::format("{}/{}", run_, run::abi::kHeaderFile)).value_or("");
  prefix_ = fmt::format("wfr {:08x}/", run::checksum(run_ + "\n" + header));
  std::vector<run::Series::File> files;
  isSound_ = seriesOf(run_).read(files).empty();
  for (const run::Series::File& file : files) {
    number_ = file.number;
    readText(file.text->getBuffer());
  }
}

Table::~Table() {
  if (fd_ < 0) return;
  append("closed");
  ::close(fd_);
}

void Table::fold(const std::string& run) { seriesOf(run).fold(kHandful, isClosed); }

void Table::readText(StringRef rest) {
  for (size_t end = rest.find('\n'); end != StringRef::npos; end = rest.find('\n')) {
    take(rest.take_front(end));
    rest = rest.drop_front(end + 1);
  }
}

void Table::take(StringRef line) {
  llvm::SmallVector<StringRef> words;
  line.split(words, '\t');
  if (words[0] == "released") released_ = entries_.size();
  if (words[0] == "gone" && words.size() == 2) gone_.insert(words[1].str());
  if (words[0] == "hold" && words.size() == 2) held_.insert(words[1].str());
  if (words[0] == "free" && words.size() == 2) held_.erase(words[1].str());
  if (words[0] == "begun" && words.size() == 2) {
    if (Entry* pool = poolHeldBy(words[1])) pool->hasBegun = true;
  }
  if (words[0] == "end" && words.size() == 6) {
    AllocationEnd end{ir::outcomeNamed(words[2]).value_or(ir::Outcome::NodeLost),
                      words[3] == "uncounted", words[5].str()};
    Entry* pool = poolHeldBy(words[1]);
    bool isRead = !words[4].getAsInteger(10, end.time);
    if (pool != nullptr && isRead && !pool->end) pool->end = std::move(end);
  }
  if (words[0] == "past" && words.size() == 2) {
    for (Entry& entry : entries_)
      if (entry.kind == Entry::Pool && entry.family == words[1]) entry.end.reset();
  }
  if (words[0] == "intent" && words.size() == 7) {
    Entry entry;
    entry.kind = static_cast<Entry::Kind>(
        std::find(std::begin(kKinds), std::end(kKinds), words[2]) - std::begin(kKinds));
    entry.token = words[1].str();
    entry.family = words[3].str();
    entry.isSingle = words[5] == "-";
    entry.isHeld = words[6] == "held";
    if (entry.isSingle)
      entry.indices = {0};
    else
      entry.indices = parseRanges(words[5]);
    if (words[4].getAsInteger(10, entry.offset) || entry.kind > Entry::Pool) return;
    entries_.push_back(std::move(entry));
    index(entries_.size() - 1);
  }
  if (words[0] == "id" && words.size() == 3) {
    auto found = byToken_.find(words[1].str());
    if (found == byToken_.end()) return;
    entries_[found->second].isGone = words[2] == "-";
    if (words[2] != "-") entries_[found->second].id = words[2].str();
  }
}

void Table::index(size_t entry) {
  byToken_[entries_[entry].token] = entry;
  if (entries_[entry].kind == Entry::Work) byFamily_[entries_[entry].family].push_back(entry);
}

Entry* Table::poolHeldBy(StringRef job) {
  for (Entry& entry : llvm::reverse(entries_))
    if (entry.kind == Entry::Pool && entry.id == job) return &entry;
  return nullptr;
}

std::string Table::owner(const std::string& family, uint32_t iteration, bool isReleased) const {
  auto found = byFamily_.find(family);
  if (found == byFamily_.end()) return {};
  for (auto at = found->second.rbegin(); at != found->second.rend(); ++at) {
    const Entry& entry = entries_[*at];
    if (entry.isGone || entry.id.empty() || !entry.carries(iteration) ||
        (isReleased && isWaiting(*at)))
      continue;
    std::string job = entry.jobOf(iteration);
    return gone_.contains(job) ? std::string() : job;
  }
  return {};
}

void Table::append(const std::string& line) {
  std::string text = line + "\n";
  if (fd_ < 0 && run::makeFolders(jobsFolder(run_))) {
    fd_ = seriesOf(run_).create(number_);
    text = fmt::format("open\t{}\n{}", run::ownName().text(), text);
  }
  bool isWritten =
      fd_ >= 0 && ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  isSound_ = isSound_ && isWritten && ::fdatasync(fd_) == 0;
}

size_t Table::intend(Entry entry) {
  // The first line makes the file, whose number is part of the token.
  if (fd_ < 0) append("tokens");
  entry.token = fmt::format("{}.{}", number_, ++next_);
  append(fmt::format("intent\t{}\t{}\t{}\t{}\t{}\t{}", entry.token, kKinds[entry.kind].str(),
                     entry.family, entry.offset, entry.isSingle ? "-" : rangesText(entry.indices),
                     entry.isHeld ? "held" : "ready"));
  entries_.push_back(std::move(entry));
  index(entries_.size() - 1);
  return entries_.size() - 1;
}

void Table::answered(size_t entry, const std::string& id) {
  entries_[entry].id = id;
  entries_[entry].isGone = id.empty();
  append(fmt::format("id\t{}\t{}", entries_[entry].token, id.empty() ? "-" : id));
}

void Table::gone(const std::string& job) {
  if (gone_.insert(job).second) append("gone\t" + job);
}

void Table::begun(const std::string& job) { note(fmt::format("begun\t{}", job)); }

void Table::ended(const std::string& job, const AllocationEnd& end) {
  std::string why = end.why;
  std::replace_if(why.begin(), why.end(), llvm::isSpace, ' ');
  note(fmt::format("end\t{}\t{}\t{}\t{}\t{}", job, ir::name(end.outcome).str(),
                   end.uncounted ? "uncounted" : "counted", end.time, why));
}

void Table::past(const std::string& pool) { note(fmt::format("past\t{}", pool)); }

void Table::note(const std::string& line) {
  take(line);
  append(line);
}

void Table::noteHeld(const std::string& job, bool isHeld) {
  if (isHeld)
    held_.insert(job);
  else
    held_.erase(job);
  append((isHeld ? "hold\t" : "free\t") + job);
}

void Table::released() {
  released_ = entries_.size();
  append("released");
}

}  // namespace wfc::slurm
