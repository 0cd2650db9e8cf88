// See unet.h.
#include "runtime/torch/unet.h"

#include <fmt/format.h>

namespace wfc::learn {

Unet::Unet(const UnetSettings& settings) : settings_(settings) {
  int64_t in = settings.variables;
  for (int64_t level = 0; level <= settings.depth; ++level) {
    int64_t out = settings.width << level;
    down_.push_back(addBlock(fmt::format("down{}", level), in, out));
    in = out;
  }
  for (int64_t level = settings.depth - 1; level >= 0; --level) {
    int64_t out = settings.width << level;
    // What comes from below, and what was here on the way down.
    up_.push_back(addBlock(fmt::format("up{}", level), in + out, out));
    in = out;
  }
  head_ = parameters_.addConvolution("head", in, settings.variables, 1);
}

Unet::Block Unet::addBlock(const std::string& name, int64_t in, int64_t out) {
  size_t first = parameters_.addConvolution(name + ".first", in, out, 3);
  return {first, parameters_.addConvolution(name + ".second", out, out, 3)};
}

Tensor Unet::convolve(const std::vector<Tensor>& weights, size_t number, const Tensor& x) const {
  const Tensor &weight = weights[number], &bias = weights[number + 1];
  if (weight.size(2) == 1) return at::conv2d(x, weight, bias);
  if (!settings_.around) return at::conv2d(x, weight, bias, 1, 1);
  // West and east are neighbours; beyond the poles there is nothing.
  Tensor wide = at::cat({x.slice(3, -1), x, x.slice(3, 0, 1)}, 3);
  return at::conv2d(wide, weight, bias, 1, {1, 0});
}

Tensor Unet::pass(const std::vector<Tensor>& weights, const Block& block, const Tensor& x) const {
  return at::gelu(convolve(weights, block.second, at::gelu(convolve(weights, block.first, x))));
}

Tensor Unet::forward(const Tensor& flat, const Tensor& now) const {
  std::vector<Tensor> weights = parameters_.viewsOf(flat), beside;
  // Channels beside each other are what the units for products of a GPU read.
  Tensor x = now.to(flat.scalar_type());
  if (x.is_cuda()) x = x.contiguous(at::MemoryFormat::ChannelsLast);
  for (size_t level = 0; level < down_.size(); ++level) {
    // The last row or column of an odd number has a mean of its own.
    if (level > 0) x = at::avg_pool2d(x, 2, 2, 0, true, false);
    x = pass(weights, down_[level], x);
    beside.push_back(x);
  }
  beside.pop_back();
  for (const Block& block : up_) {
    x = at::upsample_nearest2d(x, {beside.back().size(2), beside.back().size(3)});
    x = pass(weights, block, at::cat({x, beside.back()}, 1));
    beside.pop_back();
  }
  return now + convolve(weights, head_, x);
}

}  // namespace wfc::learn
