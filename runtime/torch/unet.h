// A small U-Net (Ronneberger et al. 2015): fields go down by halves, and up again beside what was
// there on the way down.
//
// It tells the change from one moment to the next; untrained it says that there is none. Any grid
// fits: on the way up a field takes the size of the one beside it, and the channels of both are
// what the next layer expects.
#pragma once

#include <string>
#include <vector>

#include "runtime/torch/parameters.h"

namespace wfc::learn {

struct UnetSettings {
  int64_t variables = 1;
  /// Channels at the top; twice as many at each level below.
  int64_t width = 16;
  /// How often fields are halved.
  int64_t depth = 2;
  /// The last column is a neighbour of the first.
  bool around = false;
  bool operator==(const UnetSettings&) const = default;
};

class Unet {
 public:
  explicit Unet(const UnetSettings& settings);
  const Parameters& parameters() const { return parameters_; }
  Tensor initial(uint64_t seed) const { return parameters_.initial(seed, "head"); }
  /// [sample, variable, row, column] a step later.
  /// Computes in the type of `flat`; what it tells is in 32 bits.
  Tensor forward(const Tensor& flat, const Tensor& now) const;

 private:
  /// Two convolutions of 3 x 3.
  struct Block {
    size_t first = 0, second = 0;
  };
  Block addBlock(const std::string& name, int64_t in, int64_t out);
  Tensor convolve(const std::vector<Tensor>& weights, size_t number, const Tensor& x) const;
  Tensor pass(const std::vector<Tensor>& weights, const Block& block, const Tensor& x) const;

  UnetSettings settings_;
  Parameters parameters_;
  std::vector<Block> down_, up_;
  size_t head_ = 0;
};

}  // namespace wfc::learn
