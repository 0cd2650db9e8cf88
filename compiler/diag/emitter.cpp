// Collecting, and the order of what was collected.
#include "compiler/diag/emitter.h"

#include <algorithm>

#include <fmt/core.h>

namespace wfc::diag {

namespace {
// A hostile file may hold a mistake per byte. What is not kept is still counted.
constexpr size_t kKept = 20000;
}  // namespace

void Emitter::add(Diagnostic diagnostic) {
  ++added_;
  bool isError = diagnostic.severity == Severity::Error;
  if (!isError && (allowed_.contains(std::string(diagnostic.name)) ||
                   allowed_.contains(std::string(diagnostic.id)))) {
    return;
  }
  if (diagnostics_.size() < kKept) {
    const source::Range& at = diagnostic.at;
    if (!seen_.insert(fmt::format("{} {} {}", at.file, at.begin, diagnostic.text)).second) return;
    diagnostics_.push_back(std::move(diagnostic));
  }
  if (isError) ++errors_;
}

bool Emitter::isReported(source::Range at) const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& known) {
    return known.at.file == at.file && known.at.begin < at.end && at.begin < known.at.end;
  });
}

std::vector<Diagnostic> Emitter::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(), isBefore);
  seen_.clear();
  return std::exchange(diagnostics_, {});
}

}  // namespace wfc::diag
