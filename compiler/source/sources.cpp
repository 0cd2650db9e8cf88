// Line starts are found once, when a text comes in; all questions are answered from that table.
#include "compiler/source/sources.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <utility>

#include "compiler/base/assert.h"

namespace wfc::source {

struct Sources::File {
  std::string path;
  std::string text;
  std::vector<uint32_t> lineStarts;
  bool isAscii = true;
  /// The line that was last asked for; whatever it is, the answers are the same.
  mutable std::atomic<uint32_t> lastLine = 0;
};

namespace {

/// Eight bytes at a time: it is asked of every text after every letter.
bool hasOnlyAscii(std::string_view text) {
  uint64_t all = 0;
  for (; text.size() >= sizeof all; text.remove_prefix(sizeof all)) {
    uint64_t some = 0;
    std::memcpy(&some, text.data(), sizeof some);
    all |= some;
  }
  for (char c : text) all |= static_cast<unsigned char>(c);
  return (all & 0x8080'8080'8080'8080) == 0;
}

std::vector<uint32_t> findLineStarts(std::string_view text) {
  std::vector<uint32_t> starts{0};
  const char* begin = text.data();
  const char* end = begin + text.size();
  for (const char* at = begin; at < end;) {
    const void* found = std::memchr(at, '\n', static_cast<size_t>(end - at));
    if (found == nullptr) break;
    at = static_cast<const char*>(found) + 1;
    starts.push_back(static_cast<uint32_t>(at - begin));
  }
  return starts;
}

/// The 1-based line of an offset. Mostly it is the one that was asked for `before`, or the next.
/// Lines are much alike in length, so any other is looked for around where it would be were they
/// equal, ever farther.
uint32_t lineOf(const std::vector<uint32_t>& starts, uint32_t offset, size_t size,
                uint32_t before) {
  for (uint32_t line : {before, before + 1}) {
    bool isThere = line > 0 && line <= starts.size() && starts[line - 1] <= offset &&
                   (line == starts.size() || offset < starts[line]);
    if (isThere) return line;
  }
  size_t low = size ? uint64_t(offset) * (starts.size() - 1) / size : 0, high = low, step = 1;
  for (; low > 0 && starts[low] > offset; step *= 2) low -= std::min(low, step);
  for (; high < starts.size() && starts[high] <= offset; step *= 2)
    high = std::min(starts.size(), high + step);
  auto next = std::upper_bound(starts.begin() + static_cast<ptrdiff_t>(low),
                               starts.begin() + static_cast<ptrdiff_t>(high), offset);
  return static_cast<uint32_t>(next - starts.begin());
}

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Sources::Sources() = default;
Sources::~Sources() = default;
Sources::Sources(Sources&&) noexcept = default;
Sources& Sources::operator=(Sources&&) noexcept = default;

FileId Sources::add(std::string path, std::string text) {
  constexpr size_t kLongest = std::numeric_limits<uint32_t>::max() - 1;
  if (text.size() > kLongest) text.resize(kLongest);
  auto file = std::make_unique<File>();
  file->path = std::move(path);
  file->text = std::move(text);
  file->lineStarts = findLineStarts(file->text);
  file->isAscii = hasOnlyAscii(file->text);
  files_.push_back(std::move(file));
  return count();
}

FileId Sources::find(std::string_view path) const {
  auto it = std::find_if(files_.begin(), files_.end(),
                         [&](const auto& file) { return file->path == path; });
  return it == files_.end() ? 0 : static_cast<FileId>(it - files_.begin() + 1);
}

const Sources::File& Sources::get(FileId file) const {
  WFC_ASSERT(file >= 1 && file <= files_.size(), "no such source file");
  return *files_[file - 1];
}

std::string_view Sources::text(FileId file) const { return get(file).text; }

bool Sources::isAscii(FileId file) const { return get(file).isAscii; }

std::string_view Sources::path(FileId file) const { return get(file).path; }

std::string_view Sources::text(Range range) const {
  if (!range.valid()) return {};
  std::string_view all = get(range.file).text;
  size_t begin = std::min<size_t>(range.begin, all.size());
  return all.substr(begin, range.end > begin ? range.end - begin : 0);
}

LineColumn Sources::lineColumn(FileId id, uint32_t offset) const {
  const File& file = get(id);
  offset = std::min(offset, static_cast<uint32_t>(file.text.size()));
  uint32_t last = file.lastLine.load(std::memory_order_relaxed);
  uint32_t line = lineOf(file.lineStarts, offset, file.text.size(), last);
  if (line != last) file.lastLine.store(line, std::memory_order_relaxed);
  uint32_t start = file.lineStarts[line - 1];
  std::string_view before = std::string_view(file.text).substr(start, offset - start);
  size_t column = before.size();
  if (!file.isAscii) {
    column -= static_cast<size_t>(std::count_if(before.begin(), before.end(), isContinuation));
  }
  return {line, static_cast<uint32_t>(column) + 1};
}

uint32_t Sources::offsetAt(FileId id, LineColumn at) const {
  std::string_view text = lineText(id, at.line);
  size_t offset = std::min<size_t>(at.column > 0 ? at.column - 1 : 0, text.size());
  if (!get(id).isAscii) {
    offset = 0;
    for (uint32_t column = 1; column < at.column && offset < text.size(); ++column)
      for (++offset; offset < text.size() && isContinuation(text[offset]);) ++offset;
  }
  return lineStart(id, at.line) + static_cast<uint32_t>(offset);
}

Span Sources::span(Range range) const {
  return {lineColumn(range.file, range.begin), lineColumn(range.file, range.end)};
}

uint32_t Sources::lineStart(FileId id, uint32_t line) const {
  const File& file = get(id);
  WFC_ASSERT(line >= 1 && line <= file.lineStarts.size(), "no such line");
  return file.lineStarts[line - 1];
}

uint32_t Sources::lineCount(FileId file) const {
  return static_cast<uint32_t>(get(file).lineStarts.size());
}

std::string_view Sources::lineText(FileId id, uint32_t line) const {
  std::string_view rest = std::string_view(get(id).text).substr(lineStart(id, line));
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

}  // namespace wfc::source
