// The account as a page: the template, with the JSON in the place it keeps for it.
#include <llvm/ADT/StringRef.h>

#include "runtime/report/report.h"
#include "runtime/report/template.h"

namespace wfc::run {

namespace {

/// Instances that a page tells one by one: more would make it slow to open.
constexpr size_t kMost = 5000;

}  // namespace

std::string reportPage(const RunView& view) {
  std::string data;
  llvm::raw_string_ostream stream(data);
  writeReport(stream, view, kMost);
  // Inside a script nothing may look like its end.
  std::string safe;
  for (char c : data) safe += c == '<' ? "\\u003c" : std::string(1, c);
  llvm::StringRef page(kReportTemplate);
  auto [before, after] = page.split("/*DATA*/");
  return before.str() + safe + after.str();
}

}  // namespace wfc::run
