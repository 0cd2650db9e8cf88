// What a person means by `model[2025-06..]:failed`: which instances of a run. One small language
// for all verbs.
//
//   model                      the family, or all families of the task
//   model[2025-03-02]          an instance
//   wet[a12,*], wet[a*]        `*` and `?`; indices that are not written are all
//   model[2025-01..2025-03]    a range of keys, from either end too; its last key counts, and what
//                              begins with it
//   *:failed, model:timed_out  of those, the ones in that state
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::run {

/// A range or a pattern for one index.
struct IndexWish {
  std::string from, to;  ///< of a pattern: `from` alone
  bool isRange = false;
  bool matches(llvm::StringRef key) const;
};

struct Selector {
  std::string text;
  std::string name;
  std::vector<IndexWish> indices;
  std::string state;  ///< empty: any

  /// Empty, or what is wrong with the text.
  static std::string parse(llvm::StringRef text, Selector& selector);
  bool matchesFamily(const ir::Module& module, const ir::Family& family) const;
  /// The state apart.
  bool matchesKeys(llvm::ArrayRef<std::string> keys) const;
};

/// The words for states, causes among them.
llvm::ArrayRef<llvm::StringRef> selectorStates();

/// Its outcome, a cause, or where it stands before that, fits the word.
bool hasState(const Instance& instance, llvm::StringRef state);

/// The instances that any of the selectors names, in order of text and key. `states` bound all of
/// them; without selectors they stand for `*`. An error, with the nearest name, where one names
/// nothing; none is no error where only its state fits nobody.
std::string select(const Engine& engine, llvm::ArrayRef<std::string> selectors,
                   llvm::ArrayRef<std::string> states, std::vector<InstanceId>& found);

/// `model[1,2],score` in two: commas between brackets are the index's.
std::vector<std::string> splitSelectors(llvm::StringRef text);

/// `waiting ready queued running delayed ok no_data failed cancelled skipped`
llvm::StringRef stateName(const Instance& instance);

}  // namespace wfc::run
