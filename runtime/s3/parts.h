// An upload in parts. Beside the object lies a note, `.NAME.wfr-part`, with the id of the upload
// and the hash of the file: a killed one is found by it, what the store lists of its parts is
// compared with the file, and only the rest is sent.
#pragma once

#include "runtime/s3/store.h"

namespace wfc::s3 {

struct Parts {
  Store& store;
  std::string key;
  int fd;
  uint64_t size, partSize;

  size_t count() const { return static_cast<size_t>((size + partSize - 1) / partSize); }
  uint64_t lengthOf(size_t part) const { return std::min(partSize, size - part * partSize); }
};

/// As large as asked, or larger, for not too many.
uint64_t partSizeOf(uint64_t size, uint64_t asked);

/// Sends what is not there, and makes the object of all; `shas` are of the parts, `metadata` the
/// object's.
bool sendParts(const Parts& parts, const move::Digest& hash, const Headers& metadata,
               const std::vector<std::string>& shas, std::string& etag);

}  // namespace wfc::s3
