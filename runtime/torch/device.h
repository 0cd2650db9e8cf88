// Where tensors are worked on, and in which precision.
#pragma once

#include <vector>

#include "compiler/base/words.h"

#include "runtime/torch/tensors.h"

namespace wfc::learn {

struct Device {
  at::Device place{at::kCPU};
  /// Products in 16 bits, sums and weights in 32: on a GPU only.
  bool mixed = false;
};

/// `--device`, `--precision` and `--threads`; makes libtorch deterministic by the seed.
Device deviceOf(const base::Given& given);

/// The flags that it reads.
std::vector<base::Flag> deviceFlags();

/// While it lives, products are in 16 bits where the device says so (libtorch's autocast).
class Mixed {
 public:
  explicit Mixed(const Device& device);
  ~Mixed();
  Mixed(const Mixed&) = delete;
  Mixed& operator=(const Mixed&) = delete;

 private:
  bool on_ = false;
};

}  // namespace wfc::learn
