// Where this back end keeps its own things in a run's folder, and two small questions about
// folders.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/StringRef.h>

namespace wfc::slurm {

/// RUN/ledger/calls: how often the scheduler was asked, one file a process.
std::string callsFolder(const std::string& run);
/// RUN/ledger/jobs: which submission carries which instances, one file an appender.
std::string jobsFolder(const std::string& run);
/// RUN/jobs: the scripts, copied from the artifacts, so that a later build does not change a run.
std::string scriptsFolder(const std::string& run);
/// `RUN/jobs/model.sbatch`
std::string scriptOf(const std::string& run, llvm::StringRef family);
/// What the scheduler said last time when it refused the jobs of a family, or of a pool; empty: it
/// takes them. For whoever asks why they wait.
void noteRefusal(const std::string& run, llvm::StringRef name, const std::string& why);
std::string refusalOf(const std::string& run, llvm::StringRef name);
/// Paths of the files in a folder, sorted by name; hidden ones left out.
std::vector<std::string> filesIn(const std::string& folder);
/// A family's name as the emitter writes it into file names: `/` is a dot, other bytes outside
/// [A-Za-z0-9._+-] are percent-encoded.
std::string plainName(llvm::StringRef name);

}  // namespace wfc::slurm
