// What is asked of SLURM behind Rocoto's back: whether an attempt's job still lives, how it ended
// where the attempt left no word, and to cancel what waits when a person stops the run. Where there
// is no SLURM (an interpreter of documents, on one machine) nothing is known of any job.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/control/controller.h"

namespace wfc::rocoto {

/// States of the user's own jobs that slurmctld remembers; nullopt: it does not answer.
std::optional<std::map<std::string, std::string>> jobStates();
bool isOver(llvm::StringRef state);
/// A job's last state, by accounting where slurmctld has forgotten it; empty: unknown.
std::string lastState(const std::string& job, const std::map<std::string, std::string>& states);
/// A waiting job in SLURM's words: `pending (Resources), expected to start …`; empty: unknown.
std::string inQueue(const std::string& job);
void cancel(llvm::ArrayRef<std::string> jobs);
/// The job that this process runs in, or, outside of SLURM, the process itself: `pid 12`.
std::string ownJob();

/// Looks at attempts that the ledger knows to be at work.
class Watcher {
 public:
  explicit Watcher(std::string run) : run_(std::move(run)) {}
  /// The record of its end, by the scheduler's word, if the attempt is dead; nullopt: it lives, or
  /// nobody knows.
  std::optional<run::Record> endOf(const run::Engine& engine, run::InstanceId id, uint32_t attempt);

 private:
  const std::map<std::string, std::string>* states();
  std::string run_;
  bool hasAsked_ = false;
  std::optional<std::map<std::string, std::string>> states_;
  std::string name_, why_;  ///< the texts of the record handed out last
};

}  // namespace wfc::rocoto
