// See text.h.
#include "compiler/lsp/text.h"

#include <algorithm>
#include <cstring>

namespace wfc::lsp {

namespace {

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// How many units the code point that begins with this byte takes.
uint32_t widthOf(char lead, Unit unit) {
  return unit == Unit::Utf16 && static_cast<unsigned char>(lead) >= 0xF0 ? 2 : 1;
}

}  // namespace

void Text::findLines() {
  starts_.assign(1, 0);
  const char* begin = bytes_.data();
  const char* end = begin + bytes_.size();
  bool hasReturns = std::memchr(begin, '\r', bytes_.size()) != nullptr;
  for (const char* at = begin; at != end; ++at) {
    if (hasReturns) {
      while (at != end && *at != '\n' && *at != '\r') ++at;
      if (at == end) return;
      if (*at == '\r' && at + 1 != end && at[1] == '\n') ++at;
    } else {
      at = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
      if (!at) return;
    }
    starts_.push_back(static_cast<uint32_t>(at + 1 - begin));
  }
}

uint32_t Text::lineOf(uint32_t offset) const {
  auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<uint32_t>(next - starts_.begin()) - 1;
}

std::string_view Text::line(uint32_t number) const {
  size_t begin = starts_[number];
  size_t end = number + 1 < starts_.size() ? starts_[number + 1] : bytes_.size();
  while (end > begin && (bytes_[end - 1] == '\n' || bytes_[end - 1] == '\r')) --end;
  return std::string_view(bytes_).substr(begin, end - begin);
}

uint32_t Text::offsetOf(Position position, Unit unit) const {
  if (position.line >= starts_.size()) return static_cast<uint32_t>(bytes_.size());
  std::string_view text = line(position.line);
  size_t at = 0;
  if (unit == Unit::Utf8) {
    at = std::min<size_t>(position.character, text.size());
    while (at > 0 && at < text.size() && isContinuation(text[at])) --at;
    return starts_[position.line] + static_cast<uint32_t>(at);
  }
  for (uint32_t units = 0; at < text.size() && units < position.character;) {
    units += widthOf(text[at], unit);
    if (units > position.character) break;  // inside of a pair
    for (++at; at < text.size() && isContinuation(text[at]);) ++at;
  }
  return starts_[position.line] + static_cast<uint32_t>(at);
}

Position Text::positionOf(uint32_t offset, Unit unit) const {
  offset = std::min(offset, static_cast<uint32_t>(bytes_.size()));
  uint32_t number = lineOf(offset);
  std::string_view before =
      std::string_view(bytes_).substr(starts_[number], offset - starts_[number]);
  before = before.substr(0, line(number).size());
  if (unit == Unit::Utf8) return {number, static_cast<uint32_t>(before.size())};
  uint32_t units = 0;
  for (char c : before)
    if (!isContinuation(c)) units += widthOf(c, unit);
  return {number, units};
}

void Text::replace(uint32_t begin, uint32_t end, std::string_view text) {
  begin = std::min(begin, static_cast<uint32_t>(bytes_.size()));
  end = std::clamp(end, begin, static_cast<uint32_t>(bytes_.size()));
  bytes_.replace(begin, end - begin, text);
  findLines();
}

}  // namespace wfc::lsp
