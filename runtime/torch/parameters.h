// The parameters of a network: one flat tensor, and the named shapes that lie in it one after the
// other.
//
// So Adam, elastic weight consolidation and a checkpoint see one tensor, whatever the network is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/torch/tensors.h"

namespace wfc::learn {

struct Shape {
  std::string name;
  std::vector<int64_t> sizes;
  int64_t count() const;
};

class Parameters {
 public:
  /// Another shape at the end; its number.
  size_t add(const std::string& name, std::vector<int64_t> sizes);
  /// A convolution of 3 x 3 or 1 x 1: `NAME.weight` and `NAME.bias`; the number of the weight.
  size_t addConvolution(const std::string& name, int64_t in, int64_t out, int64_t side);
  const std::vector<Shape>& shapes() const { return shapes_; }
  int64_t count() const { return count_; }
  /// Views of a flat tensor; their slopes flow back to it.
  std::vector<Tensor> viewsOf(const Tensor& flat) const;
  /// Weights from a normal distribution as wide as the square root of 2 by what each one sums up
  /// (He et al. 2015, eq. 10), biases zero; those whose name begins with `calm` all zero.
  Tensor initial(uint64_t seed, const std::string& calm) const;

 private:
  std::vector<Shape> shapes_;
  int64_t count_ = 0;
};

/// A generator of chances for one purpose: the same from the same numbers.
at::Generator chancesOf(uint64_t seed, uint64_t purpose, uint64_t number = 0,
                        at::Device place = at::kCPU);

/// 0 … count-1 in an order that the numbers decide.
std::vector<int64_t> shuffled(int64_t count, uint64_t seed, uint64_t number);

}  // namespace wfc::learn
