// The door to what reads documents of Rocoto.
#include "targets/rocoto/foreign/foreign.h"

#include "targets/rocoto/rocoto.h"

namespace wfc::targets::rocoto {

const target::Foreign* Rocoto::foreign() const {
  static const foreign::Documents kDocuments;
  return &kDocuments;
}

namespace foreign {

bool Documents::reads(llvm::StringRef path, llvm::StringRef text) const {
  return path.ends_with(".xml") || text.contains("<workflow");
}

}  // namespace foreign
}  // namespace wfc::targets::rocoto
