// Text and source are read side by side: what the parser left out of the text is stepped over in
// the source.
#include "compiler/check/script_text.h"

namespace wfc::check {

/// Bytes of UTF-8 that the first one announces.
static size_t sequenceLength(unsigned char c) {
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

ScriptText::ScriptText(const Session& s, const syntax::Expr& script) : file(script.range.file) {
  bool isTriple = s.text(script.range).starts_with("\"\"\"");
  size_t most = script.range.end - script.range.begin;
  text.reserve(most), at.reserve(most), end.reserve(most), part.reserve(most);
  auto put = [this](char c, size_t from, size_t to, int index) {
    text += c;
    at.push_back(static_cast<uint32_t>(from));
    end.push_back(static_cast<uint32_t>(to));
    part.push_back(index);
  };
  for (size_t i = 0; i < script.parts.size(); ++i) {
    const syntax::StringPart& each = script.parts[i];
    if (each.hole) {
      put(kHoleByte, each.range.begin, each.range.end, static_cast<int>(i));
      continue;
    }
    StringRef source = s.text(each.range);
    size_t j = 0;
    for (size_t k = 0; k < each.text.size();) {
      StringRef rest = source.drop_front(std::min(j, source.size()));
      bool isDropped = rest.starts_with("@@{") || rest.starts_with("@@raw{") ||
                       (isTriple && rest.starts_with("\r\n"));
      size_t begin = each.range.begin + j, count = 1, length = 1;
      if (isDropped)
        ++begin, ++j;
      else if (!isTriple && rest.starts_with("\\u{"))
        count = sequenceLength(static_cast<unsigned char>(each.text[k])),
        length = rest.find('}') + 1;
      else if (!isTriple && rest.starts_with("\\"))
        length = 2;
      j += length;
      for (; count > 0 && k < each.text.size(); --count, ++k)
        put(each.text[k], begin, begin + length, -1);
    }
  }
}

Range ScriptText::range(size_t from, size_t to) const {
  if (text.empty()) return {};
  from = std::min(from, text.size() - 1);
  to = std::min(std::max(to, from + 1), text.size());
  return {file, at[from], end[to - 1]};
}

}  // namespace wfc::check
