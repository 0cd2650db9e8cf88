// Collects the reports of one run of the compiler, in whatever order they are found.
//
//   emitter.report(range, diag::UnboundInput{.input = name, .task = task});
//
// The structs are generated from compiler/diag/catalog/*.toml. The same text at the same place is
// kept once. Which reports the user sees, and how, is decided later by present() and render().
#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/range.h"

namespace wfc::diag {

class Emitter {
 public:
  /// Reports `d`, a struct of the catalogue, at a range (which may be nowhere). `more` are places
  /// beyond those the entry names, for what has many: the steps of a loop, say.
  template <class D>
  void report(source::Range at, D d, std::vector<Label> more = {}) {
    Diagnostic diagnostic = std::move(d).build(at);
    for (Label& label : more) diagnostic.labels.push_back(std::move(label));
    add(std::move(diagnostic));
  }

  /// Takes over a report that is already built, as from another emitter.
  void add(Diagnostic diagnostic);

  /// Silences warnings and notes of this name (or id) from now on, wherever they are.
  void allow(std::string name) { allowed_.insert(std::move(name)); }

  /// True if something is reported at a place that touches this one.
  bool isReported(source::Range at) const;

  /// How many reports came so far, those among them that are silenced or were told before.
  size_t countAdded() const { return added_; }

  bool hasErrors() const { return errors_ != 0; }
  size_t errorCount() const { return errors_; }
  bool empty() const { return diagnostics_.empty(); }

  /// All reports, sorted by file and position; the emitter is empty afterwards, but still knows
  /// whether there were errors.
  std::vector<Diagnostic> take();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::unordered_set<std::string> seen_;
  std::unordered_set<std::string> allowed_;
  size_t errors_ = 0;
  size_t added_ = 0;
};

}  // namespace wfc::diag
