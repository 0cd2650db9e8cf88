// The reader of shell text: one pass, recursive at `$(…)`, backquotes and subshells.
#include "compiler/ir/shell_reader.h"

#include <algorithm>
#include <utility>

#include "llvm/ADT/StringExtras.h"

namespace wfc::ir {

using llvm::StringRef;

namespace {

bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isNameByte(char c) { return llvm::isAlnum(c) || c == '_'; }
bool isMeta(char c) { return StringRef(" \t\n;&|()<>").contains(c); }

bool isOneOf(StringRef list, StringRef word) {
  return !word.contains(' ') && list.contains((" " + word + " ").str());
}

/// Words after which another command begins.
constexpr StringRef kBeforeCommands = " if then else elif fi do done while until ! { } time esac ";

/// Deeper nesting is not read: hostile text must not end the stack.
constexpr int kMostDepth = 100;

class ShellReader {
 public:
  explicit ShellReader(StringRef text) : text_(text), limit_(text.size()) {}

  ShellText read() {
    commands(0);
    return std::move(out_);
  }

 private:
  /// Of the commands being read: what ends them, the `case`s open, and whether a pattern of one is
  /// due.
  struct Level {
    char closing = 0;
    int cases = 0;
    bool atPattern = false;
  };
  struct HereDocument {
    std::string end;
    bool isQuoted = false, stripsTabs = false;
  };

  char peek(size_t ahead = 0) const { return at_ + ahead < limit_ ? text_[at_ + ahead] : '\0'; }
  bool done() const { return at_ >= limit_; }
  bool starts(StringRef prefix) const { return text_.slice(at_, limit_).starts_with(prefix); }

  void flush(ShellCommand& command) {
    if (!command.words.empty() || !command.assignments.empty() || !command.targets.empty())
      out_.commands.push_back(std::move(command));
    command = {};
  }

  /// Commands up to `closing` (`)`, a backquote, or 0 for the end), which stays to be read.
  void commands(char closing) {
    if (++depth_ > kMostDepth) at_ = limit_;
    Level outer = std::exchange(level_, {closing, 0, false});
    ShellCommand command;
    while (!done() && (closing == 0 || peek() != closing || isTest(command) || level_.atPattern)) {
      size_t before = at_;
      step(command);
      if (at_ == before) ++at_;
    }
    flush(command);
    level_ = outer;
    --depth_;
  }

  static bool isTest(const ShellCommand& command) {
    return !command.words.empty() && command.words[0].text == "[[";
  }

  void step(ShellCommand& command) {
    char c = peek();
    if (c == ' ' || c == '\t' || (c == '(' && level_.atPattern)) {
      ++at_;
    } else if (c == '\\' && peek(1) == '\n') {
      at_ += 2;
    } else if (c == '\n') {
      ++at_;
      if (!isTest(command)) flush(command);
      hereDocuments();
    } else if (isTest(command) && StringRef("<>()&|;").contains(c)) {
      ++at_;
    } else if (c == ';' || c == '&' || c == '|') {
      level_.atPattern = level_.atPattern || (level_.cases > 0 && (starts(";;") || starts(";&")));
      ++at_;
      flush(command);
    } else if (c == '(') {
      parenthesis(command);
    } else if (c == ')') {
      // A pattern of `case` ends so.
      ++at_;
      level_.atPattern = false;
      command = {};
    } else if (c == '#') {
      size_t begin = at_;
      while (!done() && peek() != '\n') ++at_;
      out_.comments.emplace_back(begin, at_);
    } else if (c == '<' || c == '>') {
      redirection(command);
    } else {
      wordOf(command);
    }
  }

  void parenthesis(ShellCommand& command) {
    size_t begin = at_;
    bool isLoopHead = command.words.size() == 1 && command.words[0].text == "for";
    if (starts("((") && (command.words.empty() || isLoopHead) && arithmetic(2)) return;
    flush(command);
    ++at_;
    commands(')');
    close(')', begin);
  }

  void close(char closing, size_t begin) {
    if (peek() == closing && !done())
      ++at_;
    else
      out_.unclosed.push_back(begin);
  }

  void redirection(ShellCommand& command) {
    if (starts("<(") || starts(">(")) {
      size_t begin = at_;
      at_ += 2;
      commands(')');
      close(')', begin);
      return;
    }
    bool isText = starts("<<<");
    if (starts("<<") && !isText) return hereDocumentHead();
    at_ += isText ? 3 : 1;
    while (!isText && StringRef("<>&|").contains(peek()) && !done()) ++at_;
    while (peek() == ' ' || peek() == '\t') ++at_;
    if (done() || isMeta(peek())) return;
    ShellWord target = word();
    if (!isText) command.targets.push_back(std::move(target));
  }

  void hereDocumentHead() {
    HereDocument document;
    at_ += 2;
    if (peek() == '-') {
      document.stripsTabs = true;
      ++at_;
    }
    while (peek() == ' ' || peek() == '\t') ++at_;
    for (; !done() && !isMeta(peek()); ++at_) {
      if (StringRef("'\"\\").contains(peek()))
        document.isQuoted = true;
      else
        document.end += peek();
    }
    if (!document.end.empty()) pending_.push_back(std::move(document));
  }

  /// The bodies of the here-documents whose heads stood on the line before.
  void hereDocuments() {
    std::vector<HereDocument> documents;
    documents.swap(pending_);
    for (const HereDocument& document : documents) {
      size_t end = at_, next = limit_;
      while (end < limit_) {
        StringRef line = text_.slice(end, limit_).take_until([](char c) { return c == '\n'; });
        next = std::min(limit_, end + line.size() + 1);
        if ((document.stripsTabs ? line.ltrim('\t') : line) == document.end) break;
        end = next;
      }
      body(end, document.isQuoted);
      at_ = std::max(next, end);
    }
  }

  void body(size_t end, bool isQuoted) {
    size_t outer = limit_;
    limit_ = std::min(end, limit_);
    ShellWord none;
    while (!done()) {
      char c = peek();
      if (c == kHoleByte)
        hole(none, isQuoted ? 'H' : 'h');
      else if (isQuoted)
        ++at_;
      else if (c == '\\')
        at_ += 2;
      else if (c == '$')
        dollar(none, 'h');
      else if (c == '`')
        backquote(none, 'h');
      else
        ++at_;
    }
    limit_ = outer;
  }

  /// `name=`, `name+=` or `name[…]=` here: the length up to and with the sign, or 0.
  size_t assignmentHead() const {
    StringRef rest = text_.slice(at_, limit_);
    if (rest.empty() || !isNameStart(rest.front())) return 0;
    size_t n = 0;
    while (n < rest.size() && isNameByte(rest[n])) ++n;
    if (n < rest.size() && rest[n] == '[') {
      size_t close = rest.find(']', n);
      if (close == StringRef::npos || rest.slice(n, close).contains('\n')) return 0;
      n = close + 1;
    }
    if (n < rest.size() && rest[n] == '+') ++n;
    return n < rest.size() && rest[n] == '=' ? n + 1 : 0;
  }

  void assignment(ShellCommand& command, size_t head) {
    ShellAssignment entry;
    entry.name = text_.slice(at_, limit_).take_while(isNameByte).str();
    at_ += head;
    size_t begin = at_;
    entry.isArray = peek() == '(';
    if (entry.isArray) {
      ++at_;
      while (!done() && peek() != ')') {
        if (peek() == '#')
          while (!done() && peek() != '\n') ++at_;
        else if (isMeta(peek()) || peek() == '\n')
          ++at_;
        else {
          size_t before = at_;
          entry.value = word();
          if (at_ == before) break;  // a backquote that ends the command around it
        }
      }
      close(')', begin);
    } else if (!done() && !isMeta(peek())) {
      entry.value = word();
    } else {
      entry.value.begin = entry.value.end = at_;
    }
    command.assignments.push_back(std::move(entry));
  }

  void wordOf(ShellCommand& command) {
    bool mayAssign = command.words.empty() || declaresNames(command.words[0].text);
    if (size_t head = mayAssign ? assignmentHead() : 0) return assignment(command, head);
    ShellWord read = word();
    bool isDescriptor = !read.text.empty() &&
                        StringRef(read.text).find_first_not_of("0123456789") == StringRef::npos &&
                        (peek() == '<' || peek() == '>');
    if (isDescriptor) return;
    bool isPlain = read.pieces.size() == 1 && read.pieces[0].kind == ShellPiece::Text &&
                   read.pieces[0].quote == 0;
    if (isPlain && command.words.empty() && read.text == "esac" && level_.cases > 0)
      --level_.cases, level_.atPattern = false;
    if (isPlain && command.words.empty() && isOneOf(kBeforeCommands, read.text)) return;
    bool beginsCase =
        read.text == "in" && command.words.size() == 2 && command.words[0].text == "case";
    if (beginsCase) ++level_.cases, level_.atPattern = true;
    bool ends = read.text == "]]" || beginsCase;
    command.words.push_back(std::move(read));
    if (ends) flush(command);
  }

  ShellWord word() {
    ShellWord word;
    word.begin = at_;
    while (!done() && !isMeta(peek()) && !(peek() == '`' && level_.closing == '`')) {
      char c = peek();
      if (c == '\'')
        singleQuoted(word, false);
      else if (c == '"')
        doubleQuoted(word);
      else if (c == '$')
        dollar(word, 0);
      else if (c == '`')
        backquote(word, 0);
      else if (c == kHoleByte)
        hole(word, 0);
      else if (c == '\\')
        backslash(word);
      else
        plain(word, at_, at_ + 1, 0), ++at_;
    }
    word.end = at_;
    return word;
  }

  void plain(ShellWord& word, size_t begin, size_t end, char quote) {
    word.text += text_.slice(begin, end);
    bool goesOn = !word.pieces.empty() && word.pieces.back().kind == ShellPiece::Text &&
                  word.pieces.back().quote == quote && word.pieces.back().end == begin;
    if (goesOn)
      word.pieces.back().end = end;
    else
      word.pieces.push_back({ShellPiece::Text, quote, begin, end, {}, 0});
  }

  void add(ShellWord& word, ShellPiece piece) {
    word.text += kHoleByte;
    out_.pieces.push_back(piece);
    word.pieces.push_back(std::move(piece));
  }

  void hole(ShellWord& word, char quote) {
    add(word, {ShellPiece::Hole, quote, at_, at_ + 1, {}, 0});
    ++at_;
  }

  void backslash(ShellWord& word) {
    size_t blanks = 1;
    while (peek(blanks) == ' ' || peek(blanks) == '\t') ++blanks;
    if (blanks > 1 && (peek(blanks) == '\n' || at_ + blanks >= limit_))
      out_.brokenLines.push_back(at_);
    if (peek(1) != '\n') plain(word, std::min(at_ + 1, limit_), std::min(at_ + 2, limit_), '\'');
    at_ = std::min(at_ + 2, limit_);
  }

  void singleQuoted(ShellWord& word, bool hasEscapes) {
    size_t begin = at_++;
    if (peek() == '\'') plain(word, at_, at_, '\'');
    while (!done() && peek() != '\'') {
      if (peek() == kHoleByte)
        hole(word, hasEscapes ? '$' : '\'');
      else if (hasEscapes && peek() == '\\')
        plain(word, at_, std::min(at_ + 2, limit_), '\''), at_ += 2;
      else
        plain(word, at_, at_ + 1, '\''), ++at_;
    }
    close('\'', begin);
  }

  void doubleQuoted(ShellWord& word) {
    size_t begin = at_++;
    if (peek() == '"') plain(word, at_, at_, '"');
    while (!done() && peek() != '"') {
      char c = peek();
      if (c == '$')
        dollar(word, '"');
      else if (c == '`')
        backquote(word, '"');
      else if (c == kHoleByte)
        hole(word, '"');
      else if (c == '\\')
        plain(word, at_, std::min(at_ + 2, limit_), '"'), at_ += 2;
      else
        plain(word, at_, at_ + 1, '"'), ++at_;
    }
    close('"', begin);
  }

  void backquote(ShellWord& word, char quote) {
    size_t begin = at_++;
    commands('`');
    close('`', begin);
    add(word, {ShellPiece::Command, quote, begin, at_, {}, 0});
  }

  void dollar(ShellWord& word, char quote) {
    if (++depth_ > kMostDepth)
      at_ = limit_;
    else
      expansion(word, quote);
    --depth_;
  }

  void expansion(ShellWord& word, char quote) {
    size_t begin = at_;
    char next = peek(1);
    if (starts("$((") && arithmetic(3))
      return add(word, {ShellPiece::Arithmetic, quote, begin, at_, {}, 0});
    if (next == '(') {
      at_ += 2;
      commands(')');
      close(')', begin);
      return add(word, {ShellPiece::Command, quote, begin, at_, {}, 0});
    }
    if (next == '{') return braces(word, quote);
    if (quote == 0 && (next == '\'' || next == '"')) {
      ++at_;
      return next == '"' ? doubleQuoted(word) : singleQuoted(word, true);
    }
    ShellPiece piece{ShellPiece::Variable, quote, begin, begin, {}, 0};
    ++at_;
    if (isNameStart(next))
      piece.name = text_.slice(at_, limit_).take_while(isNameByte).str();
    else if (next && (llvm::isDigit(next) || StringRef("?#$!-@*").contains(next)))
      piece.name = std::string(1, next);
    else
      return plain(word, begin, at_, quote);
    at_ += piece.name.size();
    piece.end = at_;
    add(word, std::move(piece));
  }

  /// `${…}`.
  void braces(ShellWord& word, char quote) {
    ShellPiece piece{ShellPiece::Variable, quote, at_, at_, {}, 0};
    at_ += 2;
    if ((peek() == '#' || peek() == '!') && peek(1) != '}') {
      piece.op = peek() == '#' ? 'l' : '!';
      ++at_;
    }
    piece.name = text_.slice(at_, limit_).take_while(isNameByte).str();
    if (piece.name.empty() && !done()) piece.name = std::string(1, peek());
    at_ = std::min(at_ + piece.name.size(), limit_);
    if (peek() == '[') {
      bool isAll = starts("[@]") || starts("[*]");
      if (isAll && !piece.op) piece.op = '@';
      while (!done() && peek() != ']' && peek() != '}') ++at_;
      if (peek() == ']') ++at_;
    }
    if (!piece.op && peek() == ':' && StringRef("-=?+").contains(peek(1))) ++at_;
    if (!piece.op && peek() != '}') piece.op = peek();
    ShellWord inner;
    while (!done() && peek() != '}') {
      char c = peek();
      if (c == '"')
        doubleQuoted(inner);
      else if (c == '\'' && quote == 0)
        singleQuoted(inner, false);
      else if (c == '$')
        dollar(inner, '"');
      else if (c == '`')
        backquote(inner, '"');
      else if (c == kHoleByte)
        hole(inner, quote);
      else
        at_ += c == '\\' ? 2 : 1;
    }
    at_ = std::min(at_, limit_);
    close('}', piece.begin);
    piece.end = at_;
    add(word, std::move(piece));
  }

  /// `((…))` behind an opening of this length, whose names may be set there; false, and nothing
  /// read, if it is rather a subshell within another.
  bool arithmetic(size_t opening) {
    if (failures_ > kMostDepth)
      return false;  // or unclosed ones inside each other would be tried again and again
    size_t begin = at_, pieces = out_.pieces.size(), commands = out_.commands.size(),
           unclosed = out_.unclosed.size();
    int depth = 0;
    ShellWord none;
    for (at_ += opening; !done() && depth >= 0;) {
      char c = peek();
      if (depth == 0 && starts("))")) {
        at_ += 2;
        return true;
      }
      depth += (c == '(') - (c == ')');
      if (c == '$')
        dollar(none, 'a');
      else if (c == '`')
        backquote(none, 'a');
      else if (c == kHoleByte)
        hole(none, 'a');
      else if (isNameStart(c))
        out_.counted.insert(wordBytes());
      else if (llvm::isDigit(c))
        wordBytes();
      else
        ++at_;
    }
    ++failures_;
    at_ = begin;
    out_.pieces.resize(pieces);
    out_.commands.resize(commands);
    out_.unclosed.resize(unclosed);
    return false;
  }

  std::string wordBytes() {
    std::string bytes = text_.slice(at_, limit_).take_while(isNameByte).str();
    at_ += bytes.size();
    return bytes;
  }

  StringRef text_;
  size_t at_ = 0, limit_;
  int depth_ = 0, failures_ = 0;
  Level level_;
  ShellText out_;
  std::vector<HereDocument> pending_;
};

}  // namespace

bool declaresNames(StringRef command) {
  return isOneOf(" declare export local readonly typeset ", command);
}

ShellText readShell(StringRef text) { return ShellReader(text).read(); }

}  // namespace wfc::ir
