// One file to one object: at once, or in parts over several connections, gone on with after a kill.
//
// The store compares each body with the SHA-256 that its request is signed with, and that was taken
// of the bytes whose BLAKE3 stands in the object's metadata. So what lies there is what was read,
// or the store refuses it.
#pragma once

#include "runtime/s3/store.h"

namespace wfc::s3 {

struct Uploaded {
  move::Digest hash{};
  std::string etag;
};

struct Upload {
  move::Fd folder;
  const move::Node& node;
  /// For messages.
  std::string path;
  std::string key;
  uint64_t partSize;
};

/// Puts a file there; false if a problem was noted, or the work is over.
bool upload(Store& store, const Upload& file, Uploaded& done);

/// Reads all of it again from the store.
bool isInStore(Store& store, const std::string& key, const move::Digest& hash);

/// Ends what killed uploads left open below a prefix, and removes their notes; how many there were.
bool cleanUploads(Store& store, const std::string& prefix, unsigned& ended);

}  // namespace wfc::s3
