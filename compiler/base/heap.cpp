// See heap.h. The C library's heap grows by a few pages at a time, too little for a large page to
// fit; so it is grown once, marked, and given back to the library without being touched.
#include "compiler/base/heap.h"

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <sys/mman.h>

namespace wfc::base {

void expectHeap(size_t bytes) {
  constexpr uintptr_t kLarge = uintptr_t{1} << 21;
  // Kept in the heap proper, and not returned to the system when it is freed.
  ::mallopt(M_MMAP_THRESHOLD, INT_MAX);
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
  void* room = std::malloc(bytes);
  if (!room) return;
  uintptr_t begin = (reinterpret_cast<uintptr_t>(room) + kLarge - 1) & ~(kLarge - 1);
  uintptr_t end = (reinterpret_cast<uintptr_t>(room) + bytes) & ~(kLarge - 1);
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  std::free(room);
}

}  // namespace wfc::base
