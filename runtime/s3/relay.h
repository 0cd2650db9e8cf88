// From one store to another, object by object.
//
// Where both are one store, and the hash of an object is known, the store is asked to copy it, and
// no byte comes here. All others come into a folder of this machine, verified as every copy from a
// store is, and go on from there in parts. A killed attempt finds both again: the folder has its
// name by the two addresses.
#pragma once

#include "runtime/s3/there.h"
#include "runtime/s3/upload.h"

namespace wfc::s3 {

/// Where the objects come from.
struct Origin {
  Store& store;
  const Address& address;
  const There& there;
  const move::Tree& tree;
};

class Relay {
 public:
  /// `isOneStore`: the one can be asked for what lies in the other.
  Relay(Origin from, Store& to, const Address& destination, bool isOneStore);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Brings the object of a node to a key, as `upload` does for a file.
  bool send(uint32_t node, const std::string& key, uint64_t partSize, Uploaded& done);
  /// Whether an object has the bytes of the node, as far as a tag that is an MD5 tells.
  bool hasTag(uint32_t node, uint64_t size, const std::string& tag) const;

 private:
  bool ask(uint32_t node, const std::string& key, Uploaded& done, bool& isRefused);
  bool carry(uint32_t node, const std::string& key, uint64_t partSize, Uploaded& done);
  bool openFolder();
  std::string tagOf(uint32_t node) const;

  const Origin from_;
  Store& to_;
  std::atomic<bool> isAsked_;
  std::mutex mutex_;
  std::string folderPath_;
  move::Fd folder_;
};

}  // namespace wfc::s3
