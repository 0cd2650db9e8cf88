// Answers as NVML does, of two GPUs: the first is half busy, the second always.
#include <cstring>

struct Utilization {
  unsigned gpu, memory;
};
struct Memory {
  unsigned long long total, free, used;
};
static int gpus[2] = {1, 2};

extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  if (index > 1) return 2;
  *device = &gpus[index];
  return 0;
}
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  if (std::strcmp(uuid, "GPU-2") != 0) return 6;
  *device = &gpus[1];
  return 0;
}
int nvmlDeviceGetUtilizationRates(void* device, Utilization* use) {
  *use = {static_cast<unsigned>(50 * *static_cast<int*>(device)), 0};
  return 0;
}
int nvmlDeviceGetMemoryInfo(void* device, Memory* memory) {
  memory->used = static_cast<unsigned long long>(*static_cast<int*>(device)) << 30;
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 300000;
  return 0;
}
}
