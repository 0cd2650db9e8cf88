// libtorch, included here only: its headers take seconds, and this one is a third of
// `torch/torch.h`.
//
// What is used are tensors and their slopes, the same from 1.13 to 2.x; layers and optimisers,
// whose interfaces changed, are a few lines each and stand here.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace wfc::learn {

using at::Tensor;

/// Of what is learnt from, kept where it is worked on; what is beyond is read or sent again each
/// time.
constexpr int64_t kHeldBytes = int64_t{2} << 30;

}  // namespace wfc::learn
