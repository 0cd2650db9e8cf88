// Tables with a place for each of a million, which cost nothing where nothing is known.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace wfc::run {

inline constexpr uint32_t kNone = UINT32_MAX;

/// A value for each number; a page of them is there once one of its values is.
template <typename T, T kDefault>
class Sparse {
 public:
  T get(uint32_t n) const {
    uint32_t page = n / kPage;
    return page < pages_.size() && pages_[page] ? (*pages_[page])[n % kPage] : kDefault;
  }
  T& at(uint32_t n) {
    uint32_t page = n / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) {
      pages_[page] = std::make_unique<Page>();
      pages_[page]->fill(kDefault);
    }
    return (*pages_[page])[n % kPage];
  }
  /// As if it had never been set.
  void reset(uint32_t n) {
    if (get(n) != kDefault) at(n) = kDefault;
  }
  void clear() { pages_.clear(); }

 private:
  static constexpr uint32_t kPage = 1024;
  using Page = std::array<T, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
};

struct Iteration {
  uint32_t parent = 0, position = 0;
};

/// The iterations of a loop: pieces in which parent and position are computed.
class Iterations {
 public:
  uint32_t size() const { return size_; }
  Iteration operator[](uint32_t n) const {
    const Piece& piece = pieces_[pieceOf(n)];
    return {piece.parent, piece.position + (n - piece.first)};
  }
  /// `count` more of one parent, from that position on.
  void add(uint32_t parent, uint32_t position, uint32_t count) {
    bool isMore = !pieces_.empty() && pieces_.back().parent == parent &&
                  pieces_.back().position + (size_ - pieces_.back().first) == position;
    if (!isMore && count > 0) pieces_.push_back({size_, parent, position});
    size_ += count;
  }

 private:
  struct Piece {
    uint32_t first, parent, position;
  };
  size_t pieceOf(uint32_t n) const {
    // Where all are of one length, the first guess is right.
    size_t guess = pieces_.size() > 1 ? n / pieces_[1].first : 0;
    if (guess < pieces_.size() && pieces_[guess].first <= n &&
        (guess + 1 == pieces_.size() || n < pieces_[guess + 1].first))
      return guess;
    auto after = std::upper_bound(pieces_.begin(), pieces_.end(), n,
                                  [](uint32_t a, const Piece& b) { return a < b.first; });
    return static_cast<size_t>(after - pieces_.begin()) - 1;
  }
  std::vector<Piece> pieces_;
  uint32_t size_ = 0;
};

/// For each instance its last attempt: its place in State::attempts, or, of a plain one (see
/// Instance), where its line is, as the distance from a number that the page has.
class Lasts {
 public:
  uint32_t attempt(uint32_t n) const {
    const Page* page = pageOf(n);
    return page == nullptr ? kNone : page->entries[n % kPage];
  }
  void setAttempt(uint32_t n, uint32_t attempt) { make(n).entries[n % kPage] = attempt; }
  uint64_t line(uint32_t n) const { return pageOf(n)->base + pageOf(n)->entries[n % kPage]; }
  /// False: too far away from the others of its page.
  bool setLine(uint32_t n, uint64_t line) {
    Page& page = make(n);
    // Ends come in any order: some lie before the first.
    if (page.base == 0) page.base = line - std::min(line - 1, uint64_t(kNone / 2));
    if (line < page.base || line - page.base >= kNone) return false;
    page.entries[n % kPage] = static_cast<uint32_t>(line - page.base);
    return true;
  }

 private:
  static constexpr uint32_t kPage = 1024;
  struct Page {
    uint64_t base = 0;
    std::array<uint32_t, kPage> entries;
  };
  const Page* pageOf(uint32_t n) const {
    return n / kPage < pages_.size() ? pages_[n / kPage].get() : nullptr;
  }
  Page& make(uint32_t n) {
    if (n / kPage >= pages_.size()) pages_.resize(n / kPage + 1);
    std::unique_ptr<Page>& page = pages_[n / kPage];
    if (!page) {
      page = std::make_unique<Page>();
      page->entries.fill(kNone);
    }
    return *page;
  }
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace wfc::run
