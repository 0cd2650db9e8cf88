// Characters of the text form. No tables and no look-back: every question is answered from the next
// few characters.
#include "compiler/ir/scanner.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/ConvertUTF.h>

namespace wfc::ir {

static bool isWordChar(char c) { return llvm::isAlnum(c) || c == '_'; }

uint32_t Scanner::errorLine() const {
  return 1 + static_cast<uint32_t>(text_.take_front(errorPos_).count('\n'));
}

void Scanner::fail(std::string message) {
  if (failed()) return;
  error_ = std::move(message);
  errorPos_ = std::min(pos_, text_.size());
  pos_ = text_.size();
}

void Scanner::skipBlanks() {
  while (pos_ < text_.size()) {
    char c = text_[pos_];
    if (c == ' ' || c == '\t' || c == '\r')
      ++pos_;
    else if (text_.substr(pos_).starts_with("//"))
      pos_ = std::min(text_.find('\n', pos_), text_.size());
    else
      return;
  }
}

void Scanner::skipSpace() {
  for (skipBlanks(); pos_ < text_.size() && text_[pos_] == '\n'; skipBlanks()) ++pos_;
}

char Scanner::peek() {
  skipBlanks();
  return atEnd() ? '\0' : text_[pos_];
}

bool Scanner::eat(llvm::StringRef sign) {
  skipBlanks();
  if (!text_.substr(pos_).starts_with(sign)) return false;
  pos_ += sign.size();
  return true;
}

bool Scanner::eatWord(llvm::StringRef word) {
  skipBlanks();
  llvm::StringRef rest = text_.substr(pos_);
  if (!rest.starts_with(word)) return false;
  if (rest.size() > word.size() && isWordChar(rest[word.size()])) return false;
  pos_ += word.size();
  return true;
}

void Scanner::expect(llvm::StringRef sign) {
  if (!eat(sign)) fail(fmt::format("expected `{}`", sign.str()));
}

void Scanner::expectWord(llvm::StringRef word) {
  if (!eatWord(word)) fail(fmt::format("expected `{}`", word.str()));
}

bool Scanner::atWord() {
  char c = peek();
  return llvm::isAlpha(c) || c == '_';
}

llvm::StringRef Scanner::word() {
  if (!atWord()) {
    fail("expected a word");
    return "";
  }
  llvm::StringRef found = text_.substr(pos_).take_while(isWordChar);
  pos_ += found.size();
  return found;
}

std::string Scanner::anyWord() { return peek() == '"' ? string() : word().str(); }

// One escape; the backslash is behind.
void Scanner::escape(std::string& into) {
  char c = pos_ < text_.size() ? text_[pos_++] : '\0';
  switch (c) {
    case 'n':
      into += '\n';
      return;
    case 't':
      into += '\t';
      return;
    case 'r':
      into += '\r';
      return;
    case 'b':
      into += '\b';
      return;
    case 'f':
      into += '\f';
      return;
    case '"':
    case '\\':
    case '/':
      into += c;
      return;
    case 'u':
      break;
    default:
      return fail("an escape that no string has");
  }
  unsigned code = 0;
  llvm::StringRef digits = text_.substr(pos_, 4);
  if (digits.size() < 4 || digits.getAsInteger(16, code)) return fail("expected four hex digits");
  pos_ += 4;
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
  char* end = buffer;
  if (!llvm::ConvertCodePointToUTF8(code, end)) return fail("half of a character");
  into.append(buffer, end);
}

std::string Scanner::string() {
  std::string result;
  if (!eat("\"")) {
    fail("expected a string");
    return result;
  }
  while (pos_ < text_.size()) {
    size_t end = text_.find_first_of("\"\\\n", pos_);
    result += text_.slice(pos_, end);
    pos_ = std::min(end, text_.size());
    if (atEnd() || text_[pos_] == '\n') break;
    if (text_[pos_++] == '"') return result;
    escape(result);
  }
  fail("a string without an end");
  return result;
}

llvm::StringRef Scanner::literal() {
  skipBlanks();
  llvm::StringRef found = text_.substr(pos_).take_while(
      [](char c) { return llvm::isAlnum(c) || c == '.' || c == ':' || c == '+' || c == '-'; });
  pos_ += found.size();
  return found;
}

int64_t Scanner::integer() {
  size_t start = pos_;
  llvm::StringRef text = literal();
  int64_t n = 0;
  if (text.getAsInteger(10, n)) {
    moveTo(start);
    fail("expected a number");
    return 0;
  }
  return n;
}

uint32_t Scanner::number() {
  skipBlanks();
  llvm::StringRef digits =
      text_.substr(pos_).take_while([](char c) { return c >= '0' && c <= '9'; });
  uint32_t n = 0;
  if (digits.getAsInteger(10, n)) {
    fail("expected a number");
    return 0;
  }
  pos_ += digits.size();
  return n;
}

void Scanner::takeNumber(Name& name) {
  name.key = name.text;
  if (pos_ + 1 >= text_.size() || text_[pos_] != '.' || !llvm::isDigit(text_[pos_ + 1])) return;
  ++pos_;
  // A line end cannot be confused with a part of the name's text.
  name.key += fmt::format("\n{}", number());
}

Scanner::Name Scanner::name() {
  Name result;
  bool isQuoted = pos_ < text_.size() && text_[pos_] == '"';
  result.text = isQuoted ? string() : word().str();
  takeNumber(result);
  return result;
}

Scanner::Name Scanner::pathName() {
  Name result;
  bool isQuoted = pos_ < text_.size() && text_[pos_] == '"';
  result.text = isQuoted ? string() : word().str();
  while (!isQuoted && pos_ + 1 < text_.size() && (text_[pos_] == '.' || text_[pos_] == '/') &&
         (llvm::isAlpha(text_[pos_ + 1]) || text_[pos_ + 1] == '_')) {
    result.text += text_[pos_++];
    result.text += word();
  }
  takeNumber(result);
  return result;
}

void Scanner::endLine() {
  skipBlanks();
  if (!atEnd() && text_[pos_] != '\n')
    return fail(fmt::format(
        "`{}` is not understood here",
        text_.substr(pos_).take_until([](char c) { return c == '\n'; }).take_front(40).str()));
  skipSpace();
}

}  // namespace wfc::ir
