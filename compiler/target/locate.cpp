// Locations to ranges: the start is known, the end is that of the word that stands there.
#include "compiler/target/locate.h"

#include "fmt/format.h"

namespace wfc::target {

namespace {

bool isWordByte(char c) {
  unsigned char byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') || byte == '_';
}

size_t wordLength(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '"') {
    size_t end = text.find('"', 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  size_t length = 0;
  while (length < text.size() && isWordByte(text[length])) ++length;
  return length == 0 ? 1 : length;
}

}  // namespace

source::Range Locator::operator()(ir::Loc loc) const {
  if (loc.file == 0 || loc.file > module_.files.size()) return {};
  source::FileId file = sources_.find(module_.files[loc.file - 1]);
  if (file == 0 || loc.line == 0 || loc.line > sources_.lineCount(file)) return {};
  uint32_t begin = sources_.offsetAt(file, {loc.line, loc.column});
  std::string_view rest =
      sources_.lineText(file, loc.line).substr(begin - sources_.lineStart(file, loc.line));
  return {file, begin, begin + static_cast<uint32_t>(wordLength(rest))};
}

std::string locationText(const ir::Module& module, ir::Loc loc) {
  if (loc.file == 0 || loc.file > module.files.size()) return {};
  return fmt::format("{}:{}", module.files[loc.file - 1], loc.line);
}

}  // namespace wfc::target
