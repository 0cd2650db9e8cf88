// A text that knows where each byte of it is written: in the document, in the entity it came from,
// and at the reference that brought it in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

#include "compiler/source/range.h"

namespace wfc::targets::rocoto::foreign {

class Text {
 public:
  /// Adds a text that is written in `from`: byte by byte if both have the same length, else as a
  /// whole. `use` is the reference to the entity it came from, or nowhere.
  void append(llvm::StringRef text, source::Range from, source::Range use = {});
  void append(const Text& other);

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  size_t size() const { return text_.size(); }

  /// Where bytes [begin, end) are written, as far as that is one place.
  source::Range at(size_t begin, size_t end) const;
  /// Where all of it is written; of an empty text nowhere.
  source::Range at() const { return at(0, text_.size()); }
  /// The reference that brought in this byte, or nowhere.
  source::Range use(size_t byte) const;

  Text slice(size_t begin, size_t end) const;
  /// Without blanks at both ends.
  Text trimmed() const;
  /// Its words, between blanks.
  std::vector<Text> words() const;
  /// `#name#` replaced by a value, everywhere; the value is written where `value` says.
  Text with(llvm::StringRef name, const Text& value) const;

 private:
  struct Piece {
    size_t begin = 0, end = 0;
    source::Range from, use;
    bool isWhole() const { return from.end - from.begin != end - begin; }
    source::Range part(size_t first, size_t last) const;
  };

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace wfc::targets::rocoto::foreign
