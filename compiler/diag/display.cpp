// Walking a line character by character, with the column each one takes.
//
// Widths are LLVM's (East Asian wide 2, combining 0). What has no width, such as a NUL, an escape
// or a direction override, is shown as the replacement character, so that a file can neither
// repaint a terminal nor hide what it says.
#include "compiler/diag/display.h"

#include <algorithm>

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/ConvertUTF.h>
#include <llvm/Support/Unicode.h>

namespace wfc::diag {

namespace {

constexpr size_t kTab = 4;
// A line of more bytes than this is cut to a window around the focus.
constexpr size_t kLongest = 240;
constexpr size_t kBefore = 60;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kCut = "…";

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// How one character is shown.
struct Glyph {
  std::string_view shown;
  size_t bytes = 1;
  size_t width = 1;
};

Glyph glyphAt(std::string_view text) {
  unsigned char first = static_cast<unsigned char>(text[0]);
  if (first >= 0x20 && first < 0x7F) return {text.substr(0, 1), 1, 1};
  if (first < 0x80) return {kReplacement, 1, 1};
  size_t bytes = std::min<size_t>(llvm::getNumBytesForUTF8(first), text.size());
  auto begin = reinterpret_cast<const llvm::UTF8*>(text.data());
  if (!llvm::isLegalUTF8Sequence(begin, begin + bytes)) return {kReplacement, 1, 1};
  std::string_view shown = text.substr(0, bytes);
  int width = llvm::sys::unicode::columnWidthUTF8(shown);
  if (width < 0) return {kReplacement, bytes, 1};
  return {shown, bytes, static_cast<size_t>(width)};
}

/// The column after `text`, which begins at `column`; what is shown goes to `out` if there is one.
size_t walk(std::string_view text, size_t column, std::string* out) {
  while (!text.empty()) {
    Glyph glyph = glyphAt(text);
    if (text[0] == '\t') {
      glyph.width = kTab - column % kTab;
      if (out != nullptr) out->append(glyph.width, ' ');
    } else if (out != nullptr) {
      *out += glyph.shown;
    }
    column += glyph.width;
    text.remove_prefix(glyph.bytes);
  }
  return column;
}

}  // namespace

DisplayLine::DisplayLine(std::string_view line, size_t focus) : window_(line) {
  if (line.size() <= kLongest) return;
  size_t begin = focus > kBefore ? std::min(focus - kBefore, line.size()) : 0;
  while (begin > 0 && begin < line.size() && isContinuation(line[begin])) --begin;
  size_t end = std::min(begin + kLongest, line.size());
  while (end > begin && end < line.size() && isContinuation(line[end])) --end;
  window_ = line.substr(begin, end - begin);
  start_ = begin;
  isCutBefore_ = begin > 0;
  isCutAfter_ = end < line.size();
}

std::string DisplayLine::text() const {
  std::string result;
  if (isCutBefore_) result += kCut;
  walk(window_, isCutBefore_ ? 1 : 0, &result);
  if (isCutAfter_) result += kCut;
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

size_t DisplayLine::column(size_t offset) const {
  if (offset < start_) return 0;
  return walk(window_.substr(0, offset - start_), isCutBefore_ ? 1 : 0, nullptr);
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    if (text[0] == '\n') {
      result += '\n';
      text.remove_prefix(1);
      continue;
    }
    Glyph glyph = glyphAt(text);
    result += text[0] == '\t' ? std::string_view(" ") : glyph.shown;
    text.remove_prefix(glyph.bytes);
  }
  return result;
}

}  // namespace wfc::diag
