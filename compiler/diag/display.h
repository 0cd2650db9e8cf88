// A source line as a terminal shows it: tabs expanded, wide characters counted, bytes that would do
// something to the terminal made visible, very long lines cut.
//
// It answers one question for the text sink: in which column does a byte end up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wfc::diag {

/// What is shown of one line.
class DisplayLine {
 public:
  /// `focus` is the byte that must be visible when the line is cut.
  DisplayLine(std::string_view line, size_t focus);

  /// Ready to print.
  std::string text() const;

  /// The column, 0-based, at which the byte at this offset is shown; bytes cut away at either side
  /// count as the cut.
  size_t column(size_t offset) const;

 private:
  std::string_view window_;
  /// Offset of the window in the line.
  size_t start_ = 0;
  bool isCutBefore_ = false;
  bool isCutAfter_ = false;
};

/// `text` with control characters, invalid UTF-8 and direction marks made visible; line ends stay.
std::string printable(std::string_view text);

}  // namespace wfc::diag
