// Brings objects to files: each whole, verified by the hash that whoever wrote it recorded, and
// gone on with after a kill.
//
// A large one comes in ranges over several connections. Behind its bytes the unfinished file has a
// table, with the hash of each range that is there; what a killed attempt left is compared with it,
// and only what is not there comes again.
#pragma once

#include "runtime/move/transfer.h"
#include "runtime/s3/address.h"
#include "runtime/s3/store.h"

namespace wfc::s3 {

class ObjectCarrier final : public move::Carrier {
 public:
  /// Of the tree whose root is `address`; its nodes must stay.
  ObjectCarrier(Store& store, const Address& address, const move::Tree& tree);

  move::Moved bring(Work& work, uint32_t node, const move::FileMove& move,
                    move::Digest& digest) override;
  /// The entity tag of each object that was brought, by node.
  const std::vector<std::string>& tags() const { return tags_; }

 private:
  Store& store_;
  const Address address_;
  const move::Tree& tree_;
  std::vector<std::string> tags_;
};

}  // namespace wfc::s3
