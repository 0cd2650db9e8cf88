// The parts of an audit. Each looks at one side of a document and reports what it finds there.
#pragma once

#include <set>
#include <typeinfo>

#include "compiler/diag/catalog/audit.h"

#include "targets/rocoto/foreign/document.h"

namespace wfc::targets::rocoto::foreign {

/// What the parts share: the document, and which places were reported already: what a metatask
/// multiplies is said once.
class Audit {
 public:
  Audit(const target::Reading& reading, const Document& document)
      : reading(reading), document(document) {}

  template <class D>
  void report(source::Range at, D d, std::vector<diag::Label> more = {}) {
    if (said_.insert({typeid(D).hash_code(), at}).second)
      reading.emitter.report(at, std::move(d), std::move(more));
  }
  /// The reference to the entity that brought in a byte of the text, as a label.
  static std::vector<diag::Label> usedAt(const Text& text, size_t byte);

  const target::Reading& reading;
  const Document& document;

 private:
  std::set<std::pair<size_t, source::Range>> said_;
};

/// Tags, attributes and their values, as the grammars that Rocoto validates with have them.
void auditGrammar(Audit& audit);
/// Metatasks and their variables.
void auditMetatasks(Audit& audit);
/// Cycledefs, and groups that tasks name.
void auditCycles(Audit& audit);
/// Names of tasks and what dependencies name.
void auditNames(Audit& audit);
/// What can never run, at some cycle or at all.
void auditOrder(Audit& audit);
/// Cycle strings and what shells make of them.
void auditStrings(Audit& audit);
/// Resources, options of the scheduler, and the site.
void auditResources(Audit& audit);

/// `did you mean …?`, or empty.
std::string nearest(llvm::StringRef name, const std::vector<std::string>& known);

}  // namespace wfc::targets::rocoto::foreign
