// Elastic weight consolidation: what earlier windows need of the weights is held where it is, the
// more the more they need it.
//
// Kirkpatrick et al. 2017, eq. 3: L(θ) = L_B(θ) + Σᵢ λ/2 Fᵢ (θᵢ − θ*ᵢ)², with θ* the weights after
// the earlier window A and F the diagonal of the Fisher information there. Over many windows one F
// is kept, in which the earlier ones fade (Schwarz et al. 2018, section 4).
#pragma once

#include <functional>

#include "runtime/torch/tensors.h"

namespace wfc::learn {

/// Σᵢ λ/2 Fᵢ (θᵢ − θ*ᵢ)².
Tensor consolidation(const Tensor& theta, const Tensor& anchor, const Tensor& fisher,
                     double lambda);

/// The diagonal of the Fisher information of a network whose output is the mean of a normal
/// distribution: the mean over samples of the squared slope of log p(y | x, θ), with y drawn from
/// that distribution. By the number of outputs, so that it is on the scale of a mean squared error.
/// `outputOf` gives the output for a sample.
Tensor fisherOf(const Tensor& theta, int64_t samples, uint64_t seed,
                const std::function<Tensor(const Tensor& theta, int64_t sample)>& outputOf);

}  // namespace wfc::learn
