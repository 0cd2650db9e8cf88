// Where something stands in the sources: a file and two byte offsets.
//
// A range is twelve bytes and carries no pointer, so every node can have one. Lines and columns are
// worked out by Sources when somebody has to be told.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace wfc::source {

/// 1-based number of a file in Sources; 0 is none.
using FileId = uint32_t;

/// Bytes [begin, end) of a file. The default is nowhere.
struct Range {
  /// 0: nowhere.
  FileId file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  constexpr bool valid() const { return file != 0; }
  constexpr bool empty() const { return begin == end; }
  constexpr auto operator<=>(const Range&) const = default;
};

/// The smallest range that holds both; one that is nowhere adds nothing. Across files, the first.
constexpr Range join(Range a, Range b) {
  if (!a.valid()) return b;
  if (!b.valid() || a.file != b.file) return a;
  return {a.file, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

/// 1-based; the column counts code points, which is what editors show.
struct LineColumn {
  uint32_t line = 0;
  uint32_t column = 0;

  constexpr auto operator<=>(const LineColumn&) const = default;
};

/// The two ends of a range; `end` is one past the last code point.
struct Span {
  LineColumn begin;
  LineColumn end;
};

}  // namespace wfc::source
