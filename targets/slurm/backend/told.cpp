// See told.h.
#include "targets/slurm/backend/told.h"

#include <algorithm>
#include <cstdint>
#include <sys/stat.h>

#include <llvm/ADT/StringRef.h>

#include "runtime/ledger/folder.h"
#include "targets/slurm/backend/calls.h"

namespace wfc::slurm {

namespace {

/// The output of the batch script that hands over to us.
constexpr const char* kOwnLog = "/proc/self/fd/2";

}  // namespace

OwnEnd::OwnEnd() : logFrom_(SIZE_MAX) {
  struct stat log{};
  if (::stat(kOwnLog, &log) == 0 && S_ISREG(log.st_mode))
    logFrom_ = static_cast<size_t>(log.st_size);
}

/// The state that slurmstepd names before it ends the job; empty: it said nothing.
std::string OwnEnd::stateInLog() const {
  if (logFrom_ == SIZE_MAX) return {};
  std::string text = run::readFile(kOwnLog).value_or("");
  llvm::StringRef said = llvm::StringRef(text).substr(std::min(logFrom_, text.size()));
  constexpr std::pair<llvm::StringRef, llvm::StringRef> kWords[] = {
      {"DUE TO PREEMPTION ***", "PREEMPTED"},
      {"DUE TO JOB REQUEUE ***", "REQUEUED"},
      {"DUE TO NODE FAILURE", "NODE_FAIL"},
      {"DUE TO TIME LIMIT ***", "TIMEOUT"}};
  size_t at = said.find("*** JOB ");
  if (at == llvm::StringRef::npos) return {};
  llvm::StringRef line = said.drop_front(at).take_until([](char c) { return c == '\n'; });
  for (auto [words, state] : kWords) {
    if (line.contains(words)) return state.str();
  }
  return {};
}

Cause OwnEnd::cause(const std::string& run) const {
  std::string state = stateInLog();
  return causeOf(state.empty() ? Calls(run).endingStateOfOwn() : state);
}

}  // namespace wfc::slurm
