// Restricted Damerau distance over bytes, with three rows and an early end: candidates may be every
// name of a large flow, and most differ by length alone.
#include "compiler/base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "llvm/ADT/SmallVector.h"

namespace wfc::base {

namespace {

std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

size_t difference(size_t a, size_t b) { return a < b ? b - a : a - b; }

/// Edits that turn `a` into `b`, or `limit + 1` when there are more than `limit`.
size_t distance(std::string_view a, std::string_view b, size_t limit) {
  if (difference(a.size(), b.size()) > limit) return limit + 1;
  using Row = llvm::SmallVector<size_t, 32>;
  Row before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    size_t best = row[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (isSwap) row[j] = std::min(row[j], before[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    if (best > limit) return limit + 1;
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

template <class Text>
std::optional<std::string_view> nearest(std::string_view name, std::span<const Text> candidates) {
  std::string wanted = folded(name);
  // Any two single letters are one edit apart, and not alike.
  size_t limit = name.size() < 2 ? 0 : std::max<size_t>(1, name.size() / 3);
  using Rank = std::tuple<size_t, size_t, std::string_view>;
  std::optional<Rank> best;
  for (std::string_view candidate : candidates) {
    if (difference(name.size(), candidate.size()) > limit) continue;
    size_t edits = distance(wanted, folded(candidate), limit);
    // One letter for another is no likeness.
    if (edits > limit || edits >= std::max(name.size(), candidate.size())) continue;
    Rank rank{edits, distance(name, candidate, name.size() + candidate.size()), candidate};
    if (!best || rank < *best) best = rank;
  }
  if (!best) return std::nullopt;
  return std::get<2>(*best);
}

}  // namespace

std::optional<std::string_view> suggest(std::string_view name,
                                        std::span<const std::string_view> candidates) {
  return nearest(name, candidates);
}

std::optional<std::string_view> suggest(std::string_view name,
                                        std::span<const std::string> candidates) {
  return nearest(name, candidates);
}

}  // namespace wfc::base
