// What scripts and the script that submits them amount to: jobs, their order, and what surrounds
// their bodies. The import writes it as a flow, and the comparison holds what was built against it.
#pragma once

#include "targets/slurm/foreign/chain.h"
#include "targets/slurm/foreign/wants.h"

namespace wfc::targets::slurm::foreign {

struct Node {
  std::string name;  ///< of the task in the flow
  Job job;
  Wants wants;
  std::optional<Indices> indices;
  source::Range at;
  std::vector<std::string> before;  ///< lines that stand before the body
  std::string body;                 ///< the script behind its directives
  struct After {
    size_t node = 0;
    enum How : uint8_t { Ok, Ended, SameIndex } how = Ok;
    bool operator==(const After&) const = default;
  };
  std::vector<After> after;
};

struct Plan {
  std::vector<Node> nodes;
  std::vector<Refusal> refusals;
  std::vector<std::string> files;  ///< what was read, by name
};

/// `library` and what it read must outlive the plan; so must `chains`, whose options it points
/// into.
Plan planOf(const target::Reading& reading, Library& library, std::vector<Chain>& chains);

/// The name of the variable that carries the index of an array.
constexpr llvm::StringRef kIndexName = "slurm_array_index";

}  // namespace wfc::targets::slurm::foreign
