// Journals and the inbox as files. A journal is opened by exclusive creation of the next number, so
// two appenders can never share one even if a lease was judged wrongly; the inbox is a folder into
// which whole files are renamed.
#include "runtime/ledger/journal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
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

/// Numbers of the journals that are there, ascending.
std::vector<unsigned> journalNumbers(const std::string& run) {
  std::vector<unsigned> numbers;
  for (const std::string& name : namesIn(ledgerFolder(run))) {
    llvm::StringRef rest(name);
    unsigned number = 0;
    if (rest.consume_front(llvm::StringRef(abi::kJournalPrefix)) && !rest.getAsInteger(10, number))
      numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string journalPath(const std::string& run, unsigned number) {
  return fmt::format("{}/{}{}", ledgerFolder(run), abi::kJournalPrefix, number);
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
  for (unsigned number : journalNumbers(run)) {
    auto file = llvm::MemoryBuffer::getFile(journalPath(run, number), false, false);
    if (!file)
      return fmt::format("cannot read {}: {}", journalPath(run, number), file.getError().message());
    maps_.push_back(std::move(*file));
    readJournal(maps_.back()->getBuffer(), visit);
  }
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
      visit(record);
    } else {
      ++damaged_;
    }
    text = text.drop_front(end + 1);
  }
}

std::unique_ptr<Journal> Journal::open(const std::string& run) {
  int folder = ::open(ledgerFolder(run).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return nullptr;
  std::vector<unsigned> numbers = journalNumbers(run);
  for (unsigned number = numbers.empty() ? 1 : numbers.back() + 1;; ++number) {
    int fd = ::open(journalPath(run, number).c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (fd >= 0) {
      ::fsync(folder);
      return std::unique_ptr<Journal>(new Journal(fd, folder));
    }
    if (errno != EEXIST) {
      ::close(folder);
      return nullptr;
    }
  }
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
  return ::fdatasync(fd_) == 0;
}

bool Journal::sync(bool alsoOutputs) {
  if (!isDirty()) return true;
  if (alsoOutputs && ::syncfs(folder_) != 0) return false;
  if (!flush() || ::fdatasync(fd_) != 0) return false;
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
