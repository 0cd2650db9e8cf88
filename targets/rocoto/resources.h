// Needs in Rocoto's own elements. Facts: `queue` is the QOS, `partition` the partition; one field
// of a walltime is seconds to Rocoto and minutes to sbatch, so it always has three; memory needs
// its unit; what has no element is a line of `native`.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::targets::rocoto {

/// An element of a task and its text; `key` is that of its entity, where it differs by member.
struct Resource {
  std::string element, key, text;
};

/// Everything of a family that its needs ask of the scheduler, in the order of the document.
std::vector<Resource> resourcesOf(const run::Plan& plan, uint32_t family, const run::Needs& needs);
/// The reference to the account of a family, `@env:NAME` or a name; empty: none.
std::string accountOf(const ir::Module& module, uint32_t family);

}  // namespace wfc::targets::rocoto
