// Texts with times of cycles in them: what stands in `<cyclestr>`, taken apart and rendered just as
// Rocoto (and Ruby's strftime below it) does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/rocoto/foreign/xml.h"

namespace wfc::targets::rocoto::foreign {

inline constexpr int64_t kDay = 86400;

/// What Rocoto makes of a part of a cycle string.
struct Token {
  enum Kind {
    Literal,
    At,       ///< an `@` that stays one
    Flag,     ///< `@Y`: a part of the time
    Unknown,  ///< `@q`: becomes `%q`
    Mangled,  ///< `%n`: a percent sign before n, o or O, of which Rocoto makes something else
  };
  Kind kind;
  size_t begin = 0, end = 0;  ///< in the text as written
};

std::vector<Token> tokensOf(llvm::StringRef text);

/// The text at a time, in seconds since 1970.
std::string rendered(llvm::StringRef text, int64_t time);
/// The time as Ruby's strftime writes it by one flag, `Y` or `-d`; nullopt: it knows none such.
std::optional<std::string> flagText(llvm::StringRef flag, int64_t time);

/// Seconds of `[[dd:]hh:]mm:ss`, with a sign; nullopt where that has more than four fields or other
/// characters.
std::optional<int64_t> secondsOf(llvm::StringRef text);
/// Seconds since 1970 of `YYYYMMDDHHMM`, or nullopt.
std::optional<int64_t> instantOf(llvm::StringRef text);
/// `202501311200`
std::string stampOf(int64_t time);

/// A text made of plain parts and of cycle strings.
struct TimeString {
  struct Part {
    Text text;
    bool isCycle = false;
    int64_t offset = 0;
    source::Range at;
  };
  std::vector<Part> parts;
  source::Range at;  ///< the element
  bool isThere = false;

  /// As Rocoto joins it, without blanks at the ends.
  std::string render(int64_t time) const;
  /// The same at any time.
  bool isConstant() const;
  /// What is written, flags as they are.
  std::string written() const;
};

/// The text of an element.
TimeString timeStringOf(const Node& element);

}  // namespace wfc::targets::rocoto::foreign
