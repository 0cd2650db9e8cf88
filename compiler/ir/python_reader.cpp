// The reader of Python's quotes: one pass with a stack of strings, for an f-string holds code that
// may hold strings.
#include "compiler/ir/python_reader.h"

#include "llvm/ADT/StringExtras.h"

namespace wfc::ir {

using llvm::StringRef;

namespace {

class PythonReader {
 public:
  explicit PythonReader(StringRef text) : text_(text) {}

  /// The place of the byte `at`, not before that of an earlier call.
  PythonPlace placeOf(size_t at) {
    while (at_ < at) step();
    if (isComment_) return {PythonPlace::Comment, 0};
    if (stack_.empty()) return {};
    const String& string = stack_.back();
    if (string.braces == 0) return {PythonPlace::String, 0};
    return {PythonPlace::Code, string.quote.front()};
  }

 private:
  struct String {
    StringRef quote;
    bool hasBraces;  ///< an f-string
    int braces = 0;  ///< open ones: code is read again
  };

  bool starts(StringRef prefix) const { return text_.substr(at_).starts_with(prefix); }

  void step() {
    if (isComment_) {
      isComment_ = text_[at_++] != '\n';
    } else if (stack_.empty() || stack_.back().braces > 0) {
      code();
    } else {
      string(stack_.back());
    }
  }

  void code() {
    char c = text_[at_];
    bool isInside = !stack_.empty();
    if (isInside && starts(stack_.back().quote)) {
      // It ends the string around, whose braces were left open.
      at_ += stack_.back().quote.size();
      stack_.pop_back();
    } else if (c == '\'' || c == '"') {
      open();
    } else {
      if (isInside) stack_.back().braces += (c == '{') - (c == '}');
      isComment_ = c == '#' && !isInside;
      ++at_;
    }
  }

  void open() {
    StringRef quote = text_.substr(at_, 3);
    if (quote != "'''" && quote != "\"\"\"") quote = text_.substr(at_, 1);
    size_t begin = at_;
    while (begin > 0 && llvm::isAlnum(text_[begin - 1])) --begin;
    std::string prefix = text_.slice(begin, at_).lower();
    stack_.push_back({quote, prefix.size() <= 2 && prefix.find('f') != std::string::npos});
    at_ += quote.size();
  }

  void string(String& top) {
    char c = text_[at_];
    if (starts(top.quote)) {
      at_ += top.quote.size();
      stack_.pop_back();
    } else if (c == '\n' && top.quote.size() == 1) {
      ++at_;
      stack_.pop_back();
    } else if (c == '\\' || (top.hasBraces && (starts("{{") || starts("}}")))) {
      at_ += 2;
    } else {
      if (c == '{' && top.hasBraces) ++top.braces;
      ++at_;
    }
  }

  StringRef text_;
  size_t at_ = 0;
  bool isComment_ = false;
  std::vector<String> stack_;
};

}  // namespace

std::vector<PythonPlace> readPython(StringRef text, const std::vector<size_t>& at) {
  PythonReader reader(text);
  std::vector<PythonPlace> places;
  for (size_t each : at) places.push_back(reader.placeOf(each));
  return places;
}

}  // namespace wfc::ir
