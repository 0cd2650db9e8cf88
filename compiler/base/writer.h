// Text with indentation, built line by line: what every printer and emitter writes into.
//
// It knows nothing of any format; escaping and quoting are compiler/target/text's.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace wfc::base {

class Writer {
 public:
  /// `step` blanks a level.
  explicit Writer(unsigned step = 2) : step_(step) {}

  /// Appends text as it is; indentation comes before the first byte of each line that is not empty.
  void write(std::string_view text);

  /// One line, formatted. With no argument, an empty one.
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    write(fmt::format(format, std::forward<Args>(args)...));
    newLine();
  }
  void line() { newLine(); }

  /// One line of ready text, braces and all.
  void raw(std::string_view text) {
    write(text);
    newLine();
  }

  /// Everything written while the returned object lives is one level deeper.
  class Indent {
   public:
    explicit Indent(Writer& writer) : writer_(writer) { ++writer_.level_; }
    ~Indent() { --writer_.level_; }
    Indent(const Indent&) = delete;
    Indent& operator=(const Indent&) = delete;

   private:
    Writer& writer_;
  };
  [[nodiscard]] Indent indent() { return Indent(*this); }

  const std::string& text() const { return text_; }
  /// The text; the writer is empty afterwards.
  std::string take() { return std::exchange(text_, {}); }

 private:
  void newLine() { text_ += '\n'; }

  std::string text_;
  unsigned step_;
  unsigned level_ = 0;
};

}  // namespace wfc::base
