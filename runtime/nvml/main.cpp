// wfr-nvml: what the GPUs of this machine are doing, told again and again until nobody listens.
//
//   wfr-nvml EVERY_MS GPU…
//
// A GPU is a number or a UUID. Each round is a line for each GPU, `GPU BUSY MEMORY POWER` (percent,
// bytes in use, mW), and a line `end`. The library comes with NVIDIA's driver and is opened when we
// run, so we are built without it; where there is none we end at once. A program of its own,
// because `wfr` is static and cannot open one.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <string>
#include <vector>

namespace {

// As nvml.h declares them, which have not changed since its first versions.
using Device = void*;
struct Utilization {
  unsigned gpu, memory;
};
struct Memory {
  unsigned long long total, free, used;
};
constexpr int kNoDriver = 3;

class Nvml {
 public:
  /// False, with a word on standard error: there is no library, or no GPU that it knows.
  bool open() {
    library_ = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    if (library_ == nullptr) {
      std::fprintf(stderr, "wfr-nvml: %s\n", dlerror());
      return false;
    }
    bool isWhole = find(init_, "nvmlInit_v2") && find(byIndex_, "nvmlDeviceGetHandleByIndex_v2") &&
                   find(byUuid_, "nvmlDeviceGetHandleByUUID") &&
                   find(busy_, "nvmlDeviceGetUtilizationRates") &&
                   find(memory_, "nvmlDeviceGetMemoryInfo") &&
                   find(power_, "nvmlDeviceGetPowerUsage");
    if (!isWhole) return false;
    int status = init_();
    if (status != 0) std::fprintf(stderr, "wfr-nvml: the driver says no (%d)\n", status);
    return status == 0;
  }

  Device device(const std::string& name) const {
    Device found = nullptr;
    bool isNumber = name.find_first_not_of("0123456789") == std::string::npos;
    int status = isNumber ? byIndex_(static_cast<unsigned>(std::atoi(name.c_str())), &found)
                          : byUuid_(name.c_str(), &found);
    return status == 0 ? found : nullptr;
  }

  /// What one does not tell, some do not tell their power, is 0.
  void print(const std::string& name, Device device) const {
    Utilization busy{};
    Memory memory{};
    unsigned power = 0;
    if (busy_(device, &busy) != 0) busy = {};
    if (memory_(device, &memory) != 0) memory = {};
    if (power_(device, &power) != 0) power = 0;
    std::printf("%s %u %llu %u\n", name.c_str(), busy.gpu, memory.used, power);
  }

 private:
  template <class Function>
  bool find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (function == nullptr) std::fprintf(stderr, "wfr-nvml: the library has no %s\n", name);
    return function != nullptr;
  }

  void* library_ = nullptr;
  int (*init_)() = nullptr;
  int (*byIndex_)(unsigned, Device*) = nullptr;
  int (*byUuid_)(const char*, Device*) = nullptr;
  int (*busy_)(Device, Utilization*) = nullptr;
  int (*memory_)(Device, Memory*) = nullptr;
  int (*power_)(Device, unsigned*) = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: wfr-nvml EVERY_MS GPU…\n");
    return 2;
  }
  Nvml nvml;
  if (!nvml.open()) return kNoDriver;
  int64_t every = std::atoll(argv[1]);
  timespec pause{every / 1000, every % 1000 * 1000000};
  std::vector<std::pair<std::string, Device>> devices;
  for (int n = 2; n < argc; ++n) {
    if (Device device = nvml.device(argv[n])) devices.emplace_back(argv[n], device);
  }
  // The one who listens goes, and with it our output.
  while (!devices.empty()) {
    for (const auto& [name, device] : devices) nvml.print(name, device);
    std::printf("end\n");
    if (std::fflush(stdout) != 0) break;
    nanosleep(&pause, nullptr);
  }
  return 0;
}
