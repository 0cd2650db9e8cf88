// Journals and the inbox as files. A journal is opened by exclusive creation of the next number, so
// two appenders can never share one even if a lease was judged wrongly; the inbox is a folder into
// which whole files are renamed.
#include "runtime/ledger/journal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

std::vector<std::string> namesIn(const std::string& folder) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr) return names;
  while (dirent* entry = ::readdir(dir)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(dir);
  return names;
}

std::string ledgerFolder(const std::string& run) {
  return fmt::format("{}/{}", run, abi::kLedgerDir);
}

/// More journals than this are folded.
constexpr size_t kHandful = 8;

Series journalsOf(const std::string& run) {
  return {ledgerFolder(run), std::string(abi::kJournalPrefix)};
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
  std::string error = journalsOf(run).read(files_);
  if (!error.empty()) return error;
  for (const Series::File& file : files_) readJournal(file.text->getBuffer(), visit);
  return {};
}

void History::readJournal(llvm::StringRef text, const std::function<void(const Record&)>& visit) {
  llvm::StringSaver saver(arena_);
  Record record;
  while (!text.empty()) {
    size_t end = text.find('\n');
    // What no newline ends was torn while it was written.
    if (end == llvm::StringRef::npos) {
      ++damaged_;
      return;
    }
    if (decode(text.take_front(end), record, saver)) {
      record.raw = text.take_front(end);
      if (record.kind != Record::Fold) visit(record);
    } else {
      ++damaged_;
    }
    text = text.drop_front(end + 1);
  }
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

void Journal::add(const Record& record) { encodeTo(pending_, record); }

bool Journal::flush() {
  size_t done = 0;
  while (done < pending_.size()) {
    ssize_t written = ::write(fd_, pending_.data() + done, pending_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      pending_.erase(0, done);
      return false;
    }
    done += static_cast<size_t>(written);
    isUnsynced_ = true;
  }
  pending_.clear();
  return true;
}

bool Journal::writeDurably(llvm::StringRef lines, bool alsoOutputs) const {
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
  std::vector<std::string> names = namesIn(folder);
  std::sort(names.begin(), names.end());
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
