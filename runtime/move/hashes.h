// BLAKE3 of many small files at once.
//
// Alone, a small file leaves most lanes of a processor empty: its last, short chunk takes as long
// as sixteen of them side by side. So files wait here until their chunks fill the lanes.
#pragma once

#include <cstddef>
#include <vector>

#include <llvm/ADT/ArrayRef.h>

#include "runtime/move/stream.h"

namespace wfc::move {

/// Bytes in memory, and where their hash goes.
struct Hashed {
  llvm::ArrayRef<uint8_t> bytes;
  Digest* digest;
};

/// The hash of each, side by side where the processor can.
void hashAll(llvm::ArrayRef<Hashed> files);

/// Small files on their way: each is read into this memory, and hashed with those before it.
class Hashes {
 public:
  /// Room for a file of a block and a byte at most, good until the next is asked for.
  uint8_t* room(size_t size);
  /// The first `size` bytes there are a file. `digest` has its hash once all is finished.
  void add(size_t size, Digest& digest);
  void finish();

 private:
  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(kBlock + 1);
  std::vector<Hashed> waiting_;
  size_t used_ = 0;
};

}  // namespace wfc::move
