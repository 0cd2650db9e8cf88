// Secrets whose files lie in the memory of the wrapper on this node, for ranks on others: what is
// in them goes to the seats over the line that the scheduler made, and each seat keeps files of its
// own.
#pragma once

#include <map>
#include <string>

#include "runtime/attempt/secrets.h"

namespace wfc::supervise {

/// The lead's side: what has changed since it was last asked, as orders `secret NAME BASE64`.
class SecretsToSend {
 public:
  SecretsToSend();
  unsigned count() const { return static_cast<unsigned>(sent_.size()); }
  std::string orders();

 private:
  std::map<std::string, std::string> sent_;
};

/// The seat's side.
class SecretsToKeep {
 public:
  /// `NAME BASE64`, of an order.
  void take(llvm::StringRef words);
  unsigned count() const { return static_cast<unsigned>(files_.size()); }
  void addTo(run::Environment& env) const;

 private:
  std::map<std::string, run::MemoryFile> files_;
};

}  // namespace wfc::supervise
