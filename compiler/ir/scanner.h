// Characters of the text form: words, strings, numbers and line ends, with the first mistake
// remembered.
//
// After a mistake the scanner stands at the end of the text and everything it gives is empty, so
// its users need not look after each step; loops ask `atEnd`.
#pragma once

#include <cstdint>
#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::ir {

class Scanner {
 public:
  explicit Scanner(llvm::StringRef text) : text_(text) {}

  bool atEnd() const { return pos_ >= text_.size(); }
  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  /// 1-based line of the mistake.
  uint32_t errorLine() const;
  void fail(std::string message);

  size_t position() const { return pos_; }
  void moveTo(size_t position) {
    if (!failed()) pos_ = position;
  }

  /// The next character after blanks, or 0.
  char peek();
  /// Takes a sign if it is next.
  bool eat(llvm::StringRef sign);
  /// Takes a word if it is next and ends there.
  bool eatWord(llvm::StringRef word);
  void expect(llvm::StringRef sign);
  void expectWord(llvm::StringRef word);

  /// True if a plain word is next.
  bool atWord();
  /// A plain word, without quotes.
  llvm::StringRef word();
  /// A plain word or a quoted one.
  std::string anyWord();
  std::string string();
  /// The text of a literal: digits, units, dates, exponents.
  llvm::StringRef literal();
  int64_t integer();
  uint32_t number();

  /// A name after its sigil: what it is called, and the whole of it with its number, which
  /// identifies it.
  struct Name {
    std::string text;
    std::string key;
  };
  Name name();
  /// The same where the name may be a path, `sub.model`.
  Name pathName();

  /// The end of a line, and what is empty after it.
  void endLine();
  /// Skips blanks, comments and line ends.
  void skipSpace();

 private:
  void skipBlanks();
  void takeNumber(Name& name);
  void escape(std::string& into);

  llvm::StringRef text_;
  size_t pos_ = 0;
  size_t errorPos_ = 0;
  std::string error_;
};

}  // namespace wfc::ir
