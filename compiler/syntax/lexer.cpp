// The lexer's loop and its modes: plain text, a one-line string, a text of three quotes, a format.
//
// An interpolation is plain text again, ended by the first `}`, because no value has braces; its
// `:` outside brackets begins a format. A line end closes every one-line string that is still open,
// so that a forgotten quote costs one line. WorkflowLexer.g4 says the same, rule by rule.
#include "compiler/syntax/lexer.h"

#include <array>

namespace wfc::syntax {
namespace {

enum CharClass : uint8_t { Other, Letter, Digit, Blank, High };

constexpr std::array<uint8_t, 256> makeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = Letter;
  for (int c = 'A'; c <= 'Z'; ++c) classes[c] = Letter;
  for (int c = '0'; c <= '9'; ++c) classes[c] = Digit;
  for (int c = 128; c < 256; ++c) classes[c] = High;
  classes['_'] = Letter;
  for (char c : {' ', '\t', '\r', '\f'}) classes[static_cast<uint8_t>(c)] = Blank;
  return classes;
}
constexpr std::array<uint8_t, 256> classes = makeClasses();

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// From the beginning of a line on, until `isEnough` says so of the beginning of another.
  Tokens run(size_t begin, llvm::function_ref<bool(size_t)> isEnough) {
    pos_ = begin;
    if (begin == 0 && has("\xef\xbb\xbf", 0)) pos_ = 3;  // a byte order mark
    for (size_t lines = 0; pos_ < text_.size();) {
      if (out_.lines.size() > lines && isEnough(pos_)) return std::move(out_);
      lines = out_.lines.size();
      switch (mode()) {
        case Mode::Plain:
          plain();
          break;
        case Mode::OneLine:
          oneLine();
          break;
        case Mode::Triple:
          triple();
          break;
        case Mode::Format:
          format();
          break;
      }
    }
    add(Tok::End, pos_);
    return std::move(out_);
  }

 private:
  enum class Mode : uint8_t { Plain, OneLine, Triple, Format };
  /// An open string, or an open interpolation in one.
  struct Open {
    Mode mode;
    /// Brackets open inside the interpolation.
    uint32_t brackets = 0;
  };

  Mode mode() const { return open_.empty() ? Mode::Plain : open_.back().mode; }
  uint8_t at(size_t i) const { return i < text_.size() ? static_cast<uint8_t>(text_[i]) : 0; }
  uint8_t classAt(size_t i) const { return i < text_.size() ? classes[at(i)] : uint8_t{Other}; }
  bool has(std::string_view what, size_t i) const { return text_.substr(i, what.size()) == what; }

  void add(Tok kind, size_t begin) {
    out_.all.push_back({kind, false, static_cast<uint32_t>(begin), static_cast<uint32_t>(pos_)});
  }
  void take(Tok kind, size_t length) {
    size_t begin = pos_;
    pos_ += length;
    add(kind, begin);
  }

  void plain() {
    switch (classAt(pos_)) {
      case Blank:
        while (classAt(pos_) == Blank) ++pos_;
        return;
      case Letter:
        return word();
      case Digit:
        return number();
      case High:
        return nonAscii();
      default:
        break;
    }
    switch (text_[pos_]) {
      case '\n':
        return lineEnd();
      case '"':
        return string();
      case '\'':
        return singleQuoted();
      case '/':
        if (at(pos_ + 1) == '/') return comment();
        return take(Tok::Slash, 1);
      case '-':
        if (at(pos_ + 1) == '>') return take(Tok::Arrow, 2);
        if (at(pos_ + 1) == '-' && classIsLetter(pos_ + 2)) return flag();
        return take(Tok::Minus, 1);
      default:
        return sign();
    }
  }

  /// A flag begins with a letter proper.
  bool classIsLetter(size_t i) const { return classAt(i) == Letter && at(i) != '_'; }

  size_t wordEnd(size_t i) const {
    while (classAt(i) == Letter || classAt(i) == Digit) ++i;
    return i;
  }

  void word() {
    size_t end = wordEnd(pos_);
    take(keyword(text_.substr(pos_, end - pos_)), end - pos_);
  }

  void flag() {
    size_t end = pos_ + 2;
    while (classAt(end) == Letter || classAt(end) == Digit || at(end) == '-') ++end;
    take(Tok::Flag, end - pos_);
  }

  void nonAscii() {
    size_t end = pos_;
    while (classAt(end) == High) ++end;
    take(Tok::NonAscii, end - pos_);
  }

  size_t digitsEnd(size_t i) const {
    while (classAt(i) == Digit || at(i) == '_') ++i;
    return i;
  }

  bool isDate(size_t i) const {
    constexpr std::string_view shape = "0000-00-00";
    for (size_t k = 0; k < shape.size(); ++k)
      if (shape[k] == '0' ? classAt(i + k) != Digit : at(i + k) != '-') return false;
    return true;
  }

  void number() {
    if (isDate(pos_)) return date();
    size_t end = digitsEnd(pos_);
    bool isFloat = false;
    if (at(end) == '.' && classAt(end + 1) == Digit) {
      end = digitsEnd(end + 1);
      isFloat = true;
    }
    size_t exponent = exponentEnd(end);
    size_t unit = unitEnd(exponent ? exponent : end);
    // `1e6s` and `1 e6s` are the same text; only `1e6` alone is a float.
    if (!unit && exponent) return take(Tok::Float, exponent - pos_);
    if (!unit) unit = unitEnd(end);
    if (unit) return take(Tok::Quantity, unit - pos_);
    take(isFloat ? Tok::Float : Tok::Int, end - pos_);
  }

  /// The end of `e+12`, or 0.
  size_t exponentEnd(size_t i) const {
    if (at(i) != 'e' && at(i) != 'E') return 0;
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    if (classAt(i) != Digit) return 0;
    while (classAt(i) == Digit) ++i;
    return i;
  }

  /// The end of the letters of a unit, or 0.
  size_t unitEnd(size_t i) const { return classAt(i) == Letter ? wordEnd(i) : 0; }

  void date() {
    size_t end = pos_ + 10;
    if (at(end) != 'T') return take(Tok::Date, 10);
    ++end;
    while (classAt(end) == Digit || at(end) == ':' || at(end) == '.') ++end;
    bool isOffset = (at(end) == '+' || at(end) == '-') && classAt(end + 1) == Digit &&
                    classAt(end + 2) == Digit && at(end + 3) == ':' && classAt(end + 4) == Digit &&
                    classAt(end + 5) == Digit;
    if (at(end) == 'Z')
      ++end;
    else if (isOffset)
      end += 6;
    take(Tok::Instant, end - pos_);
  }

  void comment() {
    size_t end = text_.find('\n', pos_);
    if (end == std::string_view::npos) end = text_.size();
    out_.comments.push_back(
        {Tok::Comment, false, static_cast<uint32_t>(pos_), static_cast<uint32_t>(end)});
    pos_ = end;
  }

  void singleQuoted() {
    size_t end = pos_ + 1;
    while (end < text_.size() && text_[end] != '\'' && text_[end] != '\n') ++end;
    if (at(end) == '\'' && end < text_.size()) return take(Tok::SingleQuoted, end + 1 - pos_);
    take(Tok::BadChar, 1);
  }

  void string() {
    if (has("\"\"\"", pos_)) {
      take(Tok::TripleOpen, 3);
      open_.push_back({Mode::Triple});
      return;
    }
    size_t end = pos_ + 1;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '@' && text_[end] != '\n') {
      if (text_[end] == '\\') {
        if (end + 1 >= text_.size() || text_[end + 1] == '\n') break;
        ++end;
      }
      ++end;
    }
    if (end < text_.size() && text_[end] == '"') return take(Tok::String, end + 1 - pos_);
    take(Tok::StringOpen, 1);
    open_.push_back({Mode::OneLine});
  }

  void sign() {
    char c = text_[pos_];
    switch (c) {
      case '(':
        bracket(1);
        return take(Tok::LParen, 1);
      case ')':
        bracket(-1);
        return take(Tok::RParen, 1);
      case '[':
        bracket(1);
        return take(Tok::LBrack, 1);
      case ']':
        bracket(-1);
        return take(Tok::RBrack, 1);
      case '{':
        return take(Tok::LBrace, 1);
      case '}':
        if (open_.empty()) return take(Tok::RBrace, 1);
        open_.pop_back();
        return take(Tok::HoleClose, 1);
      case ':':
        if (open_.empty() || open_.back().brackets) return take(Tok::Colon, 1);
        open_.back().mode = Mode::Format;
        return take(Tok::FormatOpen, 1);
      case '.':
        if (at(pos_ + 1) != '.') return take(Tok::Dot, 1);
        return at(pos_ + 2) == '.' ? take(Tok::Ellipsis, 3) : take(Tok::DotDot, 2);
      case '=':
        return pair('=', Tok::EqEq, Tok::Equal);
      case '!':
        return pair('=', Tok::NotEq, Tok::Bang);
      case '<':
        return pair('=', Tok::LessEq, Tok::Less);
      case '>':
        return pair('=', Tok::GreaterEq, Tok::Greater);
      case '&':
        return pair('&', Tok::AmpAmp, Tok::BadChar);
      case '|':
        return pair('|', Tok::PipePipe, Tok::Pipe);
      case '+':
        return take(Tok::Plus, 1);
      case '*':
        return take(Tok::Star, 1);
      case '%':
        return take(Tok::Percent, 1);
      case ',':
        return take(Tok::Comma, 1);
      case '?':
        return take(Tok::Question, 1);
      case ';':
        return take(Tok::Semicolon, 1);
      default:
        return take(Tok::BadChar, 1);
    }
  }

  /// A sign of two characters, or of its first alone.
  void pair(char second, Tok both, Tok alone) {
    bool isBoth = pos_ + 1 < text_.size() && text_[pos_ + 1] == second;
    take(isBoth ? both : alone, isBoth ? 2 : 1);
  }

  void bracket(int by) {
    if (open_.empty()) return;
    if (by > 0)
      ++open_.back().brackets;
    else if (open_.back().brackets)
      --open_.back().brackets;
  }

  /// A line end: nothing, unless it is inside a one-line string or a format, which it closes.
  void lineEnd() {
    bool inFormat = mode() == Mode::Format;
    bool inOneLine = false;
    for (size_t i = open_.size(); i-- > 0 && !inOneLine;) {
      if (open_[i].mode == Mode::Triple) break;
      inOneLine = open_[i].mode == Mode::OneLine;
    }
    if (!inOneLine && !inFormat) {
      ++pos_;
      if (open_.empty()) noteLine();
      return;
    }
    take(Tok::Unterminated, 1);
    if (!inOneLine) {
      open_.pop_back();
      return;
    }
    // Down to the interpolation of a text of three quotes, which may have lines.
    while (!open_.empty()) {
      bool isHole = open_.back().mode != Mode::OneLine && open_.back().mode != Mode::Triple;
      if (isHole && open_[open_.size() - 2].mode == Mode::Triple) break;
      open_.pop_back();
    }
  }

  void noteLine() {
    out_.lines.push_back({static_cast<uint32_t>(pos_), static_cast<uint32_t>(out_.all.size()),
                          static_cast<uint32_t>(out_.comments.size())});
  }

  /// `@{`, `@raw{` and their literal spellings; false: a lone `@`, taken as text.
  void atSign() {
    if (has("@{", pos_)) return hole(Tok::HoleOpen, 2);
    if (has("@raw{", pos_)) return hole(Tok::RawOpen, 5);
    if (has("@@{", pos_)) return take(Tok::Text, 3);
    take(Tok::Text, has("@@raw{", pos_) ? 6 : 1);
  }

  void hole(Tok kind, size_t length) {
    take(kind, length);
    open_.push_back({Mode::Plain});
  }

  void oneLine() {
    switch (text_[pos_]) {
      case '"':
        open_.pop_back();
        return take(Tok::StringClose, 1);
      case '\n':
        return lineEnd();
      case '@':
        return atSign();
      case '\\': {
        bool isPair = pos_ + 1 < text_.size() && text_[pos_ + 1] != '\n';
        return take(Tok::Text, isPair ? 2 : 1);
      }
      default:
        return takeUntil("\"\\@\n");
    }
  }

  void triple() {
    if (has("\"\"\"", pos_)) {
      open_.pop_back();
      return take(Tok::TripleClose, 3);
    }
    if (text_[pos_] == '@') return atSign();
    if (text_[pos_] == '"') return take(Tok::Text, 1);
    takeUntil("\"@");
  }

  void format() {
    if (text_[pos_] == '\n') return lineEnd();
    if (text_[pos_] != '}') return takeFormat();
    open_.pop_back();
    take(Tok::HoleClose, 1);
  }

  void takeFormat() {
    size_t end = text_.find_first_of("}\n", pos_);
    take(Tok::Format, (end == std::string_view::npos ? text_.size() : end) - pos_);
  }

  void takeUntil(std::string_view stops) {
    size_t end = text_.find_first_of(stops, pos_);
    take(Tok::Text, (end == std::string_view::npos ? text_.size() : end) - pos_);
  }

  std::string_view text_;
  size_t pos_ = 0;
  std::vector<Open> open_;
  Tokens out_;
};

}  // namespace

Tokens lex(std::string_view text) {
  return lexLines(text, 0, [](size_t) { return false; });
}

Tokens lexLines(std::string_view text, size_t begin, llvm::function_ref<bool(size_t)> isEnough) {
  return Lexer(text).run(begin, isEnough);
}

}  // namespace wfc::syntax
