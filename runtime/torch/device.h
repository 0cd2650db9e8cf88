// Where tensors are worked on, and in which precision.
#pragma once

#include <vector>

#include "compiler/base/words.h"

#include "runtime/torch/tensors.h"

namespace wfc::learn {

struct Device {
  at::Device place{at::kCPU};
  /// Of products: 16 bits on a GPU where that was not refused. Sums and the weights that are kept
  /// have 32; a network computes in the type of the weights that it is given.
  at::ScalarType products = at::kFloat;
};

/// `--device`, `--precision` and `--threads`; makes libtorch deterministic by the seed.
Device deviceOf(const base::Given& given);

/// The flags that it reads.
std::vector<base::Flag> deviceFlags();

}  // namespace wfc::learn
