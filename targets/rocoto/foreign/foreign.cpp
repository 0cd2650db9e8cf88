// The door to what reads documents of Rocoto.
#include "targets/rocoto/foreign/foreign.h"

#include "compiler/diag/catalog/audit.h"

#include "targets/rocoto/foreign/xml.h"
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

std::optional<target::Imported> Documents::import(const target::Reading& reading) const {
  for (source::FileId file : reading.files)
    reading.emitter.report({file, 0, 0},
                           diag::CannotImport{.what = "documents of Rocoto yet", .why = {}});
  return std::nullopt;
}

std::vector<target::Difference> Documents::compare(const target::Reading&, const ir::Module&,
                                                   const target::Artifacts&) const {
  return {};
}

}  // namespace foreign
}  // namespace wfc::targets::rocoto
