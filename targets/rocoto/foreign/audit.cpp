// An audit, part by part.
#include "targets/rocoto/foreign/audit.h"

#include "fmt/format.h"

#include "compiler/base/suggest.h"

#include "targets/rocoto/foreign/foreign.h"

namespace wfc::targets::rocoto::foreign {

std::vector<diag::Label> Audit::usedAt(const Text& text, size_t byte) {
  source::Range use = text.use(byte);
  if (!use.valid() || use == text.at(byte, byte + 1)) return {};
  return {{use, "comes in here"}};
}

std::string nearest(llvm::StringRef name, const std::vector<std::string>& known) {
  auto near = base::suggest(name, known);
  return near ? fmt::format("did you mean `{}`?", *near) : std::string();
}

void Documents::audit(const target::Reading& reading) const {
  for (source::FileId file : reading.files) {
    std::optional<Xml> xml = readXml(reading, file);
    if (!xml) continue;
    Document document = documentOf(file, std::move(*xml));
    Audit audit(reading, document);
    auditGrammar(audit);
    auditMetatasks(audit);
    auditCycles(audit);
    auditNames(audit);
    auditOrder(audit);
    auditStrings(audit);
    auditResources(audit);
  }
}

}  // namespace wfc::targets::rocoto::foreign
