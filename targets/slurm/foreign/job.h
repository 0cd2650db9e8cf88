// A job as it will be submitted: a script, and the options of the command line that submits it,
// which win over those of the script.
#pragma once

#include <optional>

#include "compiler/diag/emitter.h"
#include "compiler/site/site.h"

#include "targets/slurm/foreign/script.h"
#include "targets/slurm/foreign/values.h"

namespace wfc::targets::slurm::foreign {

struct Job {
  const Script* script = nullptr;
  const std::vector<Given>* onLine = nullptr;  ///< null: it is not known how it is submitted
  const Script* driver = nullptr;              ///< the script that submits it

  const Given* find(llvm::StringRef option, size_t component = 0) const;
  std::string value(llvm::StringRef option, size_t component = 0) const;
  /// A value that is a whole number; nullopt where it is missing or something else.
  std::optional<int64_t> number(llvm::StringRef option, size_t component = 0) const;
  std::optional<Indices> array() const;
  std::optional<int64_t> nodes(size_t component = 0) const;  ///< the least
  /// How many tasks there are, where the options say.
  std::optional<int64_t> tasks(size_t component = 0) const;
  std::optional<int64_t> tasksPerNode(size_t component = 0) const;
};

/// Where a job's options stand in conflict with each other.
void auditRequest(const Job& job, size_t component, diag::Emitter& emitter);
/// Where it asks for what the site has not.
void auditSite(const Job& job, size_t component, const site::Site& site, diag::Emitter& emitter);
/// The names of its logs.
void auditLogs(const Job& job, diag::Emitter& emitter);
/// What its commands do with the job.
void auditBody(const Job& job, diag::Emitter& emitter);

/// How the script is written: its lines and directives.
void auditScript(const Script& script, const site::Site* site, diag::Emitter& emitter);
/// Options and values; those on a command line may hold variables.
void auditOptions(const std::vector<Given>& given, bool isCommandLine, const site::Site* site,
                  diag::Emitter& emitter);

/// The range and the text of a name as it stands there, `--time` or `-t`.
std::string optionText(const Given& given);

}  // namespace wfc::targets::slurm::foreign
