// The first look at the tokens. See fixup.h.
//
// A string without an end has been closed by the lexer at the end of its line; here it gets the
// closing tokens it lacks, so that the grammar sees a whole string.
#include "compiler/syntax/fixup.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/JSON.h"
#include <fmt/format.h>

#include "compiler/diag/catalog/syntax.h"

namespace wfc::syntax {
namespace {

constexpr std::string_view kNamesAre = "names are made of a-z, A-Z, 0-9 and `_`";

/// Of Latin, Greek and the other alphabets, not of the signs between and behind them.
bool hasOnlyLetters(llvm::StringRef text) {
  while (!text.empty()) {
    llvm::UTF32 point = 0;
    auto* at = reinterpret_cast<const llvm::UTF8*>(text.begin());
    auto* begin = at;
    if (llvm::convertUTF8Sequence(&at, reinterpret_cast<const llvm::UTF8*>(text.end()), &point,
                                  llvm::strictConversion) != llvm::conversionOK)
      return false;
    bool isSign = point < 0xC0 || point == 0xD7 || point == 0xF7;
    if (isSign || (point >= 0x2000 && point < 0x3040) || point > 0xD7FF) return false;
    text = text.drop_front(static_cast<size_t>(at - begin));
  }
  return true;
}

/// What comes along when text is copied from a document or a page.
std::string noteOn(llvm::StringRef text) {
  for (const char* quote : {"“", "”", "„", "«", "»", "‘", "’"})
    if (text.contains(quote)) return "a string has double quotes: `\"…\"`";
  for (const char* dash : {"–", "—", "−"})
    if (text.contains(dash)) return "a minus is `-`";
  for (const char* blank : {"\u00A0", "\u202F", "\u200B", "\uFEFF"})
    if (text.contains(blank)) return "it looks like a blank, and is none";
  return std::string(kNamesAre);
}

class Fixer {
 public:
  Fixer(std::string_view text, source::FileId file, diag::Emitter& emitter)
      : text_(text), file_(file), emitter_(emitter) {}

  std::vector<Token> run(const std::vector<Token>& raw) {
    out_.reserve(raw.size() + 8);
    for (size_t i = 0; i < raw.size();) {
      size_t taken =
          inString() ? 0 : foreignNumber(raw, i) + foreignComment(raw, i) + foreignName(raw, i);
      if (!taken) one(raw[i]);
      i += std::max<size_t>(taken, 1);
    }
    return std::move(out_);
  }

 private:
  /// Strings, interpolations and brackets inside of these.
  bool inString() const { return !open_.empty(); }
  source::Range rangeOf(const Token& t) const { return {file_, t.begin, t.end}; }
  std::string textOf(const Token& t) const {
    return std::string(text_.substr(t.begin, t.end - t.begin));
  }

  void one(const Token& token) {
    switch (token.kind) {
      case Tok::AmpAmp:
        return foreign(token, Tok::KwAnd);
      case Tok::PipePipe:
        return foreign(token, Tok::KwOr);
      case Tok::Bang:
        return foreign(token, Tok::KwNot);
      case Tok::SingleQuoted:
        return singleQuoted(token);
      case Tok::Semicolon:
      case Tok::NonAscii:
      case Tok::BadChar:
        return unknown(token);
      case Tok::Unterminated:
        return close(token, closesLine());
      case Tok::End:
        close(token, open_.size());
        break;
      case Tok::StringOpen:
      case Tok::TripleOpen:
      case Tok::HoleOpen:
      case Tok::RawOpen:
        open_.push_back(token);
        break;
      case Tok::LParen:
      case Tok::LBrack:
        if (inString()) open_.push_back(token);
        break;
      case Tok::RParen:
      case Tok::RBrack:
        if (inString() && closerOf(open_.back().kind) == token.kind) open_.pop_back();
        break;
      case Tok::HoleClose:
        // What ended with its line has its closing token already.
        if (!closeHole(token)) return;
        break;
      case Tok::StringClose:
      case Tok::TripleClose:
        if (!inString() || closerOf(open_.back().kind) != token.kind) return;
        open_.pop_back();
        break;
      case Tok::Text:
      case Tok::String:
        foreignHoles(token);
        break;
      default:
        break;
    }
    out_.push_back(token);
  }

  void foreign(const Token& token, Tok wanted) {
    std::string word(wordOf(wanted));
    emitter_.report(rangeOf(token), diag::ForeignOperator{.found = textOf(token),
                                                          .wanted = word,
                                                          .fix = diag::Fix{rangeOf(token), word}});
    out_.push_back({wanted, true, token.begin, token.end});
  }

  void singleQuoted(const Token& token) {
    std::string text = textOf(token);
    std::string fixed = "\"" + text.substr(1, text.size() - 2) + "\"";
    emitter_.report(rangeOf(token),
                    diag::SingleQuotes{.fix = diag::Fix{rangeOf(token), std::move(fixed)}});
    out_.push_back({Tok::String, false, token.begin, token.end});
  }

  /// `# …` to the end of its line: how many tokens that are.
  size_t foreignComment(const std::vector<Token>& raw, size_t i) {
    if (raw[i].kind != Tok::BadChar || text_[raw[i].begin] != '#') return 0;
    source::Range at = rangeOf(raw[i]);
    emitter_.report(
        at, diag::ForeignOperator{.found = "#", .wanted = "//", .fix = diag::Fix{at, "//"}});
    size_t line = text_.find('\n', raw[i].begin), count = 1;
    while (raw[i + count].kind != Tok::End && raw[i + count].begin < line) ++count;
    return count;
  }

  /// A number that another language would take: `.5`, and times as clocks show them, `1:30:00`,
  /// `2-00:00:00`. How many tokens it has.
  size_t foreignNumber(const std::vector<Token>& raw, size_t i) {
    auto isNext = [&](size_t n, Tok kind) {
      return raw[n].kind == kind && raw[n].begin == raw[n - 1].end;
    };
    if (raw[i].kind == Tok::Dot && (i == 0 || raw[i - 1].end != raw[i].begin) &&
        (isNext(i + 1, Tok::Int) || isNext(i + 1, Tok::Float) || isNext(i + 1, Tok::Quantity))) {
      source::Range at = {file_, raw[i].begin, raw[i + 1].end};
      std::string text = textOf(raw[i]) + textOf(raw[i + 1]);
      return foreignNumber(at, text, "0" + text, 2);
    }
    if (raw[i].kind != Tok::Int ||
        (i && raw[i - 1].end == raw[i].begin && raw[i - 1].kind == Tok::Minus))
      return 0;
    size_t n = isNext(i + 1, Tok::Minus) && isNext(i + 2, Tok::Int) ? i + 2 : i;
    if (!isNext(n + 1, Tok::Colon) || !isNext(n + 2, Tok::Int) || !isNext(n + 3, Tok::Colon) ||
        !isNext(n + 4, Tok::Int))
      return 0;
    std::string wanted;
    auto part = [&](size_t token, const char* unit) {
      llvm::StringRef digits = llvm::StringRef(text_).slice(raw[token].begin, raw[token].end);
      digits = digits.ltrim('0');
      if (!digits.empty()) wanted += (wanted.empty() ? "" : " + ") + digits.str() + unit;
    };
    if (n != i) part(i, "d");
    part(n, "h");
    part(n + 2, "min");
    part(n + 4, "s");
    source::Range at = {file_, raw[i].begin, raw[n + 4].end};
    return foreignNumber(at, std::string(text_.substr(at.begin, at.end - at.begin)),
                         wanted.empty() ? "0s" : wanted, n + 5 - i);
  }

  size_t foreignNumber(source::Range at, std::string found, const std::string& wanted,
                       size_t taken) {
    emitter_.report(at,
                    diag::ForeignOperator{
                        .found = std::move(found), .wanted = wanted, .fix = diag::Fix{at, wanted}});
    out_.push_back({Tok::Hole, true, at.begin, at.end});
    return taken;
  }

  bool isPartOfName(const Token& token) const {
    std::string_view text = text_.substr(token.begin, token.end - token.begin);
    if (token.kind == Tok::NonAscii) return hasOnlyLetters(text);
    return !text.empty() && (llvm::isAlnum(text.front()) || text.front() == '_');
  }

  /// `größe`, which the lexer takes as three: how many tokens. One report, and one name.
  size_t foreignName(const std::vector<Token>& raw, size_t i) {
    size_t end = i;
    bool isForeign = false;
    while ((end == i || raw[end].begin == raw[end - 1].end) && isPartOfName(raw[end]))
      isForeign |= raw[end++].kind == Tok::NonAscii;
    if (!isForeign || end - i < 2) return 0;
    Token name{Tok::Id, false, raw[i].begin, raw[end - 1].end};
    emitter_.report(rangeOf(name), diag::UnknownCharacter{.found = "`" + textOf(name) + "`",
                                                          .note = std::string(kNamesAre)});
    out_.push_back(name);
    return end - i;
  }

  /// One report for a run of them.
  void unknown(const Token& token) {
    bool isNext = unknownEnd_ != 0 && token.begin <= unknownEnd_ + 1;
    unknownEnd_ = token.end;
    if (isNext) return;
    std::string text = textOf(token);
    auto byte = static_cast<unsigned char>(text[0]);
    if (byte == 0) return;  // checkBytes has said it
    std::string found =
        byte < 0x20 || byte == 0x7f ? fmt::format("a byte {:#04x}", byte) : "`" + text + "`";
    std::string note;
    if (token.kind == Tok::Semicolon) note = "nothing stands between two statements";
    if (token.kind == Tok::NonAscii) note = noteOn(text);
    if (text == "'") note = "a string has double quotes";
    emitter_.report(rangeOf(token), diag::UnknownCharacter{.found = found, .note = note});
  }

  /// How many of the open ones a line end closes: down to the outermost one-line string above a
  /// text of three quotes, or a format alone.
  size_t closesLine() const {
    size_t count = 0;
    size_t seen = 0;
    size_t hole = 0;
    for (size_t i = open_.size(); i-- > 0 && open_[i].kind != Tok::TripleOpen;) {
      ++seen;
      if (open_[i].kind == Tok::StringOpen) count = seen;
      bool isHole = open_[i].kind == Tok::HoleOpen || open_[i].kind == Tok::RawOpen;
      if (isHole && !hole) hole = seen;
    }
    return count ? count : hole;
  }

  /// Closes `count` of the open ones where `token` stands, and reports the outermost interpolation,
  /// which will have swallowed the quote, or else the outermost of all.
  void close(const Token& token, size_t count) {
    if (!count) return;
    size_t blamed = open_.size() - count;
    for (size_t i = open_.size(); i-- > open_.size() - count;)
      if (open_[i].kind == Tok::HoleOpen || open_[i].kind == Tok::RawOpen) blamed = i;
    report(open_[blamed], token);
    uint32_t end = out_.empty() ? token.begin : out_.back().end;
    for (; count; --count) {
      Token opening = open_.back();
      open_.pop_back();
      // A quote inside an interpolation was meant to end the string around it.
      bool isMeantAsEnd = opening.kind == Tok::StringOpen && count > 1;
      if (isMeantAsEnd) {
        auto isOpening = [&] {
          return out_.back().begin == opening.begin && !out_.back().inserted;
        };
        while (!out_.empty() && !isOpening()) out_.pop_back();
        if (!out_.empty()) out_.pop_back();
        continue;
      }
      if (!out_.empty() && out_.back().begin == opening.begin && opening.kind != Tok::StringOpen &&
          opening.kind != Tok::TripleOpen)
        out_.push_back({Tok::Hole, true, end, end});
      out_.push_back({closerOf(opening.kind), true, end, end});
    }
  }

  void report(const Token& opening, const Token& at) {
    source::Range range = rangeOf(opening);
    source::Range end = {file_, at.begin, at.begin};
    if (opening.kind == Tok::StringOpen)
      emitter_.report(range, diag::UnterminatedString{.endAt = end});
    else if (opening.kind == Tok::TripleOpen)
      emitter_.report(range, diag::UnterminatedText{});
    else
      emitter_.report(range, diag::UnterminatedHole{});
  }

  /// A `}` closes the interpolation whatever is open in it; false if there is none.
  bool closeHole(const Token& token) {
    auto isHole = [](const Token& t) { return t.kind == Tok::HoleOpen || t.kind == Tok::RawOpen; };
    auto outer = std::find_if(open_.rbegin(), open_.rend(), [](const Token& t) {
      return t.kind != Tok::LParen && t.kind != Tok::LBrack;
    });
    if (outer == open_.rend() || !isHole(*outer)) return false;
    while (open_.back().kind == Tok::LParen || open_.back().kind == Tok::LBrack) {
      Token opening = open_.back();
      open_.pop_back();
      Tok closing = closerOf(opening.kind);
      std::string sign = closing == Tok::RParen ? ")" : "]";
      source::Range at = {file_, token.begin, token.begin};
      emitter_.report(at, diag::MissingClosing{.closing = sign,
                                               .found = "`}`",
                                               .openingAt = rangeOf(opening),
                                               .fix = diag::Fix{at, sign}});
      out_.push_back({closing, true, token.begin, token.begin});
    }
    open_.pop_back();
    return true;
  }

  /// `${x}` or `{{x}}` in a string that is no script.
  void foreignHoles(const Token& token) {
    bool isPart = token.kind == Tok::Text;
    if (isPart && (open_.empty() || open_.back().kind == Tok::TripleOpen)) return;
    size_t before = out_.size();
    if (isPart)
      while (before > 0 && out_[before - 1].begin != open_.back().begin) --before;
    if (isPart && before) --before;
    Tok word = before ? out_[before - 1].kind : Tok::End;
    if (word == Tok::KwSh || word == Tok::KwBash || word == Tok::KwPython) return;
    std::string_view text = text_.substr(token.begin, token.end - token.begin);
    for (std::string_view opening : {"${", "{{"}) {
      size_t at = text.find(opening);
      if (at == std::string_view::npos) continue;
      std::string_view closing = opening == "${" ? "}" : "}}";
      size_t end = text.find(closing, at);
      if (end == std::string_view::npos) continue;
      std::string_view name = text.substr(at + 2, end - at - 2);
      source::Range range = {file_, token.begin + static_cast<uint32_t>(at),
                             token.begin + static_cast<uint32_t>(end + closing.size())};
      emitter_.report(range, diag::ForeignInterpolation{
                                 .found = std::string(text.substr(at, end + closing.size() - at)),
                                 .fix = diag::Fix{range, fmt::format("@{{{}}}", trim(name))}});
      return;
    }
  }

  static std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
  }

  std::string_view text_;
  source::FileId file_;
  diag::Emitter& emitter_;
  std::vector<Token> out_;
  std::vector<Token> open_;
  uint32_t unknownEnd_ = 0;
};

}  // namespace

Fixed fixTokens(const std::vector<Token>& raw, std::string_view text, source::FileId file,
                diag::Emitter& emitter) {
  Fixed fixed;
  fixed.tokens = Fixer(text, file, emitter).run(raw);
  fixed.isCut = cutDepth(fixed.tokens, file, emitter);
  return fixed;
}

void checkBytes(std::string_view text, bool isAscii, source::FileId file, diag::Emitter& emitter) {
  size_t offset = 0;
  if (!isAscii && !llvm::json::isUTF8(text, &offset)) {
    auto at = static_cast<uint32_t>(offset);
    auto byte = static_cast<unsigned char>(text[offset]);
    emitter.report({file, at, at + 1}, diag::NotUtf8{.byte = fmt::format("{:#04x}", byte),
                                                     .offset = std::to_string(offset)});
  }
  size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return;
  auto at = static_cast<uint32_t>(nul);
  emitter.report({file, at, at + 1}, diag::NulByte{.offset = std::to_string(nul)});
}

}  // namespace wfc::syntax
