// Pieces of a text and their places.
#include "targets/rocoto/foreign/text.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"

namespace wfc::targets::rocoto::foreign {

source::Range Text::Piece::part(size_t first, size_t last) const {
  if (isWhole() || !from.valid()) return from;
  return {from.file, from.begin + static_cast<uint32_t>(first - begin),
          from.begin + static_cast<uint32_t>(last - begin)};
}

void Text::append(llvm::StringRef text, source::Range from, source::Range use) {
  if (text.empty()) return;
  size_t begin = text_.size();
  text_ += text;
  if (!pieces_.empty()) {
    Piece& last = pieces_.back();
    bool goesOn = last.from.file == from.file && last.from.end == from.begin && last.use == use;
    bool isPlain = !last.isWhole() && from.end - from.begin == text.size();
    if (goesOn && isPlain) {
      last.end = text_.size();
      last.from.end = from.end;
      return;
    }
  }
  pieces_.push_back({begin, text_.size(), from, use});
}

void Text::append(const Text& other) {
  for (const Piece& piece : other.pieces_)
    append(llvm::StringRef(other.text_).slice(piece.begin, piece.end), piece.from, piece.use);
}

source::Range Text::at(size_t begin, size_t end) const {
  source::Range found;
  for (const Piece& piece : pieces_) {
    size_t first = std::max(begin, piece.begin), last = std::min(end, piece.end);
    if (first >= last && !(begin == end && begin >= piece.begin && begin < piece.end)) continue;
    source::Range part = piece.part(first, std::max(first, last));
    // What an entity brought in is shown where the entity is used, if the rest stands there too.
    if (found.valid() && found.file == part.file && part.begin < found.begin) part = piece.use;
    found = join(found, part);
  }
  return found;
}

source::Range Text::use(size_t byte) const {
  for (const Piece& piece : pieces_)
    if (byte >= piece.begin && byte < piece.end) return piece.use;
  return {};
}

Text Text::slice(size_t begin, size_t end) const {
  Text result;
  for (const Piece& piece : pieces_) {
    size_t first = std::max(begin, piece.begin), last = std::min(end, piece.end);
    if (first < last)
      result.append(llvm::StringRef(text_).slice(first, last), piece.part(first, last), piece.use);
  }
  return result;
}

Text Text::trimmed() const {
  llvm::StringRef all = text_;
  size_t begin = all.size() - all.ltrim().size();
  return slice(begin, begin + all.trim().size());
}

std::vector<Text> Text::words() const {
  std::vector<Text> found;
  for (size_t at = 0; at < text_.size();) {
    if (llvm::isSpace(text_[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text_.size() && !llvm::isSpace(text_[end])) ++end;
    found.push_back(slice(at, end));
    at = end;
  }
  return found;
}

Text Text::with(llvm::StringRef name, const Text& value) const {
  std::string mark = "#" + name.str() + "#";
  if (text_.find(mark) == std::string::npos) return *this;
  Text result;
  size_t from = 0;
  for (size_t found; (found = text_.find(mark, from)) != std::string::npos;) {
    result.append(slice(from, found));
    result.append(value.str(), at(found, found + mark.size()), use(found));
    from = found + mark.size();
  }
  result.append(slice(from, text_.size()));
  return result;
}

}  // namespace wfc::targets::rocoto::foreign
