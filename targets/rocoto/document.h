// The text of workflow.xml, and of the entities that belong to a run.
#pragma once

#include <map>
#include <string>

#include "compiler/target/target.h"

#include "targets/rocoto/outline.h"

namespace wfc::targets::rocoto {

std::string documentText(const run::Engine& engine, const Outline& outline,
                         const target::Origin& origin);

/// What the entities of a run say.
struct Entities {
  std::string run, wfr;
  /// Resolved accounts by reference.
  std::map<std::string, std::string> accounts;
  /// Cycles that may be active at once.
  uint64_t throttle = 1;
  /// Needs that differ from placedNeeds, by family.
  std::map<uint32_t, run::Needs> needs;
};

/// run.ent. Lists of members as the engine knows them.
std::string entitiesText(const run::Engine& engine, const Outline& outline,
                         const Entities& entities);

/// The metatask of a family whose members are found at run time: found/FAMILY.xml.
std::string foundText(const run::Engine& engine, const Outline& outline, uint32_t family);
std::string foundPath(const Shape& shape);

/// `jobs/FAMILY.sh`
std::string scriptPath(const Shape& shape);

/// Resources as they stand in the document, as one text: equal where one submission fits both.
std::string needsText(const run::Plan& plan, uint32_t family, const run::Needs& needs);

}  // namespace wfc::targets::rocoto
