// See edited_tokens.h.
#include "compiler/syntax/edited_tokens.h"

#include <algorithm>
#include <cstring>

#include "compiler/syntax/lexer.h"

namespace wfc::syntax {
namespace {

using Line = Tokens::Line;

constexpr size_t kBlock = 4096;

size_t sameAtBegin(std::string_view a, std::string_view b) {
  size_t most = std::min(a.size(), b.size()), n = 0;
  while (n + kBlock <= most && std::memcmp(a.data() + n, b.data() + n, kBlock) == 0) n += kBlock;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

size_t sameAtEnd(std::string_view a, std::string_view b, size_t most) {
  size_t n = 0;
  auto at = [&](std::string_view text) { return text.data() + text.size() - n - kBlock; };
  while (n + kBlock <= most && std::memcmp(at(a), at(b), kBlock) == 0) n += kBlock;
  while (n < most && a[a.size() - n - 1] == b[b.size() - n - 1]) ++n;
  return n;
}

/// Puts others in place of [from, to); the place behind them.
template <class T>
size_t replace(std::vector<T>& all, size_t from, size_t to, const std::vector<T>& put) {
  auto at = [&](size_t n) { return all.begin() + static_cast<ptrdiff_t>(n); };
  size_t both = std::min(put.size(), to - from);
  auto rest = std::copy_n(put.begin(), both, at(from)) - all.begin();
  if (put.size() > both)
    all.insert(all.begin() + rest, put.begin() + static_cast<ptrdiff_t>(both), put.end());
  else
    all.erase(all.begin() + rest, at(to));
  return from + put.size();
}

bool beginsBefore(uint32_t at, const Line& line) { return at < line.begin; }

}  // namespace

const Tokens& EditedTokens::of(std::string_view text) {
  size_t same = sameAtBegin(text_, text);
  size_t tail = sameAtEnd(text_, text, std::min(text_.size(), text.size()) - same);
  std::vector<Line>& lines = tokens_.lines;
  // Numbers are moved by adding, which goes round for those that become less.
  auto longer = static_cast<uint32_t>(text.size() - text_.size());
  auto first =
      std::upper_bound(lines.begin(), lines.end(), static_cast<uint32_t>(same), beginsBefore);
  Line from = first == lines.begin() ? Line{} : *std::prev(first);
  auto known = lines.end();  // the line where nothing is new any more
  Tokens fresh = lexLines(text, from.begin, [&](size_t at) {
    if (at < text.size() - tail) return false;
    uint32_t before = static_cast<uint32_t>(at) - longer;
    auto next = std::upper_bound(first, lines.end(), before, beginsBefore);
    if (next == first || std::prev(next)->begin != before) return false;
    known = next;
    return true;
  });
  bool isJoined = fresh.all.empty() || fresh.all.back().kind != Tok::End;
  Line to{0, static_cast<uint32_t>(tokens_.all.size()),
          static_cast<uint32_t>(tokens_.comments.size())};
  if (isJoined) to = *std::prev(known);
  auto firstLine = static_cast<size_t>(first - lines.begin());
  auto lastLine = static_cast<size_t>((isJoined ? known : lines.end()) - lines.begin());
  for (Line& line : fresh.lines) line.token += from.token, line.comment += from.comment;
  auto moreTokens = static_cast<uint32_t>(fresh.all.size()) - (to.token - from.token);
  auto moreComments = static_cast<uint32_t>(fresh.comments.size()) - (to.comment - from.comment);
  auto move = [&](std::vector<Token>& all, size_t begin) {
    for (; begin < all.size(); ++begin) all[begin].begin += longer, all[begin].end += longer;
  };
  move(tokens_.all, replace(tokens_.all, from.token, to.token, fresh.all));
  move(tokens_.comments, replace(tokens_.comments, from.comment, to.comment, fresh.comments));
  for (size_t n = replace(lines, firstLine, lastLine, fresh.lines); n < lines.size(); ++n) {
    lines[n].begin += longer;
    lines[n].token += moreTokens, lines[n].comment += moreComments;
  }
  text_.assign(text);
  return tokens_;
}

}  // namespace wfc::syntax
