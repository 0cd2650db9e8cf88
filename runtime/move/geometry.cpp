// See geometry.h. Reads the envelope of the header where there is one, else all coordinates.
#include "runtime/move/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <llvm/Support/Endian.h>

namespace wfc::move {

namespace {

/// Deeper collections than this are none.
constexpr unsigned kDeepest = 32;

class Walk {
 public:
  explicit Walk(llvm::ArrayRef<uint8_t> bytes) : left_(bytes) {}

  /// One geometry of well-known binary; false if it is not whole.
  bool geometry(unsigned depth) {
    if (left_.empty() || depth > kDeepest) return false;
    isLittle_ = left_[0] == 1;
    left_ = left_.drop_front();
    uint32_t type = 0;
    if (!number(type)) return false;
    bool hasZ = (type & 0x80000000u) != 0, hasM = (type & 0x40000000u) != 0;
    uint32_t srs = 0;
    if ((type & 0x20000000u) != 0 && !number(srs)) return false;
    type &= 0x0fffffffu;
    hasZ |= type / 1000 == 1 || type / 1000 == 3;
    hasM |= type / 1000 == 2 || type / 1000 == 3;
    unsigned size = 2 + (hasZ ? 1 : 0) + (hasM ? 1 : 0);
    switch (type % 1000) {
      case 1:
        return point(size);
      case 2:
      case 8:
        return points(size);
      case 3:
      case 17:
        return each([&] { return points(size); });
      default:
        return each([&] { return geometry(depth + 1); });
    }
  }

  std::optional<Extent> extent() const {
    return extent_.minX <= extent_.maxX ? std::optional(extent_) : std::nullopt;
  }

 private:
  template <class T>
  bool number(T& value) {
    if (left_.size() < sizeof(T)) return false;
    value = isLittle_ ? llvm::support::endian::read<T, llvm::endianness::little>(left_.data())
                      : llvm::support::endian::read<T, llvm::endianness::big>(left_.data());
    left_ = left_.drop_front(sizeof(T));
    return true;
  }

  template <class One>
  bool each(One one) {
    uint32_t count = 0;
    if (!number(count)) return false;
    for (uint32_t n = 0; n < count; ++n) {
      if (!one()) return false;
    }
    return true;
  }

  bool points(unsigned size) {
    return each([&] { return point(size); });
  }

  bool point(unsigned size) {
    double at[4] = {};
    for (unsigned n = 0; n < size; ++n) {
      if (!number(at[n])) return false;
    }
    // An empty point has no numbers.
    if (std::isnan(at[0]) || std::isnan(at[1])) return true;
    extent_.minX = std::min(extent_.minX, at[0]);
    extent_.maxX = std::max(extent_.maxX, at[0]);
    extent_.minY = std::min(extent_.minY, at[1]);
    extent_.maxY = std::max(extent_.maxY, at[1]);
    return true;
  }

  static constexpr double kFar = std::numeric_limits<double>::infinity();
  llvm::ArrayRef<uint8_t> left_;
  bool isLittle_ = true;
  Extent extent_{kFar, -kFar, kFar, -kFar};
};

}  // namespace

std::optional<Extent> extentOf(llvm::ArrayRef<uint8_t> blob) {
  if (blob.size() < 8 || blob[0] != 'G' || blob[1] != 'P') return {};
  uint8_t flags = blob[3];
  if ((flags & 0x10) != 0) return {};
  static constexpr size_t kEnvelopes[] = {0, 32, 48, 48, 64};
  size_t kind = flags >> 1 & 7;
  if (kind >= std::size(kEnvelopes) || blob.size() < 8 + kEnvelopes[kind]) return {};
  if (kind == 0) {
    Walk walk(blob.drop_front(8));
    return walk.geometry(0) ? walk.extent() : std::nullopt;
  }
  auto number = [&](size_t n) {
    const uint8_t* at = blob.data() + 8 + n * sizeof(double);
    return (flags & 1) != 0 ? llvm::support::endian::read<double, llvm::endianness::little>(at)
                            : llvm::support::endian::read<double, llvm::endianness::big>(at);
  };
  Extent extent{number(0), number(1), number(2), number(3)};
  return std::isnan(extent.minX) ? std::nullopt : std::optional(extent);
}

}  // namespace wfc::move
