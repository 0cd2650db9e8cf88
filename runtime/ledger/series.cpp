// See series.h. Readers hold no lock: a fold that goes on while they read shows as a number that is
// missing, and they begin anew. Texts are read, not mapped, because on a network file system a
// mapped file that another node removes ends the reader.
#include "runtime/ledger/series.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "runtime/ledger/folder.h"
#include "runtime/ledger/record.h"

namespace wfc::run {

namespace {

/// How often a reader begins anew before it believes that a number is missing.
constexpr int kRounds = 40;

std::string foldLine(unsigned first) {
  Record record;
  record.kind = Record::Fold;
  record.number = first;
  return encode(record);
}

/// The number from which on this text stands for all; 0: for itself only.
unsigned foldedFrom(llvm::StringRef text) {
  llvm::StringRef line = text.take_front(text.find('\n'));
  if (line.size() < 14 || !line.substr(9).starts_with("fold\t")) return 0;
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  Record record;
  return decode(line, record, saver) && record.kind == Record::Fold ? record.number : 0;
}

/// Whole lines only: a torn one was never acknowledged.
llvm::StringRef linesOf(llvm::StringRef text) {
  if (foldedFrom(text) != 0) text = text.drop_front(text.find('\n') + 1);
  return text.take_front(text.rfind('\n') + 1);
}

}  // namespace

std::vector<unsigned> Series::listed() const {
  std::vector<unsigned> numbers;
  DIR* dir = ::opendir(folder_.c_str());
  if (dir == nullptr) return numbers;
  while (dirent* entry = ::readdir(dir)) {
    llvm::StringRef rest(entry->d_name);
    unsigned number = 0;
    if (rest.consume_front(prefix_) && !rest.getAsInteger(10, number)) numbers.push_back(number);
  }
  ::closedir(dir);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<unsigned> Series::numbers() const {
  // A file that is replaced while a folder is listed may be left out, and nothing would tell that
  // the last one is missing. So it counts what two listings in a row agree upon.
  std::vector<unsigned> numbers = listed();
  for (int round = 0; round < kRounds; ++round) {
    std::vector<unsigned> again = listed();
    if (again == numbers) break;
    numbers = std::move(again);
  }
  return numbers;
}

std::string Series::pathOf(unsigned number) const {
  return fmt::format("{}/{}{:0{}}", folder_, prefix_, number, digits_);
}

/// False: something was folded meanwhile, or is missing.
bool Series::walk(std::vector<unsigned>& covered, std::string& error,
                  const std::function<std::optional<unsigned>(unsigned)>& visit) const {
  covered.clear();
  error.clear();
  std::vector<unsigned> all = numbers();
  unsigned next = all.empty() ? 1 : all.back() + 1;
  // From the last one back: it knows what it covers.
  for (size_t at = all.size(); at-- > 0;) {
    if (all[at] >= next) {
      covered.push_back(all[at]);
      continue;
    }
    std::optional<unsigned> from = visit(all[at]);
    if (!from) {
      error = fmt::format("cannot read {}: {}", pathOf(all[at]), std::strerror(errno));
      return false;
    }
    if (all[at] + 1 != next) error = fmt::format("{} is missing", pathOf(next - 1));
    next = *from == 0 ? all[at] : *from;
  }
  if (next > 1 && error.empty()) error = fmt::format("{} is missing", pathOf(next - 1));
  return error.empty();
}

bool Series::tryRead(std::vector<File>& files, std::vector<unsigned>& covered,
                     std::string& error) const {
  files.clear();
  bool isWhole = walk(covered, error, [&](unsigned number) -> std::optional<unsigned> {
    auto text = llvm::MemoryBuffer::getFile(pathOf(number), false, false, /*IsVolatile=*/true);
    if (!text) {
      errno = text.getError().value();
      return std::nullopt;
    }
    files.push_back({number, std::move(*text)});
    return foldedFrom(files.back().text->getBuffer());
  });
  std::reverse(files.begin(), files.end());
  return isWhole;
}

std::string Series::read(std::vector<File>& files) const {
  std::vector<unsigned> covered;
  std::string error;
  for (int round = 0; round < kRounds; ++round) {
    if (tryRead(files, covered, error)) return {};
    ::usleep(25000);
  }
  return error;
}

std::string Series::open(std::vector<Opened>& files) const {
  std::vector<unsigned> covered;
  std::string error;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Opened> found;
    bool isWhole = walk(covered, error, [&](unsigned number) -> std::optional<unsigned> {
      int descriptor = ::open(pathOf(number).c_str(), O_RDONLY | O_CLOEXEC);
      if (descriptor < 0) return std::nullopt;
      found.emplace_back(descriptor);
      return found.back().foldedFrom();
    });
    files.clear();
    for (size_t n = found.size(); isWhole && n-- > 0;) files.push_back(std::move(found[n]));
    if (isWhole) return {};
    ::usleep(25000);
  }
  return error;
}

Series::Opened::Opened(int descriptor) : descriptor_(descriptor) {
  char head[256];
  ssize_t got = ::pread(descriptor, head, sizeof head, 0);
  llvm::StringRef text(head, got > 0 ? static_cast<size_t>(got) : 0);
  foldedFrom_ = wfc::run::foldedFrom(text);
  if (foldedFrom_ != 0) begin_ = static_cast<int64_t>(text.find('\n') + 1);
}

Series::Opened::Opened(Opened&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      begin_(other.begin_),
      foldedFrom_(other.foldedFrom_) {}

Series::Opened::~Opened() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Series::create(unsigned& number) const {
  std::vector<unsigned> all = numbers();
  number = std::max(number, all.empty() ? 0 : all.back());
  while (true) {
    int fd =
        ::open(pathOf(++number).c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
}

void Series::fold(size_t most, const std::function<bool(const File&)>& isClosed) const {
  std::vector<File> files;
  std::vector<unsigned> covered;
  std::string error;
  if (!tryRead(files, covered, error)) return;
  // What a fold that was killed left over.
  for (unsigned number : covered) ::unlink(pathOf(number).c_str());
  size_t end = 0;
  while (end < files.size() && isClosed(files[end])) ++end;
  if (files.size() <= most || end < 2) return;
  size_t begin = end - 1;
  size_t size = files[begin].text->getBufferSize();
  while (begin > 0 && files[begin - 1].text->getBufferSize() <= 2 * size)
    size += files[--begin].text->getBufferSize();
  if (end - begin < 2) return;
  unsigned first = foldedFrom(files[begin].text->getBuffer());
  std::string text = foldLine(first == 0 ? files[begin].number : first);
  text.reserve(text.size() + size);
  for (size_t n = begin; n < end; ++n) {
    llvm::StringRef lines = linesOf(files[n].text->getBuffer());
    text.append(lines.data(), lines.size());
  }
  if (!writeWhole(pathOf(files[end - 1].number), text, true)) return;
  for (size_t n = begin; n + 1 < end; ++n) ::unlink(pathOf(files[n].number).c_str());
}

}  // namespace wfc::run
