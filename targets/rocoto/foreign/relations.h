// What a family waits for, in the words of a flow.
#pragma once

#include "targets/rocoto/foreign/texts.h"

namespace wfc::targets::rocoto::foreign {

/// A wait for a file or an instant.
struct Await {
  std::string text;  ///< `await "/data/@{c.start:%Y%m%d}", age 2min`
  size_t depth = 0;  ///< how many of the family's loops it stands in
};

/// The cycles, or the members, in which a family waits for the same.
struct Branch {
  std::vector<int64_t> times;
  std::vector<const Task*> members;
  /// What tells them from the others; empty: there are no others; nullopt: nothing short.
  std::optional<std::string> condition;
  std::vector<std::string> after;  ///< references, as written behind `after`
  std::vector<Await> awaits;
};

/// What a family waits for; empty, with refusals, where a flow cannot say it.
std::vector<Branch> branchesOf(const Document& document, const FlowOf& flow,
                               const TaskFamily& family, std::vector<Refusal>& refusals);

/// A condition that holds for these cycles of all and no others; empty: for all. nullopt:
/// there is none that somebody would read.
std::optional<std::string> conditionFor(const std::vector<int64_t>& all,
                                        const std::vector<int64_t>& times);

}  // namespace wfc::targets::rocoto::foreign
