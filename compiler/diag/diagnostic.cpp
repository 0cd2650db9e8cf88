// Names and order of reports.
#include "compiler/diag/diagnostic.h"

#include <tuple>

#include "compiler/base/assert.h"

namespace wfc::diag {

std::string_view toString(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      return "note";
  }
  WFC_UNREACHABLE("no such severity");
}

bool isBefore(const Diagnostic& a, const Diagnostic& b) {
  return std::tie(a.at.file, a.at.begin, a.at.end, a.id, a.text) <
         std::tie(b.at.file, b.at.begin, b.at.end, b.id, b.text);
}

}  // namespace wfc::diag
