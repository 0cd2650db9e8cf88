// What the check tells of the places of a text, for who answers questions about them: an editor.
//
// All of it is found on the way to the module; nothing is worked out for the watcher alone, and a
// check without one does no more than before. The same place may be told several times: a flow that
// is called twice is looked at twice.
#pragma once

#include <cstddef>
#include <string>

#include "llvm/ADT/ArrayRef.h"

#include "compiler/ir/module.h"
#include "compiler/source/range.h"

namespace wfc::check {

/// Flows are numbered: 0 is the one whose module the check returns, the others follow in order.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// The name at `at` stands for what is declared at `declaredAt`.
  virtual void onName(source::Range at, source::Range declaredAt) = 0;
  /// What stands at `at` has a type of the module of `flow`; it may be a set of such elements.
  virtual void onType(source::Range at, size_t flow, ir::TypeId type, bool isSet) = 0;
  /// What is bound at `at` is a family of the module of `flow`.
  virtual void onFamily(source::Range at, size_t flow, ir::FamilyId family) = 0;
  /// The name at `at` is none of those that may stand there.
  virtual void onUnknown(source::Range at, llvm::ArrayRef<std::string> known) = 0;
  /// The module of a flow after the first one is done.
  virtual void onModule(size_t flow, ir::Module module) = 0;
};

}  // namespace wfc::check
