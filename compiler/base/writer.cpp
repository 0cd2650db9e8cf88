// Indentation is put where a line begins and never before an empty one, so that nothing written
// here has trailing blanks. Whether a line begins is read off the text itself.
#include "compiler/base/writer.h"

namespace wfc::base {

void Writer::write(std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view piece = text.substr(0, end == std::string_view::npos ? end : end + 1);
    bool isAtStart = text_.empty() || text_.back() == '\n';
    if (isAtStart && piece != "\n") text_.append(size_t(step_) * level_, ' ');
    text_ += piece;
    text.remove_prefix(piece.size());
  }
}

}  // namespace wfc::base
