// A tree to a store: object by object, then what is too much, then the manifest.
//
// While a folder is copied a mark lies beside its objects, `.wfr-part`; whoever finds it knows that
// the rest is still to come.
#pragma once

#include "runtime/move/report.h"
#include "runtime/s3/relay.h"

namespace wfc::s3 {

struct PushOptions {
  uint64_t partSize;
  /// The destination is in use: what is not in the source may stay, and no mark is made.
  bool isSync = false;
  /// Brings the objects, where the tree lies in a store too.
  Relay* relay = nullptr;
};

/// Makes what lies at `to` equal to the tree. A destination that has the same content already is
/// good, and left alone; another one is refused, unless it is to be replaced.
bool push(Store& store, const move::Tree& from, const Address& to, const PushOptions& options,
          move::Summary& summary);

/// Whether all of a tree lies there, by the hashes; what does not is a problem.
bool holds(Store& store, const move::Tree& from, const Address& to);

}  // namespace wfc::s3
