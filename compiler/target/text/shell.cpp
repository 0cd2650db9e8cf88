// Quoting of words, and the scanner that says which quotes surround a place.
#include "compiler/target/text/shell.h"

#include "llvm/ADT/StringExtras.h"

namespace wfc::target {

std::string shellWord(llvm::StringRef text) {
  bool isBare = !text.empty() && llvm::all_of(text, [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("_-./:,+@%=").contains(c);
  });
  // A leading `~` or `=` has a meaning; `name=value` before a command does too.
  if (isBare && text.front() != '=' && !text.contains('=')) return text.str();
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

void ShellScanner::feed(llvm::StringRef text) {
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i], next = i + 1 < text.size() ? text[i + 1] : 0;
    if (skip_ > 0) {
      --skip_;
      before_ = c;
      continue;
    }
    switch (place()) {
      case Place::Plain:
        if (c == '<' && next == '<' && text.substr(i, 3) != "<<<") {
          i += delimiter(text.substr(i));
          before_ = ' ';
          continue;
        }
        if (text.substr(i, 3) == "<<<")
          skip_ = 2;
        else
          plain(c, next);
        break;
      case Place::Single:
        if (c == '\\' && isAnsiC())
          skip_ = 1;
        else if (c == '\'')
          stack_.pop_back();
        break;
      case Place::Double:
        doubleQuoted(c, next);
        break;
      case Place::HereDoc:
      case Place::QuotedHereDoc:
        hereDocument(c);
        break;
      case Place::Comment:
        if (c == '\n') {
          stack_.pop_back();
          newLine();
        }
        break;
    }
    before_ = c;
  }
}

void ShellScanner::hole() {
  before_ = 'x';
  // A line with a hole in it is never the end of a here-document.
  line_ += '\1';
}

void ShellScanner::plain(char c, char next) {
  if (c == '\\')
    skip_ = 1;
  else if (c == '\'')
    stack_.push_back({Place::Single, before_ == '$' ? '$' : '\''});
  else if (c == '"')
    stack_.push_back({Place::Double, '"'});
  else if (c == '`' && stack_.back().closing == '`')
    stack_.pop_back();
  else if (c == '`')
    stack_.push_back({Place::Plain, '`'});
  else if (c == '(')
    stack_.push_back({Place::Plain, ')'});
  // The `)` of a case pattern closes nothing.
  else if (c == ')' && stack_.back().closing == ')')
    stack_.pop_back();
  else if (c == '#' && llvm::StringRef(" \t\n;(&|").contains(before_))
    stack_.push_back({Place::Comment, '\n'});
  else if (c == '\n')
    newLine();
  (void)next;
}

void ShellScanner::doubleQuoted(char c, char next) {
  if (c == '\\')
    skip_ = 1;
  else if (c == '"')
    stack_.pop_back();
  else if (c == '$' && next == '(') {
    stack_.push_back({Place::Plain, ')'});
    skip_ = 1;
  } else if (c == '`' && stack_.size() > 1 && stack_[stack_.size() - 2].closing != '`') {
    stack_.push_back({Place::Plain, '`'});
  }
}

void ShellScanner::newLine() {
  if (pending_.empty()) return;
  stack_.push_back({pending_.front().isQuoted ? Place::QuotedHereDoc : Place::HereDoc, '\n'});
  line_.clear();
}

void ShellScanner::hereDocument(char c) {
  if (c != '\n') {
    line_ += c;
    return;
  }
  llvm::StringRef line = line_;
  if (pending_.front().stripsTabs) line = line.ltrim('\t');
  bool isEnd = line == pending_.front().word;
  line_.clear();
  if (!isEnd) return;
  stack_.pop_back();
  pending_.erase(pending_.begin());
  newLine();
}

/// Reads `<<-'WORD'` and returns how many bytes beyond the first it takes.
size_t ShellScanner::delimiter(llvm::StringRef text) {
  size_t at = 2;
  Delimiter found{{}, false, false};
  if (at < text.size() && text[at] == '-') {
    found.stripsTabs = true;
    ++at;
  }
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\'' || c == '"' || c == '\\')
      found.isQuoted = true;
    else if (llvm::isAlnum(c) || c == '_' || c == '-' || c == '.')
      found.word += c;
    else
      break;
  }
  // Without a word it is a shift in an arithmetic expression.
  if (!found.word.empty() && !llvm::isDigit(found.word.front()))
    pending_.push_back(std::move(found));
  return at - 1;
}

}  // namespace wfc::target
