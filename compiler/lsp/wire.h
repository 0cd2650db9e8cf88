// The frames of the protocol: `Content-Length: N`, an empty line, N bytes.
//
// Whatever comes in, it goes on with what follows: a header that cannot be read, or a length that
// was a lie, costs that message and no other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wfc::lsp {

/// One message, or what was wrong where one was expected.
struct Frame {
  std::string body;
  std::string error;
};

/// Puts bytes together into frames.
class Decoder {
 public:
  void feed(std::string_view bytes) { waiting_ += bytes; }
  /// The next whole frame, or nothing yet.
  std::optional<Frame> next();

 private:
  Frame resync(std::string error);
  std::string waiting_;
};

/// A message as it is sent.
std::string frameOf(std::string_view body);

/// True if brackets go so deep that no reader should follow them.
bool isTooDeep(std::string_view json);

}  // namespace wfc::lsp
