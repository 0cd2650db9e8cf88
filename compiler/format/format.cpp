// Lines are written one after the other; where each begins follows from the brackets that are open.
#include "compiler/format/format.h"

#include "compiler/base/assert.h"
#include "compiler/format/lines.h"
#include "compiler/syntax/lexer.h"
#include "compiler/syntax/parse.h"
#include "compiler/syntax/print.h"

namespace wfc::format {

using syntax::Tok;

namespace {

constexpr unsigned kStep = 2;

class Writer {
 public:
  explicit Writer(const Layout& layout) : layout_(layout) {
    size_t end = layout.text.find('\n');
    bool isDos = end != std::string_view::npos && end > 0 && layout.text[end - 1] == '\r';
    lineEnd_ = isDos ? "\r\n" : "\n";
  }

  std::string work() {
    for (const Line& line : layout_.lines) write(line);
    return std::move(out_);
  }

 private:
  struct Open {
    bool isBrace = false;
    unsigned inner = 0;   ///< where lines within begin
    unsigned closer = 0;  ///< where a line that begins with its end does
    unsigned item = 0;    ///< where the item around it began
  };

  unsigned indentOf(const Line& line) {
    const Piece& first = layout_.pieces[line.first];
    bool isCloser =
        first.kind == Tok::RBrace || first.kind == Tok::RParen || first.kind == Tok::RBrack;
    if (isCloser && !open_.empty()) return open_.back().closer;
    unsigned inner = open_.empty() ? 0 : open_.back().inner;
    if (!open_.empty() && !open_.back().isBrace) return inner;
    if (first.isStart() || first.kind == Tok::Comment) return inner;
    return first.kind == Tok::KwElse ? item_ : item_ + kStep;
  }

  void write(const Line& line) {
    if (line.isAfterBlank) out_ += lineEnd_;
    bool isInList = !open_.empty() && !open_.back().isBrace;
    unsigned indent = indentOf(line);
    lineIndent_ = isInList ? item_ : indent;
    column_ = indent;
    out_.append(indent, ' ');
    for (size_t n = line.first; n < line.end; ++n) {
      const Piece& piece = layout_.pieces[n];
      if (n > line.first) {
        out_.append(piece.gap, ' ');
        column_ += piece.gap;
      }
      if (piece.isStart() && (open_.empty() || open_.back().isBrace)) item_ = indent;
      note(piece, n + 1 < line.end);
      put(piece, static_cast<int>(indent) - static_cast<int>(sourceIndent(line)));
    }
    out_ += lineEnd_;
  }

  /// Opens and closes.
  void note(const Piece& piece, bool isFollowed) {
    switch (piece.kind) {
      case Tok::LBrace:
        open_.push_back({true, lineIndent_ + kStep, lineIndent_, item_});
        break;
      case Tok::LParen:
      case Tok::LBrack:
        // Lines within stand below what follows the bracket.
        if (isFollowed)
          open_.push_back({false, column_ + 1, column_, item_});
        else
          open_.push_back({false, lineIndent_ + 2 * kStep, lineIndent_, item_});
        break;
      case Tok::RBrace:
      case Tok::RParen:
      case Tok::RBrack:
        if (open_.empty()) break;
        item_ = open_.back().item;
        open_.pop_back();
        break;
      default:
        break;
    }
  }

  unsigned sourceIndent(const Line& line) const {
    uint32_t begin = layout_.pieces[line.first].begin;
    size_t start = layout_.text.rfind('\n', begin);
    return begin - static_cast<uint32_t>(start == std::string_view::npos ? 0 : start + 1);
  }

  /// A text of three quotes moves with its line; what is nearer to the edge keeps it from moving
  /// further.
  void put(const Piece& piece, int shift) {
    std::string_view text = layout_.textOf(piece);
    if (piece.kind != Tok::TripleOpen || text.find('\n') == std::string_view::npos) {
      out_ += text;
      column_ += widthOf(text);
      return;
    }
    shift = std::max(shift, -static_cast<int>(leastIndent(text)));
    size_t end = text.find('\n') + 1;
    out_ += text.substr(0, end);
    while (end < text.size()) {
      size_t next = std::min(text.find('\n', end), text.size() - 1) + 1;
      std::string_view line = text.substr(end, next - end);
      bool isBlank = line.find_first_not_of(" \r\n") == std::string_view::npos;
      if (isBlank)
        out_ += line;
      else if (shift < 0)
        out_ += line.substr(static_cast<size_t>(-shift));
      else
        out_.append(static_cast<size_t>(shift), ' ') += line;
      end = next;
    }
    column_ = widthOf(std::string_view(out_).substr(out_.rfind('\n') + 1));
  }

  static size_t leastIndent(std::string_view text) {
    size_t least = SIZE_MAX;
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      size_t first = text.find_first_not_of(' ', at + 1);
      bool isBlank = first == std::string_view::npos || text[first] == '\n' || text[first] == '\r';
      if (!isBlank) least = std::min(least, first - at - 1);
    }
    return least == SIZE_MAX ? 0 : least;
  }

  const Layout& layout_;
  std::string out_, lineEnd_;
  std::vector<Open> open_;
  unsigned item_ = 0, lineIndent_ = 0, column_ = 0;
};

/// What was read: the tree, and the words of every comment.
std::string meaningOf(const source::Sources& sources, const syntax::Tree& tree) {
  std::string text = syntax::printTree(tree);
  for (const syntax::Comment& comment : tree.comments) {
    std::string_view words = sources.text(comment.range);
    text += words.substr(0, words.find_last_not_of(" \t\r") + 1);
    text += '\n';
  }
  return text;
}

}  // namespace

std::optional<std::string> format(source::Sources& sources, source::FileId file,
                                  diag::Emitter& emitter) {
  syntax::Marks marks;
  const size_t errors = emitter.errorCount();
  syntax::Tree tree = syntax::parse(sources, file, emitter, &marks);
  if (emitter.errorCount() != errors) return std::nullopt;
  std::string_view text = sources.text(file);
  Layout layout = linesOf(text, syntax::lex(text), marks);
  giveGaps(layout);
  std::string formatted = Writer(layout).work();
  diag::Emitter none;
  syntax::Tree same = syntax::parse(sources, sources.add("<formatted>", formatted), none);
  WFC_ASSERT(!none.hasErrors() && meaningOf(sources, tree) == meaningOf(sources, same),
             "the layout would change what the text means");
  return formatted;
}

}  // namespace wfc::format
