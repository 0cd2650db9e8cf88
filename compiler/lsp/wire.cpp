// See wire.h.
#include "compiler/lsp/wire.h"

#include "fmt/format.h"
#include "llvm/ADT/StringRef.h"

namespace wfc::lsp {

namespace {

using llvm::StringRef;

/// Longer messages are lies.
constexpr size_t kLongest = size_t(256) << 20;
constexpr size_t kLongestHeader = 4096;
constexpr size_t kDeepestJson = 500;
constexpr StringRef kLength = "Content-Length:";

/// The length that a header names, or nothing.
std::optional<size_t> lengthOf(StringRef header) {
  while (!header.empty()) {
    auto [line, rest] = header.split("\r\n");
    size_t length = 0;
    if (line.starts_with_insensitive(kLength)) {
      bool isNumber = !line.drop_front(kLength.size()).trim().getAsInteger(10, length);
      return isNumber && length <= kLongest ? std::optional(length) : std::nullopt;
    }
    header = rest;
  }
  return std::nullopt;
}

}  // namespace

/// Drops what cannot be read, up to where the next header may begin.
Frame Decoder::resync(std::string error) {
  size_t at = StringRef(waiting_).find_insensitive(kLength, 1);
  // The word may have come only in part.
  size_t kept = std::min(waiting_.size() - 1, kLength.size());
  waiting_.erase(0, at == StringRef::npos ? waiting_.size() - kept : at);
  return {{}, std::move(error)};
}

std::optional<Frame> Decoder::next() {
  size_t end = waiting_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (waiting_.size() <= kLongestHeader) return std::nullopt;
    return resync("no header where one was expected");
  }
  std::optional<size_t> length = lengthOf(StringRef(waiting_).take_front(end));
  if (!length) return resync("the header names no length that can be");
  size_t begin = end + 4;
  if (waiting_.size() - begin < *length) return std::nullopt;
  Frame frame{waiting_.substr(begin, *length), {}};
  waiting_.erase(0, begin + *length);
  return frame;
}

std::string frameOf(std::string_view body) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

bool isTooDeep(std::string_view json) {
  size_t depth = 0;
  bool isText = false;
  for (size_t n = 0; n < json.size(); ++n) {
    char c = json[n];
    if (isText && c == '\\')
      ++n;
    else if (c == '"')
      isText = !isText;
    else if (!isText && (c == '[' || c == '{') && ++depth > kDeepestJson)
      return true;
    else if (!isText && (c == ']' || c == '}') && depth > 0)
      --depth;
  }
  return false;
}

}  // namespace wfc::lsp
