// See device.h.
#include "runtime/torch/device.h"

#include <ATen/Parallel.h>

#include "runtime/beside/given.h"
#include "runtime/beside/problem.h"

namespace wfc::learn {

using namespace beside;

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
  if (device.place.is_cuda() && !isFull) device.products = at::kBFloat16;
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setFlushDenormal(true);
  return device;
}

}  // namespace wfc::learn
