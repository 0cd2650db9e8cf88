// The jobs of one run: how they are called in Nomad, and what is registered under each name.
//
// All begin with the run's tag, `aurora-1f3c9a2b`, made of the flow's name and a hash of the run's
// folder and birth: two runs never meet, and a run finds its own by prefix.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llvm/Support/JSON.h"

#include "runtime/control/controller.h"
#include "targets/nomad/backend/api.h"

namespace wfc::nomad {

class Jobs {
 public:
  /// `folder` holds the artifacts: the run's own, or those of a later build.
  Jobs(const run::RunView& view, const std::string& folder);

  const std::string& tag() const { return tag_; }
  std::string coordinator() const { return tag_ + "-coordinator"; }
  /// `aurora-1f3c9a2b-model`; needs other than the artifact's have a name of their own.
  std::string idOf(uint32_t family, const run::Needs& needs) const;
  /// What is registered: the artifact's job under this run's name, with these needs.
  llvm::json::Object taskJob(uint32_t family, const run::Needs& needs) const;
  llvm::json::Object coordinatorJob() const;
  /// The families that have a job, as the artifacts have them.
  std::vector<llvm::json::Object> artifactJobs() const;
  /// Why an artifact cannot be read; empty: all can.
  const std::string& wrong() const { return wrong_; }
  /// The same for an attempt and its file, whoever asks: the second dispatch of it finds the first.
  std::string tokenOf(const std::string& instance, uint32_t attempt, const std::string& hash) const;

 private:
  llvm::json::Object named(llvm::json::Object job, const std::string& id) const;
  llvm::json::Object readJob(const std::string& folder, const std::string& stem);
  const run::RunView& view_;
  std::string tag_, wrong_;
  std::vector<std::optional<llvm::json::Object>> jobs_;
  llvm::json::Object coordinator_;
};

/// A job of a run that is not dead.
struct Listed {
  std::string id;
  bool isParameterized = false;
  bool isUnknown = false;  ///< its node does not answer
  bool isQueued = false;   ///< it has no place yet
};
/// All of a run; nullopt: Nomad did not answer.
std::optional<std::vector<Listed>> listJobs(const Api& api, const std::string& tag);

/// Registers it, or changes what is registered under its name.
Answer registerJob(const Api& api, llvm::json::Object job);

}  // namespace wfc::nomad
