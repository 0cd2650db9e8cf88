// A text as an editor sees it: lines, and characters counted in the editor's units.
//
// Lines end with `\n`, `\r\n` or `\r`, as the protocol has it. What lies outside the text is taken
// as its nearest place: an editor may be ahead of us or behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wfc::lsp {

/// What a character of a position is: a byte, half of a UTF-16 pair, or a code point.
enum class Unit : uint8_t { Utf8, Utf16, Utf32 };

struct Position {
  uint32_t line = 0;
  uint32_t character = 0;
};

class Text {
 public:
  Text() = default;
  explicit Text(std::string bytes) : bytes_(std::move(bytes)) { findLines(); }

  const std::string& bytes() const { return bytes_; }
  uint32_t offsetOf(Position position, Unit unit) const;
  Position positionOf(uint32_t offset, Unit unit) const;
  /// The line of an offset, from 0.
  uint32_t lineOf(uint32_t offset) const;
  uint32_t lineCount() const { return static_cast<uint32_t>(starts_.size()); }
  /// The bytes of a line, its end left out.
  std::string_view line(uint32_t number) const;
  /// Puts `text` in place of the bytes [begin, end).
  void replace(uint32_t begin, uint32_t end, std::string_view text);

 private:
  void findLines();

  std::string bytes_;
  std::vector<uint32_t> starts_{0};
};

}  // namespace wfc::lsp
