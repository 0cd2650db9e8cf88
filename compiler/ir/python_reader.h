// Text of Python, read far enough to know which bytes stand inside a string, and inside the braces
// of which f-string.
//
// It does not parse: no statements, no names. An unclosed string ends with its line, or with the
// text where its quotes are three.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace wfc::ir {

/// Where a place of the text lies.
struct PythonPlace {
  enum Kind : uint8_t { Code, String, Comment };
  Kind kind = Code;
  /// Of code in the braces of an f-string: the quote that must not be used there; else 0.
  char quote = 0;
};

/// The places of the bytes `at`, which ascend.
std::vector<PythonPlace> readPython(llvm::StringRef text, const std::vector<size_t>& at);

}  // namespace wfc::ir
