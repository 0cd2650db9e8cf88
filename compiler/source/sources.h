// Owner of all text: workflow files, site files, modules of the standard library, IR.
//
// Views into a text stay good for the life of Sources. It reads no file; the driver hands the text
// in, with the path as it should be shown to the user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/range.h"

namespace wfc::source {

class Sources {
 public:
  Sources();
  ~Sources();
  Sources(Sources&&) noexcept;
  Sources& operator=(Sources&&) noexcept;

  /// Takes over a text. Texts beyond 4 GiB are cut there.
  FileId add(std::string path, std::string text);

  /// The file added under this path, or 0.
  FileId find(std::string_view path) const;

  /// Ids are 1 … count().
  FileId count() const { return static_cast<FileId>(files_.size()); }

  std::string_view text(FileId file) const;
  std::string_view path(FileId file) const;
  /// No byte of its text has its highest bit.
  bool isAscii(FileId file) const;

  /// What stands in a range; empty for one that is nowhere.
  std::string_view text(Range range) const;

  /// Where an offset lies. One past the end is allowed, and more is taken as the end. Logarithmic
  /// in the number of lines; linear in the length of the line only where the file is not plain
  /// ASCII.
  LineColumn lineColumn(FileId file, uint32_t offset) const;

  /// The other way round: the byte at a line and column, or the end of that line. The line must
  /// exist.
  uint32_t offsetAt(FileId file, LineColumn at) const;

  /// Both ends of a range that is somewhere.
  Span span(Range range) const;

  /// A line without its end. `line` is 1-based and must exist.
  std::string_view lineText(FileId file, uint32_t line) const;

  /// The offset of the first byte of a line.
  uint32_t lineStart(FileId file, uint32_t line) const;

  uint32_t lineCount(FileId file) const;

 private:
  struct File;
  const File& get(FileId file) const;

  /// By pointer, so that views survive growth.
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace wfc::source
