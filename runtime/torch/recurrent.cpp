// See recurrent.h.
#include "runtime/torch/recurrent.h"

namespace wfc::learn {

const std::vector<std::string>& recurrences() {
  static const std::vector<std::string> names{"full", "off", "self", "depthwise", "pointwise"};
  return names;
}

Recurrent::Recurrent(const RecurrentSettings& settings) : settings_(settings) {
  int64_t channels = settings.channels;
  drive_ = parameters_.addConvolution("drive", settings.layers, channels, 3);
  bool isAround = settings.recurrence == "full" || settings.recurrence == "depthwise";
  bool isAll = settings.recurrence == "full" || settings.recurrence == "pointwise";
  int64_t side = isAround ? 3 : 1;
  if (settings.recurrence != "off")
    among_ = parameters_.add("among.weight", {channels, isAll ? channels : 1, side, side});
  read_ = parameters_.add("read.weight", {settings.classes, channels});
  parameters_.add("read.bias", {settings.classes});
}

Tensor Recurrent::heard(const std::vector<Tensor>& weights, const Tensor& state) const {
  const Tensor& weight = weights[among_];
  int64_t groups = weight.size(1) == 1 ? settings_.channels : 1;
  return at::conv2d(state, weight, {}, 1, weight.size(2) / 2, 1, groups);
}

Tensor Recurrent::forward(const Tensor& flat, const Tensor& pictures, const Tensor& kept) const {
  std::vector<Tensor> weights = parameters_.viewsOf(flat);
  Tensor driven =
      at::conv2d(pictures.to(flat.scalar_type()), weights[drive_], weights[drive_ + 1], 1, 1);
  Tensor state = at::relu(driven);
  for (int64_t moment = 1; moment < settings_.timesteps && among_ != 0; ++moment)
    state = at::relu(driven + heard(weights, state));
  Tensor means = state.mean({2, 3});
  if (kept.defined()) means = means * kept.to(means);
  return at::linear(means, weights[read_], weights[read_ + 1]).to(at::kFloat);
}

}  // namespace wfc::learn
