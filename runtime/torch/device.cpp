// See device.h.
#include "runtime/torch/device.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/api/include/torch/version.h>

#include "runtime/beside/given.h"
#include "runtime/beside/problem.h"

namespace wfc::learn {

using namespace beside;

namespace {

void switchMixed(bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCUDA, on);
#else
  at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  at::autocast::set_enabled(on);
#endif
}

}  // namespace

std::vector<base::Flag> deviceFlags() {
  return {{"--device", "NAME", "auto (a GPU if there is one), cpu or cuda"},
          {"--precision", "HOW", "auto (products in 16 bits on a GPU) or full"},
          {"--threads", "N",
           "at most so many at once; $OMP_NUM_THREADS, or as many as there are processors"}};
}

Device deviceOf(const base::Given& given) {
  std::string name = wordOf(given, "--device", {"auto", "cpu", "cuda"});
  bool isFull = wordOf(given, "--precision", {"auto", "full"}) == "full";
  at::set_num_threads(static_cast<int>(threadsOf(given)));
  Device device;
  if (name == "cuda" && !at::hasCUDA())
    throw Problem{{},
                  "there is no GPU that this libtorch can use",
                  "--device cpu, or a wfr-torch built with -DWFC_TORCH=… of a PyTorch with CUDA"};
  if (name != "cpu" && at::hasCUDA()) device.place = at::Device(at::kCUDA);
  device.mixed = device.place.is_cuda() && !isFull;
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setFlushDenormal(true);
  return device;
}

Mixed::Mixed(const Device& device) : on_(device.mixed) {
  if (!on_) return;
  at::autocast::increment_nesting();
  switchMixed(true);
}

Mixed::~Mixed() {
  if (!on_) return;
  switchMixed(false);
  // Weights that were made smaller are kept for as long as they stay the same.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}

}  // namespace wfc::learn
