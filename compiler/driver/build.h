// Building artifacts, for `wfc build` and `wfc run`.
#pragma once

#include "compiler/driver/recipe.h"

namespace wfc::driver {

/// A legal module and its artifacts.
struct Built {
  ir::Module module;
  target::Artifacts artifacts;
  /// The module's files by the names they were read by; its own are relative to the project.
  std::vector<std::string> sources;
};

/// Compiles and emits, and keeps both; nullopt, with reports, if something was wrong.
std::optional<Built> makeBuilt(Session& session, const std::string& path, const Choice& choice,
                               const std::string& folder);

/// Compiles and emits; nullopt, with reports, if something was wrong. `folder` is where the
/// artifacts will lie.
std::optional<target::Artifacts> makeArtifacts(Session& session, const std::string& path,
                                               const Choice& choice, const std::string& folder);

/// The hash of all artifacts, as their manifest says it; empty where it says none.
std::string hashOf(const target::Artifacts& artifacts);

/// Writes the artifacts, each only if its text changed, and removes scripts and tables that an
/// earlier build left there.
bool writeArtifacts(Session& session, const target::Artifacts& artifacts,
                    const std::string& folder);

}  // namespace wfc::driver
