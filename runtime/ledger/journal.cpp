// Journals and the inbox as files. A journal is opened by exclusive creation of the next number, so
// two appenders can never share one even if a lease was judged wrongly; the inbox is a folder into
// which whole files are renamed.
#include "runtime/ledger/journal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

std::string ledgerFolder(const std::string& run) {
  return fmt::format("{}/{}", run, abi::kLedgerDir);
}

/// More journals than this are folded.
constexpr size_t kHandful = 8;

Series journalsOf(const std::string& run) {
  return {ledgerFolder(run), std::string(abi::kJournalPrefix)};
}

/// Read at once.
constexpr size_t kBlock = 1 << 20;

/// Without what the file begins with, and without a torn line at its end.
uint64_t wholeBytes(const Series::Opened& file) {
  int64_t end = ::lseek(file.descriptor(), 0, SEEK_END);
  char byte = 0;
  while (end > file.begin() && ::pread(file.descriptor(), &byte, 1, end - 1) == 1 && byte != '\n')
    --end;
  return static_cast<uint64_t>(std::max<int64_t>(0, end - file.begin()));
}

/// The line that begins there; empty: none that ends.
std::string readLine(int descriptor, off_t at) {
  std::string line;
  char block[2048];
  while (true) {
    ssize_t got = ::pread(descriptor, block, sizeof block, at + static_cast<off_t>(line.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    llvm::StringRef text(block, static_cast<size_t>(got));
    size_t end = text.find('\n');
    line += text.take_front(end);
    if (end != llvm::StringRef::npos) return line;
  }
}

/// A name for the inbox that holds any id: what is not plain is percent-encoded, and long ids are
/// shortened by their checksum.
std::string inboxName(llvm::StringRef instance, uint32_t attempt, llvm::StringRef what) {
  std::string name;
  for (char c : instance) {
    if (llvm::isAlnum(c) || llvm::StringRef("-_[],.+%").contains(c))
      name += c;
    else
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (name.size() > 180) name = fmt::format("{}~{:08x}", name.substr(0, 160), checksum(instance));
  return fmt::format("{}.{}.{}", name, attempt, what.str());
}

}  // namespace

std::string History::read(const std::string& run, const std::function<void(const Record&)>& visit) {
  run_ = run;
  pieces_.clear();
  std::vector<Series::Opened> files;
  std::string error = journalsOf(run).open(files);
  if (!error.empty()) return error;
  uint64_t first = 0;
  for (Series::Opened& file : files) {
    Piece& piece = pieces_.emplace_back(Piece{std::move(file), first});
    if (!readPiece(piece, visit))
      return fmt::format("cannot read the ledger of {}: {}", run, std::strerror(errno));
    first += piece.bytes;
  }
  return {};
}

bool History::readPiece(Piece& piece, const std::function<void(const Record&)>& visit) {
  std::string text;
  size_t kept = 0;
  while (true) {
    text.resize(kept + kBlock);
    ssize_t got = ::pread(piece.file.descriptor(), text.data() + kept, kBlock,
                          piece.file.begin() + static_cast<int64_t>(piece.bytes + kept));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    llvm::StringRef rest(text.data(), kept + static_cast<size_t>(got));
    for (size_t end = 0; (end = rest.find('\n')) != llvm::StringRef::npos;) {
      readOne(rest.take_front(end), piece.first + piece.bytes + 1, visit);
      piece.bytes += end + 1;
      rest = rest.drop_front(end + 1);
    }
    kept = rest.size();
    text.erase(0, static_cast<size_t>(rest.data() - text.data()));
    if (got > 0) continue;
    // What no newline ends was torn while it was written.
    damaged_ += kept > 0;
    return true;
  }
}

void History::readOne(llvm::StringRef line, uint64_t place,
                      const std::function<void(const Record&)>& visit) {
  llvm::BumpPtrAllocator arena;
  llvm::StringSaver saver(arena);
  Record record;
  if (!decode(line, record, saver)) {
    ++damaged_;
  } else if (record.kind != Record::Fold) {
    record.place = place;
    visit(record);
  }
}

std::string History::lineAt(uint64_t place) const {
  std::string line = lineIn(pieces_, place);
  if (!line.empty()) return line;
  // Another node has folded journals, and the file that we hold is no more.
  std::vector<Series::Opened> files;
  if (!journalsOf(run_).open(files).empty()) return {};
  pieces_.clear();
  uint64_t first = 0;
  for (Series::Opened& file : files) {
    pieces_.push_back(Piece{std::move(file), first});
    pieces_.back().bytes = wholeBytes(pieces_.back().file);
    first += pieces_.back().bytes;
  }
  return lineIn(pieces_, place);
}

std::string History::lineIn(const std::vector<Piece>& pieces, uint64_t place) const {
  uint64_t at = place - 1;
  auto piece = std::upper_bound(pieces.begin(), pieces.end(), at,
                                [](uint64_t a, const Piece& b) { return a < b.first; });
  if (place == 0 || piece == pieces.begin()) return {};
  --piece;
  return readLine(piece->file.descriptor(),
                  piece->file.begin() + static_cast<int64_t>(at - piece->first));
}

std::unique_ptr<Journal> Journal::open(const std::string& run) {
  int folder = ::open(ledgerFolder(run).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return nullptr;
  // Whoever opens one holds the lease: those before it are closed.
  journalsOf(run).fold(kHandful, [](const Series::File&) { return true; });
  unsigned number = 0;
  int fd = journalsOf(run).create(number);
  if (fd < 0) {
    ::close(folder);
    return nullptr;
  }
  ::fsync(folder);
  return std::unique_ptr<Journal>(new Journal(fd, folder));
}

Journal::~Journal() {
  flush();
  ::close(fd_);
  ::close(folder_);
}

void Journal::setAside() {
  written_ += behind_.size();
  behind_ = std::exchange(pending_, {});
}

std::string Journal::lineAt(uint64_t at) const {
  uint64_t inFile = written_ + behind_.size();
  bool isPending = at >= inFile;
  if (isPending || at >= written_) {
    llvm::StringRef text = isPending ? pending_ : behind_;
    return text.drop_front(at - (isPending ? inFile : written_)).split('\n').first.str();
  }
  return readLine(fd_, static_cast<off_t>(at));
}

void Journal::add(const Record& record) { encodeTo(pending_, record); }

bool Journal::flush() {
  written_ += std::exchange(behind_, {}).size();
  size_t done = 0;
  while (done < pending_.size()) {
    ssize_t written = ::write(fd_, pending_.data() + done, pending_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      pending_.erase(0, done);
      return false;
    }
    done += static_cast<size_t>(written);
    written_ += static_cast<uint64_t>(written);
    isUnsynced_ = true;
  }
  pending_.clear();
  return true;
}

bool Journal::writeBehind(bool alsoOutputs) const {
  llvm::StringRef lines = behind_;
  if (alsoOutputs && ::syncfs(folder_) != 0) return false;
  while (!lines.empty()) {
    ssize_t written = ::write(fd_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    lines = lines.drop_front(static_cast<size_t>(written));
  }
  return ::fdatasync(fd_) == 0 && isThere();
}

bool Journal::isThere() const {
  struct stat info{};
  if (::fstat(fd_, &info) == 0 && info.st_nlink > 0) return true;
  errno = ESTALE;
  return false;
}

bool Journal::sync(bool alsoOutputs) {
  if (!isDirty()) return true;
  if (alsoOutputs && ::syncfs(folder_) != 0) return false;
  if (!flush() || ::fdatasync(fd_) != 0 || !isThere()) return false;
  isUnsynced_ = false;
  return true;
}

bool leaveInInbox(const std::string& run, llvm::StringRef instance, uint32_t attempt,
                  llvm::StringRef what, llvm::StringRef lines) {
  std::string path =
      fmt::format("{}/{}/{}", run, abi::kInboxDir, inboxName(instance, attempt, what));
  return writeWhole(path, std::string_view(lines.data(), lines.size()), true);
}

std::vector<InboxFile> readInbox(const std::string& run) {
  std::string folder = fmt::format("{}/{}", run, abi::kInboxDir);
  std::vector<std::string> names = visibleIn(folder);
  std::vector<InboxFile> files;
  for (const std::string& name : names) {
    std::optional<std::string> text = readFile(folder + "/" + name);
    if (!text) continue;
    InboxFile& file = files.emplace_back();
    file.path = folder + "/" + name;
    llvm::SmallVector<llvm::StringRef> lines;
    llvm::StringRef(*text).split(lines, '\n', -1, false);
    for (llvm::StringRef line : lines) file.lines.push_back(line.str());
  }
  return files;
}

}  // namespace wfc::run
