// See ewc.h.
#include "runtime/torch/ewc.h"

#include <cmath>

#include "runtime/torch/parameters.h"

namespace wfc::learn {

Tensor consolidation(const Tensor& theta, const Tensor& anchor, const Tensor& fisher,
                     double lambda) {
  return (fisher * (theta - anchor).square()).sum() * (lambda / 2);
}

Tensor fisherOf(const Tensor& theta, int64_t samples, uint64_t seed,
                const std::function<Tensor(const Tensor& theta, int64_t sample)>& outputOf) {
  Tensor total = at::zeros_like(theta);
  for (int64_t n = 0; n < samples; ++n) {
    Tensor point = theta.detach().clone().set_requires_grad(true);
    Tensor output = outputOf(point, n);
    // log p = −|y − f(θ)|²/2 + …; with y = f + ε its slope is that of ε · f(θ).
    Tensor noise = at::empty(output.sizes(), at::kFloat);
    noise.normal_(0, 1, chancesOf(seed, 2, static_cast<uint64_t>(n)));
    (output * noise.to(output.device())).sum().backward();
    total += point.grad().square() / static_cast<double>(output.numel());
  }
  return total / static_cast<double>(samples);
}

}  // namespace wfc::learn
